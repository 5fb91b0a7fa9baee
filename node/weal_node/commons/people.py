"""People: whose notes are mirrored, what of theirs stands here, and whom the person follows."""

import sqlite3
from dataclasses import dataclass
from functools import partial

from weal_node.store import follows, refused, topic_index
from weal_node.store.database import Database
from weal_node.store.topic_index import TopicEntry

EVERYONE = follows.EVERYONE  # stands for all members where a person is named


@dataclass(frozen=True, slots=True)
class People:
    """Everyone whose notes may stand here.

    everyone: whether the whole community is mirrored.
    followed: hex agent keys of those who are followed by name, the first followed first.
    counts: how many of their notes stand here, by author.
    newest: what others wrote last.
    refused: how many records were refused lately, by reason.
    """

    everyone: bool
    followed: tuple[str, ...]
    counts: dict[str, int]
    newest: tuple[TopicEntry, ...]
    refused: dict[str, int]


@dataclass(frozen=True, slots=True)
class Person:
    """One of them. notes: as they were mirrored, the newest first.  everyone: whether all are mirrored.  followed: by name."""

    notes: tuple[TopicEntry, ...]
    everyone: bool
    followed: bool


async def people(database: Database, newest: int) -> People:
    """Return whose notes are mirrored. newest: how many of the newest notes to name."""

    def look(connection: sqlite3.Connection) -> People:
        return People(
            follows.everyone(connection),
            follows.people(connection),
            topic_index.per_author(connection),
            topic_index.newest(connection, newest),
            refused.reasons(connection),
        )

    return await database.read(look)


async def person(database: Database, author: str, most: int) -> Person:
    """Return one person, with at most so many of their notes. author: hex agent key."""

    def look(connection: sqlite3.Connection) -> Person:
        notes = topic_index.by(connection, author, most)
        return Person(notes, follows.everyone(connection), author in follows.people(connection))

    return await database.read(look)


async def follow(database: Database, who: str, following: bool, now_ms: int) -> None:
    """Follow, or no longer. who: EVERYONE, or a hex agent key. What was mirrored stays either way."""
    await database.write(partial(follows.choose, who=who, following=following, now_ms=now_ms))
