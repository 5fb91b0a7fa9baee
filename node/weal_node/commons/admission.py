"""Admit: take records in that others made, or refuse each by name. What is kept is verified, permitted and has its parents."""

import sqlite3
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

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


class Room:
    """What is left of it while a batch is taken in. Where all of it is full, each author still has a share of their own."""

    def __init__(self, connection: sqlite3.Connection, limits: Quota) -> None:
        self._connection, self._limits = connection, limits

    def take(self, one: Record) -> None:
        """Take room for a record, or raise QuotaError. What takes records back fits even where its author's room is full."""
        count, size = record_counts.room(self._connection, one.author.hex())
        whole, that_day = record_counts.pace(
            self._connection, one.author.hex(), one.note.hex(), lineage.day(one.written_ms)
        )
        lineage.check_pace(one, whole, that_day)
        share = 2 if one.kind in TAKERS else 1
        if count >= share * self._limits.author_records or size + len(one.raw) > share * self._limits.author_bytes:
            raise QuotaError("an author's records would take more room than they are given here")
        full = record_counts.whole(self._connection) + len(one.raw) > self._limits.whole_bytes
        if (
            one.kind not in TAKERS
            and full
            and size + len(one.raw) > min(self._limits.author_bytes, self._limits.whole_bytes) // SHARE
        ):
            raise QuotaError("the room for others' records is full")


def verified(raws: Iterable[bytes]) -> tuple[list[Record], list[tuple[str, str]]]:
    """Return the records among these bytes, and (id, reason) of what is none. Slow: not on the event loop."""
    found, refused = [], []
    for raw in raws:
        try:
            found.append(record.read(raw, bodiless=True))
        except WealError as fault:
            refused.append((record.id_of(raw), reason(fault)))
    return found, refused


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
    takers = {one.parents[0]: one for one in batch if one.kind in TAKERS and len(one.parents) == 1}
    held = records.known(connection, [one.id for one in batch])
    room, expelled = Room(connection, limits), expulsions.keys(connection)
    while left:
        one = left.popleft()
        try:
            if one.id not in held:
                _check(connection, one, is_author, own, room, jury)
                about = (
                    records.kin(connection, one.parents)[one.parents[0]].author.hex()
                    if one.kind == "suggestion"
                    else ""
                )
                records.keep(connection, one, about, _taker(one, takers, jury, expelled) if one.redacted else "")
                held.add(one.id)
                outcome.kept += 1
            left.extend(waiting.pop(one.id, ()))
        except UnknownParentError as fault:
            waiting.setdefault(fault.missing[0], []).append(one)
        except WealError as fault:
            outcome.refused.append((one.id, reason(fault)))
    outcome.waiting = [one for some in waiting.values() for one in some]
    there = records.known(connection, [parent for one in outcome.waiting for parent in lineage.named(one)])
    outcome.missing = {parent for one in outcome.waiting for parent in lineage.named(one)} - there
    outcome.missing -= {one.id for one in outcome.waiting}
    return outcome


def reason(fault: WealError) -> str:
    """Return a refusal's name, from few: it is counted and shown."""
    return f"{type(fault).__name__}: {fault.what}"


def _check(
    connection: sqlite3.Connection,
    one: Record,
    is_author: Callable[[bytes], bool],
    own: bytes,
    room: Room,
    jury: Jury,
) -> None:
    if not is_author(one.author):
        raise ForgedError(NO_MEMBER)
    lineage.check(one, records.kin(connection, lineage.named(one)), jury)
    if one.author != own:
        room.take(one)


def _taker(one: Record, takers: dict[str, Record], jury: Jury, expelled: Collection[str]) -> str:
    """Return the id of the tombstone or verdict that came with a record without body; both stand or fall together. Of somebody who was
    expelled nothing but headers is given out."""
    taker = takers.get(one.id)
    if taker is None and one.author.hex() in expelled:
        return records.EXPELLED
    if taker is None or taker.note != one.note or (taker.kind == "tombstone" and taker.author != one.author):
        raise ForgedError(BODILESS)
    if taker.kind == "verdict":
        jury.check(taker)
    return taker.id
