"""Notes of strangers: whatever their front matter holds costs little and ends as a note or a named fault."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.laws import examples
from weal_node.errors import VaultError
from weal_node.records import Note, Visibility
from weal_node.vault import markdown

BOMB = b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 9)
)
MERGES = b"a0: &a0 {x: y}\n" + b"".join(
    b"a%d: &a%d {<<: [%s]}\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
)
ODD = [
    b'!!int ""',
    b"!!bool maybe",
    b"!!timestamp soon",
    b"!!float x",
    b"!!python/name:os.system",
    b"0x" + b"f" * 6_000,
]
yamlish = st.text(st.sampled_from(list(":-[]{}&*!#|>%@?,'\"\\~ \n\tab10xuUDd.<")), max_size=120)


@pytest.mark.parametrize("front", [BOMB + b"title: *a8\n", BOMB + b"needs: *a8\n", MERGES])
def test_a_bomb_costs_no_more_than_its_size(front: bytes) -> None:
    began = time.process_time()
    with contextlib.suppress(VaultError):
        assert len(markdown.read(b"---\n" + front + b"---\n", "n.md").title) < 100
    assert time.process_time() - began < 2


@pytest.mark.parametrize("scalar", ODD)
def test_no_scalar_is_interpreted(scalar: bytes) -> None:
    for key in (b"title", b"id", b"other"):
        assert markdown.read(b"---\n" + key + b": " + scalar + b"\n---\nText", "n.md").body == "Text"


def test_numbers_dates_and_words_for_yes_stay_as_they_were_typed() -> None:
    note = markdown.read(b"---\ntitle: 2024-05-01\ntags: [on, 007, 1e3]\nneeds: ~\noffers:\n---\n", "n.md")
    assert (note.title, note.tags, note.needs, note.offers) == ("2024-05-01", ("on", "007", "1e3"), (), ())


@pytest.mark.parametrize("escape", ["\\uD800", "\\UFFFFFFFF", "\\xZZ"])
def test_half_characters_are_no_front_matter(escape: str) -> None:
    for key in ("title", "needs"):
        raw = f'---\n{key}: "{escape}"\nvisibility: public\n---\n'
        note = markdown.read(raw.encode(), "n.md")
        assert "malformed front matter" in note.warnings[0]
        assert (note.visibility, note.body, note.title, note.needs) == (Visibility.PRIVATE, raw, "n", ())


@given(yamlish)
@settings(max_examples=examples(300), deadline=None)
def test_anything_like_yaml_is_a_note_of_whole_characters_or_a_named_fault(front: str) -> None:
    with contextlib.suppress(VaultError):
        note = markdown.read(f"---\n{front}\n---\n".encode(), "n.md")
        " ".join((note.title, *note.needs, *note.offers, *note.tags)).encode()


@given(st.text(max_size=200), st.sampled_from(["", "\ufeff"]), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=examples(200), deadline=None)
def test_splitting_loses_no_character(text: str, mark: str, newline: str) -> None:
    for whole in (mark + text, f"{mark}---{newline}{text}{newline}---{newline}{text}", f"{mark}---{newline}---"):
        try:
            assert markdown.split(whole, "n.md").text == whole
        except VaultError:
            continue


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
@settings(max_examples=examples(200), deadline=None)
def test_any_title_and_need_is_read_back(text: str) -> None:
    line = " ".join(text.split())
    note = Note("1" * 32, "n.md", line or "n", "Body", Visibility.PUBLIC, needs=(line,) if line else ())
    found = markdown.read(markdown.write(note, b"---\naliases: [x]\n---\n"), "n.md")
    assert (found.title, found.needs) == (note.title, note.needs)


def test_a_file_with_windows_line_ends_and_a_byte_order_mark_keeps_both() -> None:
    raw = "\ufeff---\r\naliases: [Mending]\r\n---\r\nBody\r\n".encode()
    written = markdown.write(markdown.read(raw, "n.md"), raw)
    assert written.startswith("\ufeff---\r\naliases: [Mending]\r\n".encode())
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert markdown.write(markdown.read(written, "n.md"), written) == written
