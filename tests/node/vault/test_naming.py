"""Names from elsewhere: safe on every file system; what had to change is an alias; zip names mean what their packer meant."""

import io
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.vault import archive_names, markdown, naming, topics
from weal_node.vault.place import guarded


@given(st.text(max_size=300))
def test_every_name_gives_a_path_that_the_vault_holds_and_windows_too(name: str) -> None:
    path = naming.note_path(name)
    guarded(Path("/vault"), path)
    for one in path.split("/"):
        assert not set(one) & set('\\:*?"<>|')
        assert one == one.strip(" ")
        assert not one.endswith(".")
        assert one.partition(".")[0].casefold() not in {"con", "nul", "aux", "com1"}
    guarded(Path("/vault"), naming.file_path(name.replace("..", "x") or "x"), ("",))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("What? Why: \"so\".md", "What Why so.md"),
        ("aux.md", "aux_.md"),
        ("Com1.backup.txt", "Com1_.backup.md"),
        ("trailing. .md", "trailing.md"),
        ("???.md", "note.md"),
        ("a/CON/b.MARKDOWN", "a/CON_/b.md"),
        (unicodedata.normalize("NFD", "Übung/Öl.md"), "Übung/Öl.md"),
    ],
)  # fmt: skip
def test_what_a_name_becomes(name: str, path: str) -> None:
    assert naming.note_path(name) == path


@given(st.text(max_size=260).map(lambda name: name.replace("/", "_")), st.sampled_from(
    ["words", "# Head\n\nwords", "---\nmood: x\naliases: [one, two]\n---\nw", "---\r\nalias:\r\n  - one\r\nb: 2\r\n---\r\nw", "---\nopen"]
))  # fmt: skip
def test_a_name_that_changed_is_an_alias_and_nothing_else_is_lost(name: str, text: str) -> None:
    path = naming.note_path(f"{name}.md")
    raw = naming.with_aliases(text.encode(), path, naming.missed(f"{name}.md", path, text.encode()))
    note, before = markdown.read(raw, path), markdown.read(text.encode(), path)
    assert topics.key(name[:150]) == "" or note.broken or topics.key(name)[:100] in "\n".join(topics.names(note))
    assert note.body == before.body
    assert set(before.aliases) <= set(note.aliases)
    assert [line for line in text.splitlines() if ": x" in line or ": 2" in line] == [
        line for line in raw.decode().splitlines() if ": x" in line or ": 2" in line
    ]


def packed(raw: bytes, flags: int = 0, system: int = 3) -> zipfile.ZipInfo:
    """An entry whose name is these bytes, as another program writes it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo("x" * len(raw))
        info.create_system = system
        archive.writestr(info, b"words")
    whole = file.getvalue().replace(b"x" * len(raw), raw)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        return archive.infolist()[0]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (
            unicodedata.normalize("NFD", "Grüße/日本.md").encode(),
            "Grüße/日本.md",
        ),  # macOS: UTF-8 that is not said to be
        ("Grüße.md".encode("cp850"), "Grüße.md"),  # Windows Explorer
        ("Crème brûlée.md".encode("cp437"), "Crème brûlée.md"),
        ("Grüße ä.md".encode("cp1252"), "Grüße ä.md"),
        (b"sub\\deep\\note.md", "sub/deep/note.md"),  # .NET before 4.6.1
        (b"plain.md", "plain.md"),
    ],
)
def test_a_zip_name_is_what_its_packer_meant(raw: bytes, name: str) -> None:
    assert archive_names.name(packed(raw)) == name
