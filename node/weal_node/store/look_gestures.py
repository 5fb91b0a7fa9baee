"""What the person said of the lines of *In your notes*: what they want to do, what is done, what a rule should leave alone in a note.

These are gestures, and no answers: nothing is learnt from them by themselves. A line is kept with its words, so that Today can bring what was
asked for; forgetting a note takes every line that rests on it.
"""

import sqlite3
from dataclasses import dataclass

from weal_node.store.rows import singly

SCHEMA = """
CREATE TABLE look_gestures (
    line TEXT PRIMARY KEY,
    rule TEXT NOT NULL,
    gesture TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    act TEXT NOT NULL,
    says TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE look_quotes (
    line TEXT NOT NULL REFERENCES look_gestures (line) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    note TEXT NOT NULL,
    path TEXT NOT NULL,
    title TEXT NOT NULL,
    quote TEXT NOT NULL,
    dated_ms INTEGER NOT NULL,
    PRIMARY KEY (line, place)
) WITHOUT ROWID;
CREATE INDEX look_quotes_by_note ON look_quotes (note);
CREATE TABLE look_members (
    line TEXT NOT NULL REFERENCES look_gestures (line) ON DELETE CASCADE,
    member TEXT NOT NULL,
    PRIMARY KEY (line, member)
) WITHOUT ROWID;
"""
DO, DONE, UNLIKE = "do", "done", "unlike"
GESTURES = (DO, DONE, UNLIKE)  # keep it as wanted; done or no longer; not like this: the rule is silent in that note


@dataclass(frozen=True, slots=True)
class GestureQuote:
    """Words that a line rested on, with where they stood. dated_ms: of the note, 0 for unknown."""

    note: str
    path: str
    title: str
    quote: str
    dated_ms: int


@dataclass(frozen=True, slots=True)
class Gesture:
    """A line and what the person said of it. line: its key.  act: what could be done, "" where only the quote says it.
    says: what the agent said of it.  members: keys of acts that it stood for."""

    line: str
    rule: str
    gesture: str
    at_ms: int
    act: str
    says: str
    quotes: tuple[GestureQuote, ...]
    members: tuple[str, ...] = ()


def keep(connection: sqlite3.Connection, said: Gesture) -> None:
    """Keep what was said; of the same line the newest holds."""
    take_back(connection, said.line)
    connection.execute(
        "INSERT INTO look_gestures (line, rule, gesture, at_ms, act, says) VALUES (?, ?, ?, ?, ?, ?)",
        (said.line, said.rule, said.gesture, said.at_ms, said.act, said.says),
    )
    connection.executemany(
        "INSERT INTO look_quotes (line, place, note, path, title, quote, dated_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (said.line, place, quote.note, quote.path, quote.title, quote.quote, quote.dated_ms)
            for place, quote in enumerate(said.quotes)
        ],
    )
    rows = [(said.line, member) for member in dict.fromkeys(said.members)]
    connection.executemany("INSERT INTO look_members (line, member) VALUES (?, ?)", rows)


def take_back(connection: sqlite3.Connection, line: str) -> bool:
    """Forget what was said of a line; False where nothing was."""
    return connection.execute("DELETE FROM look_gestures WHERE line = ?", (line,)).rowcount > 0


def every(connection: sqlite3.Connection) -> tuple[Gesture, ...]:
    """Return all gestures, the newest first."""
    quotes: dict[str, list[GestureQuote]] = {}
    for line, *quote in connection.execute(
        "SELECT line, note, path, title, quote, dated_ms FROM look_quotes ORDER BY line, place"
    ):
        quotes.setdefault(line, []).append(GestureQuote(*quote))
    members: dict[str, list[str]] = {}
    for line, member in connection.execute("SELECT line, member FROM look_members ORDER BY line, member"):
        members.setdefault(line, []).append(member)
    rows = connection.execute(
        "SELECT line, rule, gesture, at_ms, act, says FROM look_gestures ORDER BY at_ms DESC, line"
    )
    made: list[Gesture] = []
    for line, rule, gesture, at_ms, act, says in rows:
        its = tuple(quotes.get(line, ())), tuple(members.get(line, ()))
        made.append(Gesture(line, rule, gesture, at_ms, act, says, *its))
    return tuple(made)


def wanted(connection: sqlite3.Connection) -> tuple[Gesture, ...]:
    """Return what the person asked for by *Do it*, the newest first: Today may bring it without a gate."""
    return tuple(said for said in every(connection) if said.gesture == DO)


def forget(connection: sqlite3.Connection, note: str) -> None:
    """Forget every line that rests on this note, and its words with it."""
    lines = [line for (line,) in connection.execute("SELECT DISTINCT line FROM look_quotes WHERE note = ?", (note,))]
    connection.executemany("DELETE FROM look_gestures WHERE line = ?", singly(lines))
