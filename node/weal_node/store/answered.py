"""Which passages a person said answer a question of theirs, or do not: they come first, or last, when the same is asked again."""

import sqlite3
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE answered (
    question TEXT NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    passage TEXT NOT NULL,
    answers INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (question, author, note, passage)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """author: hex key, "" for this person.  passage: SHA-256 of its text.  answers: whether it answers the question."""

    author: str
    note: str
    passage: str
    answers: bool


def say(connection: sqlite3.Connection, question: str, verdict: Verdict, now_ms: int) -> None:
    """Remember what was said of a passage; what is said later holds. question: its key, as `text/question.py` makes it."""
    connection.execute(
        "INSERT INTO answered (question, author, note, passage, answers, at_ms) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (question, author, note, passage) DO UPDATE SET answers = excluded.answers, at_ms = excluded.at_ms",
        (question, verdict.author, verdict.note, verdict.passage, int(verdict.answers), now_ms),
    )


def of(connection: sqlite3.Connection, question: str) -> tuple[Verdict, ...]:
    """Return what was said for a question, the latest first."""
    rows = connection.execute(
        "SELECT author, note, passage, answers FROM answered WHERE question = ? ORDER BY at_ms DESC, note, passage",
        (question,),
    )
    return tuple(Verdict(author, note, passage, bool(answers)) for author, note, passage, answers in rows)


def forget(connection: sqlite3.Connection, author: str, note: str) -> None:
    """Drop what was said of a note's passages, and the questions with it."""
    connection.execute("DELETE FROM answered WHERE author = ? AND note = ?", (author, note))
