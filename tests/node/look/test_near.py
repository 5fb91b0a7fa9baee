"""Old notes near new ones."""

import numpy as np

from support.own_notes import note, reading
from weal_node.look.near import find, head, newest
from weal_node.look.reading import read

TEXT = "We salted the green tomatoes like capers and they kept until March in the cold room beside the barrel of sour cabbage.\n"
NEW = note("Heron.md", f"Something sharp for trout. {TEXT}", 1)
OLD = note("Preserving.md", f"Tomatoes of August. {TEXT}", 400)


def pairs(*notes, angles: tuple[float, ...] = (0.0, 0.8), known: bool = True) -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]
    vectors = {one.path: np.array([np.cos(at), np.sin(at)], np.float32) for one, at in zip(notes, angles, strict=True)}
    return [(near.new.path, near.old.path) for near in find([read(one) for one in notes], vectors, known)]


def test_an_old_note_near_a_new_one_is_found_and_quoted() -> None:
    assert pairs(NEW, OLD) == [("Heron.md", "Preserving.md")]
    vectors = {one.path: np.array([1.0, 0.0], np.float32) for one in (NEW, OLD)}
    assert find([read(NEW), read(OLD)], vectors, True) == (), "from .95 on it is a copy"


def test_far_ones_linked_ones_two_diary_pages_and_young_ones_are_not() -> None:
    assert pairs(NEW, OLD, angles=(0.0, 1.1)) == []
    linking = note("Heron.md", NEW.body, 1, links={"Preserving": "Preserving.md"})
    assert pairs(linking, OLD) == []
    assert pairs(note("2026-11-01.md", TEXT, 1), note("2024-11-01.md", TEXT, 700)) == []
    assert pairs(NEW, note("Preserving.md", OLD.body, 15)) == []
    assert pairs(NEW, note("Preserving.md", OLD.body, 15), known=False) == [("Heron.md", "Preserving.md")]


def test_short_notes_and_others_words_are_not_looked_at() -> None:
    assert pairs(NEW, note("Preserving.md", "Tomatoes.", 400)) == []
    assert pairs(NEW, note("Clippings/Preserving.md", OLD.body, 400)) == []


def test_where_dates_say_nothing_the_longest_personal_notes_are_taken() -> None:
    short, long = reading("Journal/a.md", TEXT), reading("Journal/b.md", TEXT * 3)
    assert newest([reading("c.md", TEXT * 9), short, long], known=False)[:2] == [long, short]


def test_a_head_is_a_title_and_the_first_characters() -> None:
    assert head(note("Rye.md", "x" * 2_000)) == "Rye\n" + "x" * 700
