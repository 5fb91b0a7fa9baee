"""Bring this node's copy of the commons up to another's. Digests, then ids, then records; nothing is pushed or deleted."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import Protocol

from weal_node.commons.admission import BODILESS, NO_MEMBER, Outcome, Quota, admit, reason, verified
from weal_node.outbound.source import RecordFeed
from weal_node.store import records, refused
from weal_node.store.database import Database
from weal_protocol import buckets, record
from weal_protocol.errors import MalformedError, UnknownParentError
from weal_protocol.jury import NONE, Jury

BATCH = 256  # records a request
AHEAD = 3  # batches under way: one to be stored, one to be verified, one to be fetched
MAX_IDS = 2_000_000  # that one source may announce at once
MAX_REFUSED = 256  # of one source in one pull that are its own fault: then it is not listened to any further
MAX_WAITING = 64 * 1024 * 1024  # bytes of records that wait for their parents
AGAIN_MS = 60 * 60 * 1_000  # until a refused record is asked for again
ROOM = Quota()
Checked = tuple[list[record.Record], list[tuple[str, str]]]  # records, and (id, reason) of what is none


class Authors(Protocol):
    """What must be known of the community."""

    def was_member(self, agent_key: bytes) -> bool:
        """Say whether a key is or was a member's."""

    async def refresh(self) -> None:
        """Hear who came and left."""


@dataclass(slots=True)
class Pulled:
    """What a pull brought: how many records, and the reason for each one refused, by id."""

    came: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    wrong: int = 0  # of them no records at all, or by nobody who ever was a member: the source's fault, not an author's


@dataclass(frozen=True, slots=True)
class Puller:
    """Pulls into one database. own: raw agent key of this person, whose records know no quota.  jury: the community's."""

    database: Database
    authors: Authors
    own: bytes
    limits: Quota = ROOM
    jury: Callable[[], Jury] = lambda: NONE

    async def pull(self, source: RecordFeed, now_ms: int, author: str = "") -> Pulled:
        """Fetch what the source has and we have not: everything, or one person's records and what was suggested to them.

        Each refused record is named in the answer and remembered; PeerError where the source itself cannot be believed.
        """
        wanted = await self._wanted(source, now_ms, author)
        pulled, tried, ahead = Pulled(), set[str](), deque[asyncio.Task[Checked]]()
        batches = (wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH))
        try:
            while pulled.wrong <= MAX_REFUSED:
                # While one batch is stored the next is verified, and the one after that fetched.
                for batch in islice(batches, AHEAD - len(ahead)):
                    ahead.append(asyncio.create_task(_checked(source, batch)))
                if not ahead:
                    break
                await self._take(source, await ahead.popleft(), pulled, tried)
        finally:
            for task in ahead:
                task.cancel()
            await asyncio.gather(*ahead, return_exceptions=True)
            if pulled.refused:
                await self.database.write(partial(_remember, source=source.key, pulled=pulled, now_ms=now_ms))
        return pulled

    async def _wanted(self, source: RecordFeed, now_ms: int, author: str) -> list[bytes]:
        """Return the ids to ask for, parents before children as far as the source says."""
        scope = bytes.fromhex(author)
        own = set(map(itemgetter(0), await self.database.read(partial(records.placed, author=author))))
        ours = await asyncio.to_thread(buckets.digests, own)
        announced, upto = await source.digests(scope, buckets.root(ours))
        if not announced:
            return []
        numbers = buckets.differing(ours, announced)
        fresh: list[tuple[int, bytes]] = []
        count = 0
        for number, ids, places in await source.ids(scope, numbers):
            placed = [pair for pair in zip(places, ids, strict=True) if pair[0] <= upto]  # later ones: next time
            count += len(placed)
            if count > MAX_IDS:
                raise MalformedError(f"more than {MAX_IDS} records were announced at once")
            buckets.check(number, map(itemgetter(1), placed), announced)
            fresh += placed
        not_now = await self.database.read(partial(refused.since, source=source.key, at_ms=now_ms - AGAIN_MS))
        ids_in_order = map(itemgetter(1), sorted(fresh))
        return [record_id for record_id in ids_in_order if record_id not in own and record_id.hex() not in not_now]

    async def _take(self, source: RecordFeed, batch: Checked, pulled: Pulled, tried: set[str]) -> None:
        """Admit a batch, and what it names as far as the source gives it."""
        outcome = await self._admit(batch, (), pulled)
        while (missing := outcome.missing - tried) and outcome.waiting_bytes < MAX_WAITING:
            wanted = sorted(missing)[:BATCH]
            tried.update(wanted)
            parents = await _checked(source, list(map(bytes.fromhex, wanted)))
            outcome = await self._admit(parents, outcome.waiting, pulled)
        unknown = reason(UnknownParentError("a record names one that is not known here"))
        pulled.refused |= {orphan.id: unknown for orphan in outcome.waiting}

    async def _admit(self, batch: Checked, waiting: Sequence[record.Record], pulled: Pulled) -> Outcome:
        batch_records, bad = batch
        if not all(self.authors.was_member(candidate.author) for candidate in batch_records):
            await self.authors.refresh()
        outcome = await self.database.write(
            partial(
                admit,
                batch=[*batch_records, *waiting],
                is_author=self.authors.was_member,
                own=self.own,
                limits=self.limits,
                jury=self.jury(),
            )
        )
        pulled.came += outcome.kept
        pulled.refused |= dict([*bad, *outcome.refused])
        pulled.wrong += len(bad) + sum(why.endswith(NO_MEMBER) for _, why in outcome.refused)
        return outcome


async def _checked(source: RecordFeed, ids: Sequence[bytes]) -> Checked:
    return await asyncio.to_thread(verified, await _fetch(source, ids))


async def _fetch(source: RecordFeed, ids: Sequence[bytes]) -> list[bytes]:
    """Return the records of these ids, as many requests as it takes; what the source does not give is not there."""
    raws, left = list[bytes](), list(ids)
    while left:
        part, missing = await source.records(left)
        answered = {bytes.fromhex(record.id_of(raw)) for raw in part} | set(missing)
        if not answered & set(left):
            raise MalformedError("records that were announced were not given")
        raws += part
        left = [record_id for record_id in left if record_id not in answered]
    return raws


def _remember(connection: sqlite3.Connection, source: str, pulled: Pulled, now_ms: int) -> None:
    refused.forget(connection, now_ms - AGAIN_MS)
    # One without a body is asked for again at once: that its author was expelled may be heard any moment.
    rest = [(record_id, why) for record_id, why in pulled.refused.items() if not why.endswith(BODILESS)]
    refused.add(connection, source, rest, now_ms)
