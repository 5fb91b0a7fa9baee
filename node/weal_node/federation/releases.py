"""Fetch the community's newest release, verify it, try it on the person's own answers, and judge by what predicts better.

A release that does not follow, in the coordinator's log, from those that came before is not even tried: it is refused, and that is an alarm.

Each release is tried once. One that predicts worse is kept unused, and the page says so. What the person took back stays back
until they choose it, or a newer release predicts better than what they went back to. One that cannot be used at all is entered as
refused, with its reason, and is no release that came: a good one of the same number may still follow. Of one made under another encoder
only what it says of single items is tried and used (weal_protocol/representation.by_id).
"""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from weal_node.errors import NotFoundError, RefusedError
from weal_node.federation.backtest import Backtest, trial
from weal_node.mind.mind import Mind
from weal_node.outbound.community import Community
from weal_node.store import releases
from weal_node.store.database import Database
from weal_node.store.releases import ADOPTED, CHOSEN, FORKED, KEPT_OLD, REFUSED, ROLLED_BACK, ReleaseEntry
from weal_protocol import release, release_log
from weal_protocol.errors import ForgedError, MalformedError
from weal_protocol.representation import empty
from weal_protocol.v1 import release_pb2

Clock = Callable[[], int]
DAY_MS = 24 * 3_600 * 1_000
MOST_FORKS = 20
BUILT_IN = 0  # number of the prior that a node begins with
BY_ID = "it was made under another encoder than this node's, so only what it says of single items counts"


@dataclass(frozen=True, slots=True)
class ReleaseHistory:
    """What became of releases at one moment.

    entries: oldest first.
    head: the newest that came, as it stands in the coordinator's log; None before any.
    had: numbers of all that are here, newest first.
    """

    entries: tuple[ReleaseEntry, ...]
    head: release_log.Entry | None
    had: tuple[int, ...]

    @property
    def using(self) -> int:
        """The number in use, BUILT_IN before any."""
        last = releases.used(self.entries)
        return last.number if last else BUILT_IN

    @property
    def forks(self) -> tuple[ReleaseEntry, ...]:
        """What was refused as a fork: each says that the coordinator shows another log than before."""
        return releases.forks(self.entries)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON; "using" is 0 for the built-in prior, "head" None before any release, "forks" what was refused."""
        return {
            "using": self.using,
            "head": {"number": self.head.number, "sha256": self.head.sha256.hex()} if self.head else None,
            "forks": [entry.why for entry in self.forks],
            "history": [asdict(entry) for entry in self.entries],
        }


async def look(database: Database) -> ReleaseHistory:
    """Return what became of releases here."""

    def read(connection: sqlite3.Connection) -> ReleaseHistory:
        return ReleaseHistory(releases.history(connection), releases.held(connection), releases.had(connection))

    return await database.read(read)


async def adopt_latest(community: Community, mind: Mind, database: Database, clock: Clock) -> int:
    """Fetch the newest release, verify it, and try it when it is newer than any that came; return the number in use."""
    number = 0  # of the release, as far as it is known
    try:
        head = await _head(community, database, clock)
        if head is None:
            return mind.release
        number = head.number
        fetched = await community.release(number)
        if fetched is None or fetched.manifest != head.manifest:
            raise MalformedError("the release is not the one that the coordinator's log names", "It is fetched again")
        manifest, representation = release.read(fetched, community.coordinator, bytes.fromhex(community.id))
    except (ForgedError, MalformedError) as fault:
        entry = ReleaseEntry(number, REFUSED, fault.what, clock())
        await database.write(partial(_refuse, entry=entry, forged=isinstance(fault, ForgedError)))
        raise
    entries = await database.read(releases.history)
    tried = await asyncio.to_thread(trial, mind.fitted(), representation)
    last = releases.used(entries)
    act, why = decided(tried, went_back=last is not None and last.act == ROLLED_BACK)
    if not manifest.ours:
        why += f"; {BY_ID}"
    raw, entry = fetched.SerializeToString(), ReleaseEntry(manifest.number, act, why, clock())

    def enter(connection: sqlite3.Connection) -> None:
        releases.keep(connection, entry.number, raw, entry.at_ms)
        releases.enter(connection, entry)

    await database.write(enter)
    if act == ADOPTED:
        await mind.adopt(representation)
    return mind.release


async def _head(community: Community, database: Database, clock: Clock) -> release_log.Entry | None:
    """Return the newest release of the coordinator's log where it is new and follows from what came; write down what does not follow."""
    newest = await database.read(releases.held)
    if newest is not None and release_pb2.Manifest.FromString(newest.manifest).community.hex() != community.id:
        newest = None  # of a community that was left
    log = await community.manifests(newest.number - 1 if newest else 0)
    if why := release_log.fork(newest, log):
        number = log[-1].number if log else newest.number if newest else BUILT_IN
        await database.write(partial(_enter_fork, entry=ReleaseEntry(number, FORKED, why, clock())))
        return None
    return log[-1] if log and (newest is None or log[-1].number > newest.number) else None


def _enter_fork(connection: sqlite3.Connection, entry: ReleaseEntry) -> None:
    """Write it down once, though it is seen at every look; and no more than a person reads, whatever is shown."""
    forks = releases.forks(releases.history(connection))
    if len(forks) < MOST_FORKS and all(fork.why != entry.why for fork in forks):
        releases.enter(connection, entry)


def _refuse(connection: sqlite3.Connection, entry: ReleaseEntry, forged: bool) -> None:
    """Enter a refusal once, for the same is shown at every look. forged: it may be anyone's word, so one a day is enough."""
    for former in releases.history(connection):
        lately = former.at_ms > entry.at_ms - DAY_MS
        if (former.act, former.why) == (REFUSED, entry.why) and (lately if forged else former.number == entry.number):
            return
    releases.enter(connection, entry)


def decided(tried: Backtest, went_back: bool) -> tuple[str, str]:
    """Return what becomes of a release, and why, in words. went_back: the person took the last one back."""
    if not tried.told:
        why = f"too few answers of yours to try it on ({tried.answers})"
        return (KEPT_OLD, f"you went back, and there are {why}") if went_back else (ADOPTED, why)
    result = (
        f"log-loss {tried.new:.3f} against {tried.old:.3f} on {tried.answers} answers of yours that it had not seen"
    )
    if tried.worse:
        return KEPT_OLD, f"it predicts you worse: {result}"
    if went_back and not tried.better:
        return KEPT_OLD, f"you went back, and it predicts you no better: {result}"
    return ADOPTED, f"{'better' if tried.better else 'no worse'}: {result}"


async def go_back(mind: Mind | None, database: Database, clock: Clock, number: int | None = None) -> int:
    """Use another release that this node has: this one, or without a number the one used before. Return what is in use.

    mind: None where no node runs; it reads at its start what is in use. RefusedError when there is nothing to go back to,
    NotFoundError for a release that this node does not have.
    """
    entries = await database.read(releases.history)
    last = releases.used(entries)
    using = last.number if last else BUILT_IN
    chosen = before(entries) if number is None else number
    if chosen == using:
        raise RefusedError(f"{named(chosen)} is in use already", "See `weal releases`")
    release_row = await database.read(lambda connection: releases.get(connection, chosen))
    if release_row is None and chosen != BUILT_IN:
        raise NotFoundError(f"this node has no {named(chosen)}", "See `weal releases` for those it has")
    is_older = chosen < using
    entry = ReleaseEntry(
        chosen, ROLLED_BACK if is_older else ADOPTED, f"you took {named(using)} back" if is_older else CHOSEN, clock()
    )
    await database.write(lambda connection: releases.enter(connection, entry))
    if mind is not None:
        await mind.adopt(release.representation(release_row[1]) if release_row else empty())
    return chosen


def before(entries: tuple[ReleaseEntry, ...]) -> int:
    """Return the number of the release that was used before the one in use, and is older; the built-in prior where there was none."""
    last = releases.used(entries)
    if last is None or last.number == BUILT_IN:
        raise RefusedError("no release is in use, so there is nothing to go back from", "See `weal releases`")
    older = [entry.number for entry in entries if entry.act == ADOPTED and entry.number < last.number]
    return older[-1] if older else BUILT_IN


def named(number: int) -> str:
    """Return a release in words."""
    return f"release {number}" if number else "the prior that a node begins with"
