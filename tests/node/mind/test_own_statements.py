"""The person's own words as things to ask about: kept as notes are, and gone with them unless they were answered about."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.minds import Embedder
from weal_node.mind.mind import Mind
from weal_node.mind.own_statements import Found, ask_about, keep
from weal_node.records import Answer, Choice
from weal_node.store import answers, own_statements
from weal_node.store.database import Database

SAID = (
    Found("plant a tree", 0, "n1", "Garden", "I want to plant a tree.", 5),
    Found("long walks", 1, "n2", "Walks", "I love long walks.", 7),
)


@pytest.fixture
async def mind(tmp_path: Path) -> AsyncIterator[tuple[Database, Mind]]:
    database = Database(tmp_path / "node.db")
    made = Mind(database, Embedder(), lambda: 1)
    await made.start()
    yield database, made
    database.close()


async def test_what_notes_say_can_be_asked_about_and_goes_with_them_unless_it_was_answered(
    mind: tuple[Database, Mind],
) -> None:
    database, mine = mind
    await keep(database, mine, SAID)
    known = {item.text: item for item in mine.items()}
    assert set(known) == {"plant a tree", "long walks"}
    assert {item.kind for item in known.values()} == {"own"}
    told = await database.read(own_statements.every)
    assert told[known["long walks"].id].quote == "I love long walks."
    answer = Answer("a" * 32, 1, known["long walks"].id, "", Choice.ACCEPT, "teach")
    await database.write(lambda connection: answers.add(connection, answer))
    await mine.relearn()
    await keep(database, mine, ())
    assert [item.text for item in mine.items()] == ["long walks"]
    assert mine.answer_count == 1
    assert await database.read(own_statements.every) == {}
    await keep(database, mine, SAID)
    await keep(database, mine, SAID)
    assert len(mine.items()) == 2


async def test_a_forgotten_note_leaves_no_words_and_what_was_judged_stays(mind: tuple[Database, Mind]) -> None:
    database, mine = mind
    await keep(database, mine, SAID)
    gone = await database.write(lambda connection: own_statements.forget(connection, "n1"))
    assert list(gone.values()) == ["plant a tree"]
    assert not gone.keys() & (await database.read(own_statements.every)).keys()
    texts = await database.read(lambda connection: connection.execute("SELECT text FROM states").fetchall())
    assert texts == [("long walks",)]


async def test_a_sentence_of_ones_own_is_kept_without_a_note(mind: tuple[Database, Mind]) -> None:
    database, mine = mind
    await ask_about(mine, "deliveries before eight")
    await keep(database, mine, SAID)
    await keep(database, mine, ())
    assert [item.text for item in mine.items()] == ["deliveries before eight"]
