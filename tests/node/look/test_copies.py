"""Copies of a note, and that they count once."""

from support.own_notes import held, note

TEXT = " ".join(f"word{number}" for number in range(60))


def test_exact_and_near_copies_are_found_each_once() -> None:
    notes = held(
        note("a.md", TEXT),
        note("b/a.md", TEXT),
        note("c.md", f"Another beginning here. {TEXT} and an end"),
        note("d.md", "Only a few words."),
    )
    (copy,) = [copy for copy in notes.copies if copy.exact]
    assert {copy.first.path, copy.second.path} == {"a.md", "b/a.md"}
    assert [one.reading.note.path for one in notes.facts] == ["a.md", "c.md", "d.md"], (
        "a copy counts once before everything"
    )
    (near,) = held(note("a.md", TEXT), note("c.md", f"Another beginning here. {TEXT} and an end")).copies
    assert not near.exact
    assert near.share >= 0.8


def test_different_notes_and_short_ones_are_none() -> None:
    other = " ".join(f"other{number}" for number in range(60))
    assert held(note("a.md", TEXT), note("b.md", other)).copies == ()
    assert held(note("a.md", "the same"), note("b.md", "the same")).copies == ()


def test_a_vault_in_two_folders_is_not_slow_and_says_pairs() -> None:
    notes = [
        note(f"{folder}/{number}.md", f"{TEXT} number {number} {'x ' * number}")
        for folder in "ab"
        for number in range(20)
    ]
    assert len(held(*notes).copies) >= 1
