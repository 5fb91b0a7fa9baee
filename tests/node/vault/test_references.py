"""Links are read in every way in which editors write them, and what a text holds costs no more than its size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.vault import prose
from weal_node.vault.references import Reference, found


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("[[Oak trees]]", Reference("Oak trees")),
        ("[[woods/Oak#Bark|the bark]]", Reference("woods/Oak", "Bark")),
        ("[[#Bark]]", Reference("", "Bark")),
        ("![[Oak#^1a2b]]", Reference("Oak", "^1a2b", embedded=True)),
        ("| [[Oak\\|tree]] |", Reference("Oak")),
        ("[[C#]]", Reference("C#")),
        ("[x](a%20b.md)", Reference("a b.md", wiki=False)),
        ("[x](<a b.md> 'title')", Reference("a b.md", wiki=False)),
        ('[x](../up/b.md#Some%20place "title")', Reference("../up/b.md", "Some place", wiki=False)),
        ("[x](a_(b).md)", Reference("a_(b).md", wiki=False)),
        ("[a [nested] one](b.md)", Reference("b.md", wiki=False)),
        ("[x][key]\n\n[key]: <deep/a b.md>", Reference("deep/a b.md", wiki=False)),
        ("[x](#here)", Reference("", "here", wiki=False)),
    ],
)
def test_each_way_of_writing_a_link(text: str, read: Reference) -> None:
    assert found(text) == (read,)


@pytest.mark.parametrize(
    "text",
    [
        "[x](https://example.org/a.md)",
        "[x](mailto:a@example.org)",
        "[x](//example.org)",
        "[[]]",
        "[^1]: foot",
        "[x] (a.md)",
    ],
)
def test_what_leads_elsewhere_is_none(text: str) -> None:
    assert found(text) == ()


def test_a_note_links_to_notes_and_not_to_the_files_it_shows() -> None:
    assert prose.links("![[tree.png]] ![x](a/tree.jpg) [x](report.pdf) [[v1.2]] [x](b.md) `[y](c.md)` [z](d)") == (
        "v1.2",
        "b.md",
        "d",
    )


@given(st.text(alphabet="[]()<>|#!\\\"' ab.\n", max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert all("\n" not in one.target for one in found(text))


@pytest.mark.parametrize("worst", ["[[", "](", "](<", "[a]:", "](a(", '](a "', "![[a|", "]((((("])
def test_the_worst_text_costs_its_size(worst: str) -> None:
    found((worst * 300_000)[:600_000])  # the suite's own limit is what an endless one meets
