"""What is about to leave is one list, and stays here, all of it or some, in one commit."""

from functools import partial
from typing import Any

from weal_node.commons import pending, publishing, review
from weal_node.config import Settings
from weal_node.records import Note, Visibility
from weal_node.store import notes
from weal_node.vault import history

SETTINGS = Settings(publish_delay_s=600)


def note(title: str, body: str = "Words.") -> Note:
    return Note("", "", title, body, Visibility.PUBLIC)


async def test_what_leaves_is_listed_the_earliest_first_and_what_is_held_apart(node: Any) -> None:
    database, vault = node
    late = await publishing.save(database, vault, SETTINGS, 9_000, note("A later one"))
    soon = await publishing.save(database, vault, SETTINGS, 1_000, note("Z sooner"))
    held = await publishing.save(database, vault, SETTINGS, 0, note("Number", "At +49 171 1234567."))
    going = await pending.going(database, vault)
    assert [(one.note.id, one.due_ms) for one in going] == [(soon.id, 601_000), (late.id, 609_000)]
    assert [(one.id, why.kinds) for one, why in await pending.held(database, vault)] == [(held.id, "a phone number")]


async def test_a_folders_default_lists_its_notes_before_they_were_looked_through_and_keeps_them(node: Any) -> None:
    database, vault = node
    (vault.root / "open").mkdir()
    for number in range(5):
        (vault.root / f"open/{number}.md").write_text(f"---\nmood: odd\n---\nWords {number}\n")
    await review.choose(database, vault, "open", "public")
    assert [one.due_ms for one in await pending.going(database, vault)] == [None] * 5
    assert await pending.keep(database, vault, [one.note.id for one in await pending.going(database, vault)]) == 5
    assert await pending.going(database, vault) == ()
    assert await publishing.notice(database, vault, SETTINGS, 0) == 0
    newest = {history.versions(vault.root, f"open/{number}.md")[0].id for number in range(5)}
    assert len(newest) == 1  # one commit for all
    assert b"mood: odd\n" in vault.raw("open/3.md")
    assert {one.visibility for one in vault.read_all()[0]} == {Visibility.PRIVATE}


async def test_only_those_chosen_stay_and_a_note_that_left_before_stays_public(node: Any) -> None:
    database, vault = node
    first, second = [await publishing.save(database, vault, SETTINGS, 0, note(title)) for title in ("One", "Two")]
    await database.write(partial(notes.published, note=first.id, record="r" * 64, body_sha256=""))
    assert await pending.keep(database, vault, [first.id, "f" * 32]) == 1
    assert vault.read(first.path).visibility == Visibility.PUBLIC  # others have it already; this version stays here
    assert [one.note.id for one in await pending.going(database, vault)] == [second.id]
    assert await publishing.notice(database, vault, SETTINGS, 0) == 0
