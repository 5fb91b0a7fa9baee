"""Where notes stand by topic: the heads of mirrored notes, and the person's own, each with its names and its links.

Made from records and vault, and could be made again. author "": this person, and `head` is the file's SHA-256.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap

from weal_node.store.rows import column

SCHEMA = """
CREATE TABLE shelf (
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    head TEXT NOT NULL,
    title TEXT NOT NULL,
    path TEXT NOT NULL,
    written_ms INTEGER NOT NULL,
    PRIMARY KEY (author, note, head)
) WITHOUT ROWID;
CREATE INDEX shelf_by_time ON shelf (written_ms);
CREATE TABLE shelf_topics (
    topic TEXT NOT NULL, author TEXT NOT NULL, note TEXT NOT NULL, head TEXT NOT NULL,
    PRIMARY KEY (topic, author, note, head)
) WITHOUT ROWID;
CREATE INDEX shelf_topics_of ON shelf_topics (author, note, head);
CREATE TABLE shelf_links (
    topic TEXT NOT NULL, author TEXT NOT NULL, note TEXT NOT NULL, head TEXT NOT NULL,
    PRIMARY KEY (topic, author, note, head)
) WITHOUT ROWID;
CREATE INDEX shelf_links_of ON shelf_links (author, note, head);
"""
ALIASES = """
DELETE FROM shelf;
DELETE FROM shelf_topics;
DELETE FROM shelf_links;
DELETE FROM mirrored WHERE community = 'reader/shelf';
"""  # made anew: notes stand under their aliases too, and nothing under what is only code
ONE_RESOLVER = f"""
ALTER TABLE shelf ADD COLUMN targets TEXT NOT NULL DEFAULT '';
ALTER TABLE shelf_topics ADD COLUMN rank INTEGER NOT NULL DEFAULT 2;
{ALIASES}"""  # made anew: what a link leads to is asked of what stands in it, and of two names the file's counts before the alias
MOST_LINKING = 5_000  # of the person's own notes, of which is asked what they mean
MOST_TOPICS = 64  # of one note whose versions have as many names
_NAMED = "shelf.author, shelf.note, shelf.head, shelf.title, shelf.path, shelf.written_ms"


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """A version of a note on the shelf."""

    author: str
    note: str
    head: str
    title: str
    path: str
    written_ms: int


def put(
    connection: sqlite3.Connection,
    entry: TopicEntry,
    topics: Mapping[str, int],
    links: Iterable[str],
    targets: Sequence[str] = (),
) -> None:
    """Put a version of a note on the shelf that is not there; other versions of it stay.

    topics: each with its rank, see `vault/topics.ranked`.  targets: the links as they are written."""
    place = (entry.author, entry.note, entry.head)
    connection.execute(
        "INSERT INTO shelf (author, note, head, title, path, written_ms, targets) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*place, entry.title, entry.path, entry.written_ms, "\n".join(targets)),
    )
    connection.executemany(
        "INSERT INTO shelf_topics (topic, author, note, head, rank) VALUES (?, ?, ?, ?, ?)",
        ((key, *place, rank) for key, rank in topics.items()),
    )
    connection.executemany(
        "INSERT INTO shelf_links (topic, author, note, head) VALUES (?, ?, ?, ?)", ((key, *place) for key in links)
    )


def clear(connection: sqlite3.Connection, author: str, note: str, head: str) -> None:
    """Take a version of a note off the shelf."""
    for table in ("shelf", "shelf_topics", "shelf_links"):
        connection.execute(
            f"DELETE FROM {table} WHERE author = ? AND note = ? AND head = ?",  # noqa: S608 -- our own names
            (author, note, head),
        )


def heads(connection: sqlite3.Connection, author: str, note: str) -> tuple[str, ...]:
    """Return which versions of a note stand here."""
    rows = connection.execute("SELECT head FROM shelf WHERE author = ? AND note = ?", (author, note))
    return tuple(column(rows))


def of(connection: sqlite3.Connection, author: str) -> dict[str, str]:
    """Return note to head, of this author's notes."""
    rows = connection.execute("SELECT note, head FROM shelf WHERE author = ?", (author,))
    return dict(rows)


def of_note(connection: sqlite3.Connection, author: str, note: str) -> tuple[TopicEntry, ...]:
    """Return the versions of one note that stand here."""
    rows = connection.execute(
        f"SELECT {_NAMED} FROM shelf WHERE author = ? AND note = ? ORDER BY written_ms DESC, head",  # noqa: S608 -- our own names
        (author, note),
    )
    return tuple(starmap(TopicEntry, rows))


def topics_of(connection: sqlite3.Connection, entry: TopicEntry) -> tuple[str, ...]:
    """Return the topics under which this version is found."""
    rows = connection.execute(
        "SELECT topic FROM shelf_topics WHERE author = ? AND note = ? AND head = ? ORDER BY topic",
        (entry.author, entry.note, entry.head),
    )
    return tuple(column(rows))


def named(connection: sqlite3.Connection, topic: str, limit: int) -> tuple[TopicEntry, ...]:
    """Return the notes of this topic: the person's own first, then those whose file is called so before those that have it as a
    title, and those before such as have it as an alias; then the newest."""
    rows = connection.execute(
        f"SELECT {_NAMED} FROM shelf_topics JOIN shelf USING (author, note, head) WHERE topic = ? "  # noqa: S608 -- our own names
        "ORDER BY shelf.author <> '', rank, shelf.written_ms DESC, shelf.head LIMIT ?",
        (topic, limit),
    )
    return tuple(starmap(TopicEntry, rows))


def linking(connection: sqlite3.Connection, topics: Sequence[str], limit: int) -> tuple[TopicEntry, ...]:
    """Return the notes that link to any of these topics, each version once; the person's own first, then the newest."""
    topics = topics[:MOST_TOPICS]
    marks = ", ".join("?" * len(topics))
    rows = connection.execute(
        f"SELECT DISTINCT {_NAMED} FROM shelf_links JOIN shelf USING (author, note, head) WHERE topic IN ({marks}) "  # noqa: S608 -- marks alone
        "ORDER BY shelf.author <> '', shelf.written_ms DESC, shelf.head LIMIT ?",
        (*topics, limit),
    )
    return tuple(starmap(TopicEntry, rows))


def own_linking(
    connection: sqlite3.Connection, topics: Sequence[str]
) -> tuple[tuple[TopicEntry, tuple[str, ...]], ...]:
    """Return the person's own notes that may link to one of these topics, each with its links as they are written."""
    topics = topics[:MOST_TOPICS]
    marks = ", ".join("?" * len(topics))
    rows = connection.execute(
        f"SELECT DISTINCT {_NAMED}, shelf.targets FROM shelf_links JOIN shelf USING (author, note, head) "  # noqa: S608 -- marks alone
        f"WHERE topic IN ({marks}) AND shelf.author = '' ORDER BY shelf.path, shelf.head LIMIT ?",
        (*topics, MOST_LINKING),
    )
    return tuple((TopicEntry(*row[:-1]), tuple(row[-1].split("\n"))) for row in rows)


def count(connection: sqlite3.Connection, topic: str) -> tuple[int, int]:
    """Return how many notes have this topic, and how many link to it."""
    (notes,) = connection.execute("SELECT COUNT(*) FROM shelf_topics WHERE topic = ?", (topic,)).fetchone()
    (links,) = connection.execute("SELECT COUNT(*) FROM shelf_links WHERE topic = ?", (topic,)).fetchone()
    return int(notes), int(links)


def by(connection: sqlite3.Connection, author: str, limit: int) -> tuple[TopicEntry, ...]:
    """Return a person's notes, the newest first."""
    rows = connection.execute(
        f"SELECT {_NAMED} FROM shelf WHERE author = ? ORDER BY written_ms DESC, head LIMIT ?",  # noqa: S608 -- our own names
        (author, limit),
    )
    return tuple(starmap(TopicEntry, rows))


def newest(connection: sqlite3.Connection, limit: int) -> tuple[TopicEntry, ...]:
    """Return the notes of others that were written last."""
    rows = connection.execute(
        f"SELECT {_NAMED} FROM shelf WHERE author <> '' ORDER BY written_ms DESC, head LIMIT ?",  # noqa: S608 -- our own names
        (limit,),
    )
    return tuple(starmap(TopicEntry, rows))


def per_author(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many notes of others stand here, by author."""
    rows = connection.execute("SELECT author, COUNT(DISTINCT note) FROM shelf WHERE author <> '' GROUP BY author")
    return dict(rows)
