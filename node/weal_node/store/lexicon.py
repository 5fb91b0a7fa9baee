"""Which passages hold which words (FTS5). Words are cut in Python, for what is kept and for what is asked by the same rule.

`passage_tokens` holds words as `text/words.py` cuts them, and nothing in it is cut again. `passage_words` is what homes of before
had: a passage stands in one of the two, and moves over in the background; until then both are asked.
"""

import sqlite3
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_node.store.rows import column
from weal_node.text.query import expression
from weal_node.text.words import indexed

SCHEMA = """
ALTER TABLE passages ADD COLUMN worded INTEGER NOT NULL DEFAULT 0;
CREATE INDEX passages_unworded ON passages (id) WHERE worded = 0;
DROP TRIGGER passages_in;
DROP TRIGGER passages_out;
CREATE VIRTUAL TABLE passage_tokens USING fts5 (title, tags, text, tokenize = "porter ascii tokenchars '+#'");
CREATE TRIGGER passages_out AFTER DELETE ON passages WHEN old.worded = 0 BEGIN
    INSERT INTO passage_words (passage_words, rowid, title, tags, text)
    VALUES ('delete', old.id, old.title, old.tags, old.text);
END;
CREATE TRIGGER passages_untold AFTER DELETE ON passages WHEN old.worded = 1 BEGIN
    DELETE FROM passage_tokens WHERE rowid = old.id;
END;
"""
RANKED = 8_000  # passages that are weighed for one question; where more hold its words, the latest of them (simulations/LOG.md, 2026-11-25, "Search over 50,000 notes", and 2026-11-28, "On a quiet machine")
WEIGHTS = (4.0, 2.0, 1.0)  # of title, tags and text; chosen: a word of a name says more than one of a text
Mask = npt.NDArray[np.bool_]
Cut = tuple[str, str, str]


def cut(title: str, tags: str, text: str) -> Cut:
    """Return what the lexicon keeps of a passage."""
    return indexed(title), indexed(tags), indexed(text)


def put(connection: sqlite3.Connection, passage: int, tokens: Cut) -> None:
    """Take in a passage, whose row says that it is worded."""
    connection.execute("INSERT INTO passage_tokens (rowid, title, tags, text) VALUES (?, ?, ?, ?)", (passage, *tokens))


def of_before(connection: sqlite3.Connection, limit: int) -> list[tuple[int, str, str, str]]:
    """Return (id, title, tags, text) of passages whose words are still cut as earlier versions did, the latest first."""
    query = "SELECT id, title, tags, text FROM passages WHERE worded = 0 ORDER BY id DESC LIMIT ?"
    return connection.execute(query, (limit,)).fetchall()


def move(connection: sqlite3.Connection, moved: Sequence[tuple[int, Cut]]) -> None:
    """Let these passages stand in the new index instead of the one of before; one that is gone meanwhile is left out."""
    for passage, tokens in moved:
        row = connection.execute(
            "SELECT id, title, tags, text FROM passages WHERE id = ? AND worded = 0", (passage,)
        ).fetchone()
        if row is not None:
            connection.execute(
                "INSERT INTO passage_words (passage_words, rowid, title, tags, text) VALUES ('delete', ?, ?, ?, ?)", row
            )
            connection.execute("UPDATE passages SET worded = 1 WHERE id = ?", (passage,))
            put(connection, passage, tokens)


def optimise(connection: sqlite3.Connection) -> None:
    """Write the index anew: else deleted words stay in old segments."""
    connection.execute("INSERT INTO passage_tokens (passage_tokens) VALUES ('optimize')")
    connection.execute("INSERT INTO passage_words (passage_words) VALUES ('optimize')")


def words(
    connection: sqlite3.Connection, expression: str, through: Mask | None, limit: int, most: int = RANKED
) -> list[int]:
    """Return ids of passages that match an FTS5 expression, best first by BM25; a title weighs four times, a tag twice."""
    return list(column(scored(connection, expression, through, limit, WEIGHTS, most)))


def scored(
    connection: sqlite3.Connection,
    expression: str,
    through: Mask | None,
    limit: int,
    weights: tuple[float, float, float] = (1.0, 1.0, 1.0),
    most: int = RANKED,
) -> list[tuple[int, float]]:
    """Return (id, BM25) of passages that match, best first. through: by id, which are wanted; None for all.
    weights: of title, tags and text.  most: how many matches are weighed."""
    rows: list[tuple[int, float]] = []
    for table in _tables(connection):
        rows += _scored(connection, table, (expression, *_wanted(through)), weights, (most, limit))
    return sorted(rows, key=lambda pair: (-pair[1], pair[0]))[:limit] if rows else rows


def _scored(
    connection: sqlite3.Connection,
    table: str,
    question: tuple[str, str, tuple[bytes, ...]],
    weights: tuple[float, float, float],
    limits: tuple[int, int],
) -> list[tuple[int, float]]:
    expression, condition, values = question
    rows = connection.execute(
        f"SELECT number, -score FROM (SELECT rowid AS number, bm25({table}, ?, ?, ?) AS score "  # noqa: S608 -- our own names
        f"FROM {table} WHERE {table} MATCH ? {condition} ORDER BY rowid DESC LIMIT ?) ORDER BY score LIMIT ?",
        (*weights, expression, *values, *limits),
    )
    return rows.fetchall()


def holding(connection: sqlite3.Connection, term: str, most: int) -> int:
    """Return how many passages hold a term, at most `most`."""
    count = 0
    for table in _tables(connection):
        query = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT ?)"  # noqa: S608 -- our own names
        count += int(connection.execute(query, (expression((term,), "AND"), most)).fetchone()[0])
    return min(count, most)


def titled(connection: sqlite3.Connection, terms: tuple[str, ...], through: Mask | None, limit: int) -> list[int]:
    """Return ids of passages whose title holds all of these terms, best first."""
    return words(connection, f"title : ({expression(terms, 'AND')})", through, limit)


def _tables(connection: sqlite3.Connection) -> tuple[str, ...]:
    before = connection.execute("SELECT 1 FROM passages WHERE worded = 0 LIMIT 1").fetchone()
    return ("passage_tokens", "passage_words") if before else ("passage_tokens",)


def _wanted(through: Mask | None) -> tuple[str, tuple[bytes, ...]]:
    """Return a condition on matches, and its value: a byte a passage. No match is looked up, and none asks Python."""
    return ("", ()) if through is None else ("AND substr(?, rowid + 1, 1) = x'01'", (through.tobytes(),))
