"""Release summary: what became of the newest release, in two facts."""

from dataclasses import dataclass

from weal_node.store import releases
from weal_node.store.database import Database
from weal_node.store.releases import ReleaseEntry


@dataclass(frozen=True, slots=True)
class ReleaseSummary:
    """newest: what became of the newest release, None before any.  forked: whether one was ever refused as a fork."""

    newest: ReleaseEntry | None
    forked: bool


async def release_summary(database: Database) -> ReleaseSummary:
    """Return what became of releases here."""
    entries = await database.read(releases.history)
    return ReleaseSummary(entries[-1] if entries else None, bool(releases.forks(entries)))
