"""What becomes of deals on a wire that is against them: replayed, reordered, repeated, lied to, killed at any write, ratified late?

Two and three people at whole nodes (town/town.py), whose wire is against them (faults/): stores, keys, envelopes, sealing, sessions, approvals are the product's,
only the socket is in memory. `bound` are deals that a node believes in force; `unratified` those of them without every human's
ratification, logged in time, under the same terms; `resumed` the share that came to the end an honest wire would have brought.
Then real deals over real gRPC, TLS and the real relay, with a person who answers at once.
"""

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from weal_node.deals.dialogue import replayed
from weal_node.store import deals
from weal_protocol import deal, notary
from weal_protocol.deal import IN_FORCE, DealState
from weal_protocol.errors import PeerError
from weal_protocol.v1 import negotiation_pb2
from weal_simulations.bench.study import Floor, Progress, Row, Study
from weal_simulations.engines import over_grpc
from weal_simulations.faults import plots
from weal_simulations.faults.mortal import Mortal
from weal_simulations.faults.plots import Kill, Plot
from weal_simulations.faults.stories import STORIES, Story, store
from weal_simulations.town.town import DEAL, Table

QUESTION = "What becomes of deals on a wire that is against them, and how fast are they on one that is not?"
PEOPLE = 100  # deals over gRPC; a twentieth of them of each kind on the wire in memory
SHM = Path("/dev/shm")  # noqa: S108 -- folders in it are made by tempfile; a kill is told by what was written, not by what a disk does meanwhile
MEMORY = SHM if SHM.is_dir() else None
P95_S = 1.0
PLACES = frozenset((state, inviter) for state in DealState for inviter in (True, False))
SEARCH = (
    frozenset(  # where strangers' agents do something else than those who know each other; after it all is the same
        {
            DealState.DRAFT,
            DealState.INVITED,
            DealState.SEED_ANSWERED,
            DealState.SCORING,
            DealState.SCORED,
            DealState.OFFERING,
        }
    )
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlayedDeal:
    """What one deal came to."""

    bound: bool
    unratified: bool
    resumed: bool


async def unratified(table: Table) -> tuple[bool, bool]:
    """Return whether any node holds the deal in force, and whether one does without everyone's word under the same terms."""
    hashes, bound, wrong = set[bytes](), False, False
    notary_key = table.wire.notary.public_key().public_bytes_raw()
    for seat in table.seats:
        row = await store(seat).read(lambda connection: deals.get(connection, DEAL))
        stands = replayed(row) if row else None
        if stands is None or stands.deal.state not in IN_FORCE:
            continue
        bound, agreement = True, stands.agreement()
        try:
            if agreement is None:
                raise PeerError("in force without an agreement")
            agents = [one.key for one in table.seats]
            hashes.add(deal.check_effective(agreement, agents, [s.keys.ratification_public for s in table.seats]))
            for ratified in agreement.ratified:
                notary.check(notary_key, ratified, negotiation_pb2.Terms.FromString(agreement.terms).expires_ms)
        except PeerError:
            wrong = True
    return bound, wrong or len(hashes) > 1


def run(seed: int, people: int, progress: Progress) -> Study:
    """Tell every story of deals between two and three, kill nodes at every write, then time `people` deals over gRPC."""
    rows: list[Row] = []
    each = max(people // 20, 1)
    for place, (name, story) in enumerate(STORIES.items()):
        for parties in (2, 3):
            progress(0.3 * place / len(STORIES), f"{name}, {parties} parties")
            found = [asyncio.run(told(story, seed, number, parties)) for number in range(each)]
            rows.append(_row(name, parties, found))
    died, missing = asyncio.run(crashes(lambda share, name: progress(0.2 + 0.6 * share, f"killed: {name}")))
    rows += died
    progress(0.85, "deals over gRPC")
    with tempfile.TemporaryDirectory() as folder:
        seconds = asyncio.run(over_grpc.timed(Path(folder), people))
    p95 = float(np.percentile(seconds, 95))
    rows.append(
        {"method": "gRPC and relay", "parties": 2, "deals": people, "median_s": float(np.median(seconds)), "p95_s": p95}
    )
    faulty = [row for row in rows if "unratified" in row]
    should_end = [row for row in faulty if row["method"] not in {"equivocate", "late ratification"}]
    floors = (
        Floor("wire: deals in force without all ratifications", _sum(faulty, "unratified"), 0, at_least=False),
        Floor("wire: least share resumed", min(float(row["resumed"]) for row in should_end), 1, at_least=True),
        Floor("wire: places of the deal's table where no node was killed", missing, 0, at_least=False),
        Floor("wire: equivocation found out", _least(faulty, "equivocate"), 1, at_least=True),
        Floor("wire: late ratifications that bind no one", _least(faulty, "late ratification"), 1, at_least=True),
        Floor("wire: p95 seconds of a bargain over gRPC and the relay", p95, P95_S, at_least=False),
    )
    return Study("wire", seed, tuple(rows), floors)


async def told(story: Story, seed: int, number: int, parties: int) -> PlayedDeal:
    """Tell one story of a fresh deal; return what it came to."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        table = Table(Path(folder), parties)
        try:
            await table.draft()
            resumed = await story(table, random.Random(f"{seed}/{number}/{parties}"))
            return PlayedDeal(*await unratified(table), resumed)
        finally:
            table.close()


async def crashes(progress: Callable[[float, str], None], names: frozenset[str] = frozenset()) -> tuple[list[Row], int]:
    """Kill a node of every plot (or of those named) at every moment that is like none of an earlier plot's; return a row for each
    plot, and in how many places of the table no node was killed: states that can stand, by whether the node had invited."""
    rows, known, left = list[Row](), set[tuple[object, ...]](), set(PLACES)
    chosen = [plot for plot in plots.plots() if not names or plot.name in names]
    for number, plot in enumerate(chosen):
        progress(number / len(chosen), f"{plot.name}, {plot.parties} parties")
        like: dict[tuple[object, ...], Kill] = {
            (plot.parties, plot.careful and kill.wrote[0] in SEARCH, kill.seat, kill.wrote, kill.after): kill
            for kill in await _at_table(plot, partial(plots.kills, plot))
        }
        moments = [kill for moment, kill in like.items() if moment not in known]
        known |= set(like)
        left -= {(kill.at, kill.seat == 0) for kill in moments}
        found = [await _at_table(plot, partial(_killed, plot, kill)) for kill in moments]
        rows.append(_row(f"crash: {plot.name}", plot.parties, found))
    return rows, len(left)


async def _at_table(plot: Plot, act: Callable[[Table], Awaitable[T]]) -> T:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        table = Table(Path(folder), plot.parties, plots.limits(plot), opened=Mortal)
        try:
            return await act(table)
        finally:
            table.close()


async def _killed(plot: Plot, kill: Kill, table: Table) -> PlayedDeal:
    resumed = await plots.tell(plot, table, kill)
    return PlayedDeal(*await unratified(table), resumed)


def _row(method: str, parties: int, found: list[PlayedDeal]) -> Row:
    return {
        "method": method,
        "parties": parties,
        "deals": len(found),
        "bound": sum(one.bound for one in found),
        "unratified": sum(one.unratified for one in found),
        "resumed": sum(one.resumed for one in found) / len(found),
    }


def _sum(rows: list[Row], name: str) -> float:
    return float(sum(float(row[name]) for row in rows))


def _least(rows: list[Row], method: str) -> float:
    return min(float(row["resumed"]) for row in rows if row["method"] == method)
