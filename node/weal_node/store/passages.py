"""Passages of all notes that this node knows: an index of words (lexicon.py) and, of each, whether its embedding is known.

It can be made again from the vault and the records at any time. A passage's embedding lies with all others, by the hash of
its text; `readings` numbers passages in the order in which that became known, so that memory can follow.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from weal_node.store import lexicon
from weal_node.store.rows import column, singly

SCHEMA = """
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    version TEXT NOT NULL,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    title TEXT NOT NULL,
    tags TEXT NOT NULL,
    visibility TEXT NOT NULL,
    written_ms INTEGER NOT NULL,
    text TEXT NOT NULL,
    embedding TEXT NOT NULL,
    waiting INTEGER NOT NULL
);
CREATE INDEX passages_by_note ON passages (author, note);
CREATE INDEX passages_by_version ON passages (version);
CREATE INDEX passages_by_time ON passages (written_ms);
CREATE INDEX passages_waiting ON passages (written_ms) WHERE waiting = 1;
CREATE TABLE passage_tags (
    tag TEXT NOT NULL,
    passage INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, passage)
) WITHOUT ROWID;
CREATE INDEX passage_tags_by_passage ON passage_tags (passage);
CREATE TABLE readings (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    passage INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE
);
CREATE INDEX readings_by_passage ON readings (passage);
CREATE VIRTUAL TABLE passage_words USING fts5 (
    title, tags, text, content = 'passages', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER passages_in AFTER INSERT ON passages BEGIN
    INSERT INTO passage_words (rowid, title, tags, text) VALUES (new.id, new.title, new.tags, new.text);
END;
CREATE TRIGGER passages_out AFTER DELETE ON passages BEGIN
    INSERT INTO passage_words (passage_words, rowid, title, tags, text)
    VALUES ('delete', old.id, old.title, old.tags, old.text);
END;
"""
# What is indexed of a note, and how, is another since: all own notes are read again, and what others wrote with remarks in it.
READ_AGAIN = """
UPDATE passages SET version = '' WHERE author = '';
UPDATE passages SET version = '' WHERE kind = 'note' AND (author, note) IN (
    SELECT author, note FROM passages WHERE instr(text, '%%') > 0 OR instr(text, '<!--') > 0
);
"""
_UNREAD = "waiting = 0 AND embedding <> '' AND NOT EXISTS (SELECT 1 FROM embeddings e WHERE e.encoder = ? AND e.text = passages.embedding)"
_COLUMNS = "id, author, note, version, kind, path, title, tags, visibility, written_ms, text"


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """What a passage is of. author: hex key, "" for this person.  version: of the file or record, hex.  kind: "note" or "item"."""

    author: str
    note: str
    version: str
    kind: str
    path: str
    title: str
    tags: tuple[str, ...]
    visibility: str
    written_ms: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document. id: never used twice."""

    id: int
    of: IndexedDocument
    text: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which passages are wanted. authors: None for all.  tag: also what is filed below it, as in home/garden."""

    authors: tuple[str, ...] | None = None
    tag: str = ""
    visibility: str = ""
    others: bool = False
    kind: str = ""
    since_ms: int | None = None
    until_ms: int | None = None

    def sql(self) -> tuple[str, list[str | int]]:
        """Return conditions on passages, "" for none, and their values."""
        conditions: list[str] = []
        values: list[str | int] = []
        if self.authors is not None:
            conditions.append(f"author IN ({', '.join('?' * len(self.authors))})")
            values += self.authors
        if self.tag:
            conditions.append("id IN (SELECT passage FROM passage_tags WHERE tag = ? OR (tag > ? AND tag < ?))")
            values += _below(self.tag)
        for condition, value in (
            ("visibility = ?", self.visibility or None),
            ("kind = ?", self.kind or None),
            ("author <> ?", "" if self.others else None),
            ("written_ms >= ?", self.since_ms),
            ("written_ms < ?", self.until_ms),
        ):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        return " AND ".join(conditions), values


def replace(connection: sqlite3.Connection, document: IndexedDocument, pieces: Sequence[tuple[str, str]]) -> None:
    """Let these pieces, each (text, hash under which its embedding lies or will, "" for none), stand for the document."""
    remove(connection, document.author, document.note)
    tags = "\n".join(document.tags)
    head = (
        document.author,
        document.note,
        document.version,
        document.kind,
        document.path,
        document.title,
        tags,
        document.visibility,
        document.written_ms,
    )
    for text, embedding in pieces:
        row = connection.execute(
            "INSERT INTO passages (author, note, version, kind, path, title, tags, visibility, written_ms, text, embedding, waiting, "
            "worded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
            (*head, text, embedding, int(bool(embedding))),
        )
        lexicon.put(connection, int(row.lastrowid or 0), lexicon.cut(document.title, tags, text))
        connection.executemany(
            "INSERT OR IGNORE INTO passage_tags (tag, passage) VALUES (?, ?)",
            [(tag.casefold(), row.lastrowid) for tag in document.tags],
        )


def remove(connection: sqlite3.Connection, author: str, note: str) -> None:
    """Forget the passages of a note; its embeddings are others' too, and stay."""
    connection.execute("DELETE FROM passages WHERE author = ? AND note = ?", (author, note))


def forget(connection: sqlite3.Connection, author: str, note: str) -> None:
    """Remove a note's passages, and their words from the index's old segments too."""
    remove(connection, author, note)
    lexicon.optimise(connection)


def uses(connection: sqlite3.Connection, embedding: str) -> bool:
    """Whether any passage has its embedding under this digest."""
    return connection.execute("SELECT 1 FROM passages WHERE embedding = ? LIMIT 1", (embedding,)).fetchone() is not None


def versions(connection: sqlite3.Connection, author: str) -> dict[str, tuple[str, str]]:
    """Return (version, visibility) of each note of an author as the index holds it."""
    rows = connection.execute("SELECT DISTINCT note, version, visibility FROM passages WHERE author = ?", (author,))
    return {note: (version, visibility) for note, version, visibility in rows}


def allowed(connection: sqlite3.Connection, wanted: Filter, limit: int) -> list[int]:
    """Return ids that the filter lets through, at most `limit` of them, the latest first."""
    condition, values = wanted.sql()
    query = f"SELECT id FROM passages WHERE {condition or 1} ORDER BY written_ms DESC, id LIMIT ?"  # noqa: S608 -- our own conditions
    return list(column(connection.execute(query, (*values, limit))))


def columns_after(connection: sqlite3.Connection, number: int) -> list[tuple[int, str, str, str, int]]:
    """Return (id, author, kind, visibility, written_ms) of passages that came after this id, in order."""
    query = "SELECT id, author, kind, visibility, written_ms FROM passages WHERE id > ? ORDER BY id"
    return connection.execute(query, (number,)).fetchall()


def total(connection: sqlite3.Connection) -> int:
    """Return how many passages there are."""
    return int(connection.execute("SELECT count(*) FROM passages").fetchone()[0])


def ids(connection: sqlite3.Connection) -> list[int]:
    """Return the ids of all passages."""
    return list(column(connection.execute("SELECT id FROM passages")))


def tagged(connection: sqlite3.Connection, tag: str) -> list[int]:
    """Return the ids of passages with this tag, or one filed below it."""
    query = "SELECT passage FROM passage_tags WHERE tag = ? UNION ALL SELECT passage FROM passage_tags WHERE tag > ? AND tag < ?"
    return list(column(connection.execute(query, _below(tag))))


def _below(tag: str) -> tuple[str, str, str]:
    return tag, tag + "/", tag + "0"  # "0" follows "/"


def fetch(connection: sqlite3.Connection, ids: Sequence[int], wanted: Filter = Filter()) -> dict[int, Passage]:
    """Return those of these passages that are still there and let through."""
    condition, values = wanted.sql()
    query = f"SELECT {_COLUMNS} FROM passages WHERE id IN ({', '.join('?' * len(ids))})"  # noqa: S608 -- marks only
    rows = connection.execute(query + (f" AND {condition}" if condition else ""), (*ids, *values))
    return {row[0]: _passage(row) for row in rows}


def notes_of(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return (author, note) of those of these passages that are still there."""
    query = f"SELECT id, author, note FROM passages WHERE id IN ({', '.join('?' * len(ids))})"  # noqa: S608 -- marks only
    return {number: (author, note) for number, author, note in connection.execute(query, tuple(ids))}


def of_note(connection: sqlite3.Connection, author: str, note: str) -> tuple[Passage, ...]:
    """Return a note's passages in order."""
    query = f"SELECT {_COLUMNS} FROM passages WHERE author = ? AND note = ? ORDER BY id"  # noqa: S608 -- our own names
    return tuple(map(_passage, connection.execute(query, (author, note))))


def _passage(row: tuple[int, str, str, str, str, str, str, str, str, int, str]) -> Passage:
    number, author, note, version, kind, path, title, tags, visibility, written_ms, text = row
    document = IndexedDocument(
        author, note, version, kind, path, title, tuple(tags.splitlines()), visibility, written_ms
    )
    return Passage(number, document, text)


def waiting(connection: sqlite3.Connection, limit: int) -> list[tuple[int, str, str, str]]:
    """Return (id, title, text, hash) of passages that are not embedded yet, the latest first."""
    rows = connection.execute(
        "SELECT id, title, text, embedding FROM passages WHERE waiting = 1 ORDER BY written_ms DESC LIMIT ?", (limit,)
    )
    return rows.fetchall()


def understood(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Remember that the embeddings of these passages are in the store; of one that is gone meanwhile nothing is."""
    rows = list(singly(ids))
    connection.executemany("INSERT INTO readings (passage) SELECT id FROM passages WHERE id = ? AND waiting = 1", rows)
    connection.executemany("UPDATE passages SET waiting = 0 WHERE id = ?", rows)


def is_unread(connection: sqlite3.Connection, encoder: str) -> bool:
    """Whether the embedding of any passage that counts as embedded is none of this encoder's."""
    query = f"SELECT 1 FROM passages WHERE {_UNREAD} LIMIT 1"  # noqa: S608 -- our own words
    return connection.execute(query, (encoder,)).fetchone() is not None


def read_again(connection: sqlite3.Connection, encoder: str) -> None:
    """Let the passages wait whose embedding is none of this encoder's: they are found by their words meanwhile."""
    connection.execute(f"UPDATE passages SET waiting = 1 WHERE {_UNREAD}", (encoder,))  # noqa: S608 -- our own words
    connection.execute("DELETE FROM readings WHERE passage IN (SELECT id FROM passages WHERE waiting = 1)")


def read_after(connection: sqlite3.Connection, encoder: str, number: int, limit: int) -> list[tuple[int, int, bytes]]:
    """Return (number, passage, embedding as little-endian float32) of what was read after this number, in order."""
    rows = connection.execute(
        "SELECT r.number, r.passage, e.vector FROM readings r JOIN passages p ON p.id = r.passage "
        "JOIN embeddings e ON e.encoder = ? AND e.text = p.embedding WHERE r.number > ? ORDER BY r.number LIMIT ?",
        (encoder, number, limit),
    )
    return rows.fetchall()


def counts(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return how many passages there are, and how many of them wait to be embedded."""
    (waiting_count,) = connection.execute("SELECT count(*) FROM passages WHERE waiting = 1").fetchone()
    return total(connection), int(waiting_count)


def standing(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Return how many passages there are, how many wait, and the number of the newest: another triple after any change."""
    (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM passages").fetchone()
    return (*counts(connection), int(newest))


def there(connection: sqlite3.Connection, version: str) -> bool:
    """Say whether the index holds this version of a note, or this item."""
    return connection.execute("SELECT 1 FROM passages WHERE version = ? LIMIT 1", (version,)).fetchone() is not None


def forget_all(connection: sqlite3.Connection) -> None:
    """Empty the index; it is made again from the vault and the records."""
    connection.execute("DELETE FROM passages")
    connection.execute("DELETE FROM mirrored WHERE community = 'reader/index'")  # records are read anew
    lexicon.optimise(connection)
