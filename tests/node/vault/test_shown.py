"""Which files a note shows, however it names them."""

import pytest

from weal_node.vault import shown

FILES = shown.Files(
    ["attachments/pic.png", "a/b/deep one.jpg", "a/doc (2).pdf", "Ünder.PNG", "x/same.png", "a/b/c/same.png"]
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("![[pic.png]]", "attachments/pic.png"),
        ("![[attachments/pic.png|300]]", "attachments/pic.png"),
        ("![x](../../attachments/pic.png)", "attachments/pic.png"),
        ("![x](attachments/pic.png 'title')", "attachments/pic.png"),
        ("[d](<deep one.jpg>)", "a/b/deep one.jpg"),
        ("[d](deep%20one.jpg#page=2)", "a/b/deep one.jpg"),
        ("[d](../doc%20(2).pdf)", "a/doc (2).pdf"),
        ("[[doc (2).pdf#page=3]]", "a/doc (2).pdf"),
        ("![[u\u0308nder.png]]", "Ünder.PNG"),
        ("![[same.png]]", "a/b/c/same.png"),
        ('<img alt="" src="deep%20one.jpg">', "a/b/deep one.jpg"),
        ("[p]: deep%20one.jpg", "a/b/deep one.jpg"),
        ("---\ncover: attachments/pic.png\n---\n", "attachments/pic.png"),
        ("![x](https://example.org/pic.png)", ""),
        ("pic.png alone is a word", ""),
        ("![[../../../../etc/passwd]]", ""),
    ],
)
def test_a_reference_finds_its_file(text: str, name: str) -> None:
    found = {FILES.meant("a/b/note.md", one) for one in shown.references(text)} - {""}
    assert found == ({name} if name else set())


@pytest.mark.slow
def test_what_costs_is_bounded() -> None:
    for text in ("](" * 200_000, "[[" * 200_000, "](((" * 100_000, "a:" + " " * 400_000, "](" + " " * 400_000):
        assert len(shown.references(text)) <= shown.MOST
