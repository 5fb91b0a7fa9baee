"""Changes of mind are kept once each, and give way to what is forgotten."""

from functools import partial
from pathlib import Path

from weal_node.records import Answer, Choice
from weal_node.store import announcements, answers
from weal_node.store.announcements import Announcement
from weal_node.store.database import Database

FIRST = Announcement(100, 140, 0.7, ("theme 1", "tag: boats"))
LATER = Announcement(500, 520, 0.9, ("theme 2",))


async def test_one_that_is_known_better_takes_the_others_place(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    for one in (LATER, FIRST):
        await database.write(partial(announcements.keep, changes=one))
    better = Announcement(110, 150, 0.8, ("theme 1",))
    await database.write(lambda c: announcements.keep(c, better, FIRST.since_ms))
    assert await database.read(announcements.every) == (better, LATER)
    database.close()


async def test_an_answer_that_is_forgotten_takes_what_was_seen_since_with_it(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    said = Answer("a" * 32, 300, "b" * 64, "", Choice.ACCEPT, "teach")
    await database.write(lambda c: answers.add(c, said))
    for one in (FIRST, LATER):
        await database.write(partial(announcements.keep, changes=one))
    await database.write(lambda c: announcements.forget(c, "c" * 32))
    assert await database.read(announcements.every) == (FIRST, LATER)  # there is no such answer
    await database.write(lambda c: announcements.forget(c, said.id))
    assert await database.read(announcements.every) == (FIRST,)
    database.close()


async def test_words_out_of_notes_can_be_dropped(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    await database.write(lambda c: announcements.keep(c, FIRST))
    await database.write(lambda c: announcements.unname(c, ("theme 1", "theme 2")))
    assert [one.about for one in await database.read(announcements.every)] == [("theme 1",)]
    database.close()
