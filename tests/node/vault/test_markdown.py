"""Notes as bytes and values: ours change, everything else stays byte for byte."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.laws import examples
from weal_node.errors import VaultError
from weal_node.records import Note, Visibility
from weal_node.vault import markdown, prose

OBSIDIAN = b"---\naliases: [Mending]   # mine\ncssclass:   wide\ntags:\n  - craft\n---\n# Bicycle\n\nSee [[Tools|my tools]] and #repair.\n"
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).map(str.strip).filter(bool)


def test_a_foreign_note_is_read() -> None:
    note = markdown.read(OBSIDIAN, "a/Bicycle.md")
    assert note.title == "Bicycle"
    assert note.tags == ("craft", "repair")
    assert note.visibility == Visibility.PRIVATE  # what was not written here is not shared unasked
    assert prose.links(note.body) == ("Tools",)


def test_saving_keeps_foreign_keys_and_comments() -> None:
    note = markdown.read(OBSIDIAN, "Bicycle.md")
    mine = Note("0" * 32, note.path, note.title, note.body, Visibility.PUBLIC, needs=("a spoke",))
    written = markdown.write(mine, OBSIDIAN)
    assert b"aliases: [Mending]   # mine\ncssclass:   wide\ntags:\n  - craft\n" in written
    assert written.endswith(note.body.encode())
    assert markdown.read(written, note.path).needs == ("a spoke",)
    assert markdown.write(mine, written) == written


@given(words, words, words, st.sampled_from(list(Visibility)))
@settings(max_examples=examples(80), deadline=None)
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
@settings(max_examples=examples(150), deadline=None)
def test_any_bytes_give_a_note_or_a_named_fault(raw: bytes) -> None:
    for attempt in (raw, b"---\n" + raw + b"\n---\n"):
        try:
            assert markdown.read(attempt, "n.md").path == "n.md"
        except VaultError:
            continue


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ("title: [open\nvisibility: public\n---\n", "malformed front matter in line 3. Mend that line: key: value"),
        ("visibility: public\n", "no closing ---. Add a line with ---"),
        ("- a\n- b\n---\n", "not a list of keys and values. Write key: value"),
        ("created: {{date}}\nid: " + "7" * 32 + "\nvisibility: public\n---\n", "malformed front matter"),
        ("A rule stands above.\n\n---\n", "not a list of keys"),
        ("x: " + "y" * 33_000 + "\n---\n", "larger than 32 KiB"),
    ],
)
def test_front_matter_that_cannot_be_used_loses_no_word_and_shares_none(front: str, said: str) -> None:
    raw = f"---\n{front}# Sun\n\nIt shines on #über.\n".encode()
    note = markdown.read(raw, "n.md")
    assert note.body.encode() == raw
    assert (note.visibility, note.stated, note.title, note.tags) == (Visibility.PRIVATE, True, "Sun", ("über",))
    assert said in note.warnings[0]
    assert "private" in note.warnings[0]
    assert note.id == ("7" * 32 if "7" * 32 in front else "")
    shared = replace(note, id="1" * 32, visibility=Visibility.PUBLIC)  # its person shares it as it stands
    written = markdown.write(shared, raw)
    assert written.endswith(raw)
    assert markdown.read(written, "n.md") == replace(shared, warnings=(), broken=False)


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ("visibility: draft", "visibility must be"),
        ("visibility: [public]", "visibility must be"),
        ("needs: {a: b}", "needs must be a list"),
        ("a: &a [x,x]\nb: &b [*a,*a]\nneeds: [*b,*b]", "needs must be a list"),
        ("tags: [" + ", ".join(f"t{n}" for n in range(40)) + "]", "of 40 tags the first 32"),
        ("licence: All rights reserved", "'All rights reserved' is no licence that Weal knows"),
        ("licence: [MIT]", "no licence that Weal knows"),
    ],
)
def test_a_key_that_cannot_be_used_is_a_warning_and_its_lines_stay(front: str, said: str) -> None:
    raw = f"---\n{front}\n---\n# Sun\n".encode()
    note = markdown.read(raw, "n.md")
    assert (note.visibility, note.title, note.body) == (Visibility.PRIVATE, "Sun", "# Sun\n")
    assert any(said in warning for warning in note.warnings)
    assert len(note.tags) <= markdown.MAX_ENTRIES
    assert f"\n{front}\n".encode() in markdown.write(replace(note, body="# Moon\n", title="Moon"), raw)


def test_a_licence_is_read_kept_and_written_under_the_key_that_is_there() -> None:
    for key in ("licence", "license"):
        raw = f"---\n{key}: CC0-1.0  # all of it\n---\n".encode()
        note = replace(markdown.read(raw, "n.md"), id="1" * 32)
        assert (note.licence, note.warnings) == ("CC0-1.0", ())
        assert f"{key}: CC0-1.0  # all of it\n".encode() in markdown.write(note, raw)
        changed = markdown.write(replace(note, licence="MIT"), raw)
        assert markdown.read(changed, "n.md").licence == "MIT"
        assert changed.count(b"licen") == 1
    assert markdown.read(b"# Sun\n", "n.md").licence == ""


def test_tags_and_aliases_are_read_as_obsidian_reads_them() -> None:
    raw = "---\ntags: alpha, beta\naliases: Sonne, Der Stern\n---\n```sh\n# comment\nls #code\n```\n#über #2024/x #2024 `#no`\n"
    note = markdown.read(raw.encode(), "Sun.md")
    assert note.tags == ("alpha", "beta", "über", "2024/x")
    assert note.aliases == ("Sonne", "Der Stern")
    assert note.title == "Sun"
    assert markdown.read(b"---\ntags: ['#one', two]\naliases:\n  - Sol\n---\n", "n.md").tags == ("one", "two")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"x" * (markdown.MAX_NOTE_BYTES + 1), "larger than"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(raw: bytes, said: str) -> None:
    with pytest.raises(VaultError, match=said) as fault:
        markdown.read(raw, "n.md")
    assert fault.value.hint
