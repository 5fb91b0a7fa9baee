"""The coordinator's ledger for this person, compared with the node's own. What does not fit is an alarm; both figures are shown.

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


def read(response: release_pb2.GetAccountResponse) -> Account:
    """Return the account as a value."""
    charges = tuple(map(_charge, response.charges[:MOST_CHARGES]))
    return Account(charges, response.delta, response.last_round, frozenset(response.failed))


def _charge(charge: release_pb2.Charge) -> tuple[int, float, float, float]:
    return charge.round, charge.epsilon, charge.sampling_rate, charge.sigma


async def compare(database: Database, community: Community, clock: Callable[[], int]) -> Comparison:
    """Ask the coordinator, compare, and keep what was found."""
    account = read(await community.account())

    def read_own(connection: sqlite3.Connection) -> tuple[tuple[Round, ...], Comparison | None]:
        return rounds.since(connection, tiers.began(connection)), accounts.get(connection, community.id)

    own_rounds, former = await database.read(read_own)
    wrong = await asyncio.to_thread(disagreements, own_rounds, account, former)
    comparison = Comparison(
        clock(),
        rounds.most_spent(own_rounds),
        account.epsilon,
        len(account.charges),
        max(account.epsilon, former.most_theirs if former else 0.0),
        max(len(account.charges), former.most_charges if former else 0),
        account.last_round,
        wrong,
    )
    await database.write(lambda connection: accounts.put(connection, community.id, comparison))
    return comparison


async def newest(database: Database, community: str) -> Comparison | None:
    """Return the newest comparison with this community, None before any. community: its id."""
    return await database.read(lambda connection: accounts.get(connection, community))


async def overtaken(database: Database, comparison: Comparison) -> bool:
    """Whether this node has entered a round since the ledgers were compared."""
    return await database.read(rounds.last_ms) > comparison.at_ms


def disagreements(own_rounds: Sequence[Round], account: Account, former: Comparison | None) -> tuple[str, ...]:
    """Return in words what does not fit. own_rounds: the node's in this community, oldest first."""
    charged = {number for number, *_ in account.charges}
    differences: list[str] = []
    for own_round in own_rounds:
        is_due = own_round.state == ANSWERED and own_round.number <= account.last_round
        if is_due and own_round.number not in charged | account.failed:
            differences.append(
                f"this node answered round {own_round.number}, and the coordinator has charged nothing for it"
            )
    if former and (len(account.charges) < former.most_charges or account.epsilon < former.most_theirs - 1e-9):
        differences.append(
            f"the coordinator's ledger for you has shrunk: {former.most_charges} rounds and epsilon {former.most_theirs:.2f} "
            f"before, {len(account.charges)} rounds and epsilon {account.epsilon:.2f} now"
        )
    counted = Counter((rate, sigma) for _, _, rate, sigma in account.charges)
    if not _sane(account):
        differences.append("the coordinator's ledger for you makes no sense")
    elif account.charges:
        history = tuple(Spent(*kind, count) for kind, count in sorted(counted.items()))
        cost = within(history, account.delta, account.epsilon + _slack(account.epsilon))
        if abs(cost - account.epsilon) > _slack(cost):
            differences.append(
                f"the coordinator says that its rounds cost you epsilon {account.epsilon:.2f}; "
                f"they cost {'at least ' if cost > account.epsilon else ''}{cost:.2f}"
            )
    if own_rounds:
        until = [epsilon for number, epsilon, *_ in account.charges if number <= own_rounds[-1].number]
        reckoned = rounds.most_spent(own_rounds)
        if until and until[-1] > reckoned + _slack(reckoned):
            differences.append(
                f"up to round {own_rounds[-1].number} the coordinator has charged you epsilon {until[-1]:.2f}, more than "
                f"this node reckons ({reckoned:.2f})"
            )
    return tuple(differences)


def _sane(account: Account) -> bool:
    last, kinds = 0, set[tuple[float, float]]()
    for place, (number, epsilon, rate, sigma) in enumerate(account.charges):
        if (place and number <= last) or not 0 <= epsilon <= MOST_EPSILON:
            return False
        last = number
        kinds.add((rate, sigma))
    if len(kinds) > MOST_KINDS:
        return False
    return not any(unfit(len(account.charges), rate, sigma, account.delta) for rate, sigma in kinds)


def _slack(epsilon: float) -> float:
    return TOLERANCE * (1.0 + epsilon)
