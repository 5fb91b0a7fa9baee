"""Track record: how the agent's guesses and suggestions fared, and when it saw its person change."""

import sqlite3
from dataclasses import dataclass, replace

from weal_node.mind import change_points, explanations
from weal_node.mind.fitted_model import FittedModel
from weal_node.reward.calibration import Guess
from weal_node.store import announcements, gate, questions
from weal_node.store.announcements import Announcement
from weal_node.store.database import Database


@dataclass(frozen=True, slots=True)
class Change:
    """A change of mind that was seen.

    since_ms: time of the first answer that was different.
    strength: how sure, 0 to 1.
    about: what it was most about, as concepts are shown.
    stands: whether it still counts: what was said before it counts less.
    """

    since_ms: int
    strength: float
    about: tuple[str, ...]
    stands: bool


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """All of it at one moment.

    audits: (time in ms, guess) before answers to questions that chance chose, oldest first.
    skipped: how many more of those were skipped.
    glad, answered: of how many suggestions the person was glad, of those that they answered.
    new, shown: how many suggestions were accepted and new to the person, of those that were ever shown.
    changes: newest first.
    """

    audits: tuple[tuple[int, Guess], ...]
    skipped: int
    glad: int
    answered: int
    new: int
    shown: int
    changes: tuple[Change, ...]


async def track_record(database: Database, fitted: FittedModel, language: str) -> TrackRecord:
    """Return how the agent did so far; concepts are named in this language."""

    def look(connection: sqlite3.Connection) -> tuple[TrackRecord, tuple[Announcement, ...]]:
        glad, answered = gate.history(connection)
        new, shown = gate.discoveries(connection)
        audits, skipped = gate.audits(connection), questions.skipped_audits(connection)
        return TrackRecord(audits, skipped, glad, answered, new, shown, ()), announcements.every(connection)

    record, kept = await database.read(look)
    return replace(record, changes=_changes(kept, fitted, language))


async def changes(database: Database, fitted: FittedModel, language: str) -> tuple[Change, ...]:
    """Return the changes that were ever seen, newest first."""
    return _changes(await database.read(announcements.every), fitted, language)


def _changes(kept: tuple[Announcement, ...], fitted: FittedModel, language: str) -> tuple[Change, ...]:
    titles, answers, since = explanations.titles(fitted, language), fitted.model.rows.answers, fitted.drift.since
    standing = None if since is None else change_points.same(kept, answers, since)
    seen = []
    for announcement in reversed(kept):
        about = tuple(titles.get(name, name) for name in announcement.about)
        seen.append(Change(announcement.since_ms, announcement.strength, about, announcement == standing))
    return tuple(seen)
