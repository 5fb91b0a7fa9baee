"""Notes as bytes and values: ours change, everything else stays byte for byte."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weal_node.errors import VaultError
from weal_node.records import Note, Visibility
from weal_node.vault import markdown

OBSIDIAN = b"---\naliases: [Mending]   # mine\ncssclass:   wide\ntags:\n  - craft\n---\n# Bicycle\n\nSee [[Tools|my tools]] and #repair.\n"
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).map(str.strip).filter(bool)


def test_a_foreign_note_is_read() -> None:
    note = markdown.read(OBSIDIAN, "a/Bicycle.md")
    assert note.title == "Bicycle"
    assert note.tags == ("craft", "repair")
    assert note.visibility == Visibility.PRIVATE  # what was not written here is not shared unasked
    assert markdown.links(note.body) == ("Tools",)


def test_saving_keeps_foreign_keys_and_comments() -> None:
    note = markdown.read(OBSIDIAN, "Bicycle.md")
    mine = Note("0" * 32, note.path, note.title, note.body, Visibility.PUBLIC, needs=("a spoke",))
    written = markdown.write(mine, OBSIDIAN)
    assert b"aliases: [Mending]   # mine\ncssclass:   wide\ntags:\n  - craft\n" in written
    assert written.endswith(note.body.encode())
    assert markdown.read(written, note.path).needs == ("a spoke",)
    assert markdown.write(mine, written) == written


@given(words, words, words, st.sampled_from(list(Visibility)))
@settings(max_examples=80, deadline=None)
def test_what_is_written_is_read_back(title: str, need: str, body: str, visibility: Visibility) -> None:
    note = Note("1" * 32, "n.md", title, body, visibility, needs=(need,), offers=(title,))
    found = markdown.read(markdown.write(note, None), "n.md")
    assert (found.title, found.needs, found.offers, found.body, found.visibility) == (
        title,
        (need,),
        (title,),
        body,
        visibility,
    )


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_a_note_or_a_named_fault(raw: bytes) -> None:
    for attempt in (raw, b"---\n" + raw + b"\n---\n"):
        try:
            assert markdown.read(attempt, "n.md").path == "n.md"
        except VaultError:
            continue


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"---\ntitle: [open\n---\n", "malformed front matter in line 3"),
        (b"---\ntitle: a\n", "no closing ---"),
        (b"---\n- a\n- b\n---\n", "not a list of keys"),
        (b"---\nvisibility: everyone\n---\n", "visibility must be"),
        (b"---\nneeds: {a: b}\n---\n", "needs must be a list"),
        (b"\xff\xfe", "not UTF-8"),
        (b"x" * (markdown.MAX_NOTE_BYTES + 1), "larger than"),
        (b"---\na: &a [x,x]\nb: &b [*a,*a]\nneeds: [*b,*b]\n---\n", "needs must be a list"),
    ],
)
def test_malformed_notes_say_where_and_what_to_do(raw: bytes, said: str) -> None:
    with pytest.raises(VaultError, match=said) as fault:
        markdown.read(raw, "n.md")
    assert fault.value.hint
