"""Compare: the coordinator's ledger for this person with the node's own. What does not fit is an alarm; both figures are shown.

The node knows the rounds it answered. The coordinator charges for every round in which the person was registered, drawn or not. So
the two are not equal, but there is much in which they must agree.
"""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from weal_node.outbound.community import Community
from weal_node.store import accounts, rounds, tiers
from weal_node.store.accounts import Comparison as Comparison  # what this module answers with
from weal_node.store.database import Database
from weal_node.store.rounds import ANSWERED, Round
from weal_protocol.accounting import MOST_KINDS, Spent, unfit, within
from weal_protocol.v1 import release_pb2

TOLERANCE = 0.01  # relative, and absolute: the accountant's library rounds differently from version to version
MOST_CHARGES = 10_000
MOST_EPSILON = 1e3  # as in a charter; beyond it there is nothing to compare


@dataclass(frozen=True, slots=True)
class Account:
    """What the coordinator says. charges: (round, epsilon after it, q, sigma), oldest first.  last_round: charged for anyone.
    failed: rounds that were given up."""

    charges: tuple[tuple[int, float, float, float], ...]
    delta: float
    last_round: int
    failed: frozenset[int]

    @property
    def epsilon(self) -> float:
        """After all of it."""
        return self.charges[-1][1] if self.charges else 0.0


def read(said: release_pb2.GetAccountResponse) -> Account:
    """Return the account as a value."""
    charges = tuple((one.round, one.epsilon, one.sampling_rate, one.sigma) for one in said.charges[:MOST_CHARGES])
    return Account(charges, said.delta, said.last_round, frozenset(said.failed))


async def compare(database: Database, community: Community, clock: Callable[[], int]) -> Comparison:
    """Ask the coordinator, compare, and keep what was found."""
    theirs = read(await community.account())

    def own(connection: sqlite3.Connection) -> tuple[tuple[Round, ...], Comparison | None]:
        return rounds.since(connection, tiers.began(connection)), accounts.get(connection, community.id)

    mine, before = await database.read(own)
    wrong = await asyncio.to_thread(disagreements, mine, theirs, before)
    found = Comparison(
        clock(),
        max((one.epsilon for one in mine), default=0.0),
        theirs.epsilon,
        len(theirs.charges),
        max(theirs.epsilon, before.most_theirs if before else 0.0),
        max(len(theirs.charges), before.most_charges if before else 0),
        theirs.last_round,
        wrong,
    )
    await database.write(lambda connection: accounts.put(connection, community.id, found))
    return found


async def newest(database: Database, community: str) -> Comparison | None:
    """Return the newest comparison with this community, None before any. community: its id."""
    return await database.read(lambda connection: accounts.get(connection, community))


async def overtaken(database: Database, comparison: Comparison) -> bool:
    """Whether this node has entered a round since the ledgers were compared."""
    return await database.read(rounds.last_ms) > comparison.at_ms


def disagreements(mine: Sequence[Round], theirs: Account, before: Comparison | None) -> tuple[str, ...]:
    """Return in words what does not fit. mine: the node's rounds in this community, oldest first."""
    charged = {number for number, *_ in theirs.charges}
    missing = [
        one.number
        for one in mine
        if one.state == ANSWERED and one.number <= theirs.last_round and one.number not in charged | theirs.failed
    ]
    found = [f"this node answered round {number}, and the coordinator has charged nothing for it" for number in missing]
    if before and (len(theirs.charges) < before.most_charges or theirs.epsilon < before.most_theirs - 1e-9):
        found.append(
            f"the coordinator's ledger for you has shrunk: {before.most_charges} rounds and epsilon {before.most_theirs:.2f} "
            f"before, {len(theirs.charges)} rounds and epsilon {theirs.epsilon:.2f} now"
        )
    counted = Counter((rate, sigma) for _, _, rate, sigma in theirs.charges)
    if not _sane(theirs):
        found.append("the coordinator's ledger for you makes no sense")
    elif theirs.charges:
        history = tuple(Spent(*kind, count) for kind, count in sorted(counted.items()))
        cost = within(history, theirs.delta, theirs.epsilon + _slack(theirs.epsilon))
        if abs(cost - theirs.epsilon) > _slack(cost):
            found.append(
                f"the coordinator says that its rounds cost you epsilon {theirs.epsilon:.2f}; "
                f"they cost {'at least ' if cost > theirs.epsilon else ''}{cost:.2f}"
            )
    if mine:
        until = [epsilon for number, epsilon, *_ in theirs.charges if number <= mine[-1].number]
        reckoned = max(one.epsilon for one in mine)
        if until and until[-1] > reckoned + _slack(reckoned):
            found.append(
                f"up to round {mine[-1].number} the coordinator has charged you epsilon {until[-1]:.2f}, more than "
                f"this node reckons ({reckoned:.2f})"
            )
    return tuple(found)


def _sane(theirs: Account) -> bool:
    numbers = [number for number, *_ in theirs.charges]
    kinds = {(rate, sigma) for _, _, rate, sigma in theirs.charges}
    return (
        numbers == sorted(set(numbers))
        and len(kinds) <= MOST_KINDS
        and not any(unfit(len(numbers), rate, sigma, theirs.delta) for rate, sigma in kinds)
        and all(0 <= epsilon <= MOST_EPSILON for _, epsilon, *_ in theirs.charges)
    )


def _slack(epsilon: float) -> float:
    return TOLERANCE * (1.0 + epsilon)
