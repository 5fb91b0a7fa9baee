"""Take records in that others made, or refuse each by name. What is kept is verified, permitted and has its parents."""

import sqlite3
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from weal_node.store import expulsions, record_counts, records
from weal_protocol import lineage, record
from weal_protocol.errors import ForgedError, QuotaError, UnknownParentError, WealError
from weal_protocol.jury import NONE, Jury
from weal_protocol.record import TAKERS, Record

NO_MEMBER = "a record's author is no member"
BODILESS = "a record came without its body, and nothing takes it back"  # or its author was expelled, which is not known here yet
SHARE = 64  # a part of an author's room that is theirs also where others have filled the whole


@dataclass(frozen=True, slots=True)
class Quota:
    """Room for others' records."""

    author_records: int = 50_000
    author_bytes: int = 256 * 1024 * 1024
    whole_bytes: int = 8 * 1024 * 1024 * 1024


@dataclass(slots=True)
class Outcome:
    """kept: how many.  refused: (id, reason).  waiting: records whose parents are not here.  missing: those parents."""

    kept: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    waiting: list[Record] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)

    @property
    def waiting_bytes(self) -> int:
        """How much memory the records take that wait."""
        return sum(len(waiting.raw) for waiting in self.waiting)


class Room:
    """What is left of it while a batch is taken in. Where all of it is full, each author still has a share of their own."""

    def __init__(self, connection: sqlite3.Connection, limits: Quota) -> None:
        self._connection, self._limits = connection, limits

    def take(self, record: Record) -> None:
        """Take room for a record, or raise QuotaError. What takes records back fits even where its author's room is full."""
        count, size = record_counts.room(self._connection, record.author.hex())
        whole, that_day = record_counts.pace(
            self._connection, record.author.hex(), record.note.hex(), lineage.day(record.written_ms)
        )
        lineage.check_pace(record, whole, that_day)
        share = 2 if record.kind in TAKERS else 1
        if count >= share * self._limits.author_records or size + len(record.raw) > share * self._limits.author_bytes:
            raise QuotaError("an author's records would take more room than they are given here")
        full = record_counts.whole(self._connection) + len(record.raw) > self._limits.whole_bytes
        if (
            record.kind not in TAKERS
            and full
            and size + len(record.raw) > min(self._limits.author_bytes, self._limits.whole_bytes) // SHARE
        ):
            raise QuotaError("the room for others' records is full")


def verified(raws: Iterable[bytes]) -> tuple[list[Record], list[tuple[str, str]]]:
    """Return the records among these bytes, and (id, reason) of what is none. Slow: not on the event loop."""
    records, refused = [], []
    for raw in raws:
        try:
            records.append(record.read(raw, bodiless=True))
        except WealError as fault:
            refused.append((record.id_of(raw), reason(fault)))
    return records, refused


def admit(
    connection: sqlite3.Connection,
    batch: Sequence[Record],
    *,
    is_author: Callable[[bytes], bool],
    own: bytes,
    limits: Quota,
    jury: Jury = NONE,
) -> Outcome:
    """Keep what may be kept, whatever the order in which it came. is_author: whether a key is or was a member's."""
    outcome, left = Outcome(), deque(batch)
    waiting: dict[str, list[Record]] = {}  # by a parent that is not here
    takers = {taker.parents[0]: taker for taker in batch if taker.kind in TAKERS and len(taker.parents) == 1}
    known = records.known(connection, [candidate.id for candidate in batch])
    room, expelled = Room(connection, limits), expulsions.keys(connection)
    while left:
        candidate = left.popleft()
        try:
            if candidate.id not in known:
                _check(connection, candidate, is_author, own, room, jury)
                taker = _taker(candidate, takers, jury, expelled) if candidate.redacted else ""
                records.keep(connection, candidate, _about(connection, candidate), taker)
                known.add(candidate.id)
                outcome.kept += 1
            left.extend(waiting.pop(candidate.id, ()))
        except UnknownParentError as fault:
            waiting.setdefault(fault.missing[0], []).append(candidate)
        except WealError as fault:
            outcome.refused.append((candidate.id, reason(fault)))
    outcome.waiting = list(chain.from_iterable(waiting.values()))
    parents = set(chain.from_iterable(map(lineage.named, outcome.waiting)))
    outcome.missing = parents - records.known(connection, list(parents))
    outcome.missing -= {candidate.id for candidate in outcome.waiting}
    return outcome


def _about(connection: sqlite3.Connection, candidate: Record) -> str:
    """Return whose note a suggestion is to, as a hex key; "" for anything else."""
    if candidate.kind != "suggestion":
        return ""
    return records.kin(connection, candidate.parents)[candidate.parents[0]].author.hex()


def reason(fault: WealError) -> str:
    """Return a refusal's name, from few: it is counted and shown."""
    return f"{type(fault).__name__}: {fault.what}"


def _check(
    connection: sqlite3.Connection,
    candidate: Record,
    is_author: Callable[[bytes], bool],
    own: bytes,
    room: Room,
    jury: Jury,
) -> None:
    if not is_author(candidate.author):
        raise ForgedError(NO_MEMBER)
    lineage.check(candidate, records.kin(connection, lineage.named(candidate)), jury)
    if candidate.author != own:
        room.take(candidate)


def _taker(candidate: Record, takers: dict[str, Record], jury: Jury, expelled: Collection[str]) -> str:
    """Return the id of the tombstone or verdict that came with a record without body; both stand or fall together. Of somebody who was
    expelled nothing but headers is given out."""
    taker = takers.get(candidate.id)
    if taker is None and candidate.author.hex() in expelled:
        return records.EXPELLED
    if (
        taker is None
        or taker.note != candidate.note
        or (taker.kind == "tombstone" and taker.author != candidate.author)
    ):
        raise ForgedError(BODILESS)
    if taker.kind == "verdict":
        jury.check(taker)
    return taker.id
