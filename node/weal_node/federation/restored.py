"""What a node gave after the backup that it came back from is unknown to it, and counts as given (decision 0028).

The restore leaves a word in the lock's file, which no backup holds. The first round that is called afterwards says by its number how
many there were since; it counts as answered, like all those before it, and is refused.
"""

import json
from pathlib import Path

from weal_node.config import Home
from weal_node.outbound.membership import joined
from weal_node.store import restores
from weal_node.store.database import Database

HOUR_MS = 3_600_000
MOST = 100_000  # rounds, as they are numbered


def leave_word(lock: Path, made_ms: int) -> None:
    """Say in a fresh home that it came back from the backup of this time."""
    lock.touch(0o600)
    lock.write_text(json.dumps({"restored_from_ms": made_ms}))


def word(lock: Path) -> int | None:
    """Return what was left there, None for nothing."""
    try:
        return int(json.loads(lock.read_text())["restored_from_ms"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


async def take_note(place: Home, database: Database) -> int | None:
    """Enter what a restore left; return since when nothing was counted yet, None where all is."""
    if (made_ms := word(place.lock)) is not None:
        await database.write(lambda connection: restores.begin(connection, made_ms))
        place.lock.write_text("")  # emptied, not replaced: it is the one that is held
    return await database.read(restores.pending)


def rounds_since(place: Home, made_ms: int, now_ms: int, last: int, called: int) -> int:
    """Return how many rounds may have been answered since a backup. last: the newest that it knows.  called: the one called now.

    By their numbers, or by the schedule of the charter that was joined, whichever says more: numbers are the coordinator's word,
    and what is hidden from the coordinator must not hang on it alone."""
    community = joined(place.community)
    every_h = community.rounds.every_h if community and community.rounds else 0.0
    scheduled = 1 + int((now_ms - made_ms) / (every_h * HOUR_MS)) if every_h and now_ms > made_ms else 0
    return min(MOST, max(called - last, scheduled, 1))
