"""Counts beside the records: what is asked for each one that comes, so that it costs the same whatever its author sent before.

Triggers keep them, so that they are right whoever writes; and what a body's going takes along goes with it.
"""

import sqlite3

SCHEMA = """
CREATE INDEX record_parents_of ON record_parents (record);
CREATE INDEX records_newest ON records (author, note, kind, written_ms, id);
CREATE TABLE record_authors (author TEXT PRIMARY KEY, number INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE record_days (author TEXT NOT NULL, note TEXT NOT NULL, day INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (author, note, day)) WITHOUT ROWID;
INSERT INTO record_authors SELECT author, COUNT(*), SUM(size) FROM records GROUP BY author;
INSERT INTO record_days SELECT author, note, -1, COUNT(*) FROM records GROUP BY author, note;
INSERT INTO record_days SELECT author, note, MAX(written_ms, 0) / 86400000 AS day, COUNT(*) FROM records GROUP BY author, note, day;
CREATE TRIGGER records_counted AFTER INSERT ON records BEGIN
    INSERT INTO record_authors VALUES (NEW.author, 1, NEW.size)
        ON CONFLICT (author) DO UPDATE SET number = number + 1, bytes = bytes + excluded.bytes;
    INSERT INTO record_days VALUES (NEW.author, NEW.note, -1, 1), (NEW.author, NEW.note, MAX(NEW.written_ms, 0) / 86400000, 1)
        ON CONFLICT (author, note, day) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER records_resized AFTER UPDATE OF size ON records BEGIN
    UPDATE record_authors SET bytes = bytes + NEW.size - OLD.size WHERE author = NEW.author;
END;
CREATE TRIGGER records_uncounted AFTER DELETE ON records BEGIN
    UPDATE record_authors SET number = number - 1, bytes = bytes - OLD.size WHERE author = OLD.author;
    UPDATE record_days SET number = number - 1
        WHERE author = OLD.author AND note = OLD.note AND day IN (-1, MAX(OLD.written_ms, 0) / 86400000);
    DELETE FROM passages WHERE version = OLD.id;
END;
CREATE TRIGGER records_emptied AFTER UPDATE OF body ON records WHEN NEW.body = '' BEGIN
    DELETE FROM passages WHERE version = NEW.id;
END;
"""
WHOLE = -1  # the day under which all records of a note are counted


def room(connection: sqlite3.Connection, author: str) -> tuple[int, int]:
    """Return how many records by this author are kept, and how many bytes they take."""
    row = connection.execute("SELECT number, bytes FROM record_authors WHERE author = ?", (author,)).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def pace(connection: sqlite3.Connection, author: str, note: str, day: int) -> tuple[int, int]:
    """Return how many records of one note (or chain) by one author are kept: in all, and of those they wrote on this day."""
    rows = connection.execute(
        "SELECT day, number FROM record_days WHERE author = ? AND note = ? AND day IN (?, ?)",
        (author, note, WHOLE, day),
    )
    numbers = dict(rows)
    return numbers.get(WHOLE, 0), numbers.get(day, 0)


def newest(connection: sqlite3.Connection, author: str, note: str, kind: str) -> str:
    """Return the id of the newest record of this kind of a note, "" where there is none."""
    row = connection.execute(
        "SELECT id FROM records WHERE author = ? AND note = ? AND kind = ? ORDER BY written_ms DESC, id DESC LIMIT 1",
        (author, note, kind),
    ).fetchone()
    return str(row[0]) if row else ""


def followed(connection: sqlite3.Connection, record: str) -> bool:
    """Say whether a version of a note names this record as one that it follows."""
    row = connection.execute(
        "SELECT 1 FROM record_parents JOIN records AS later ON later.id = record_parents.record "
        "WHERE record_parents.parent = ? AND later.kind = 'note' LIMIT 1",
        (record,),
    ).fetchone()
    return row is not None


def whole(connection: sqlite3.Connection) -> int:
    """Return how many bytes all records take."""
    return int(connection.execute("SELECT bytes FROM records_size").fetchone()[0])
