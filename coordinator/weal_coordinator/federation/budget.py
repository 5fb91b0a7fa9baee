"""What one more round would cost, whether anyone's budget allows it, and how many more there may be."""

from collections.abc import Callable
from dataclasses import dataclass, field

from weal_coordinator.community.charter import Aggregation, Charter
from weal_coordinator.errors import BudgetError
from weal_coordinator.store import epsilons, rounds
from weal_coordinator.store.database import Database
from weal_protocol.accounting import Spent, composed

AHEAD = 16  # rounds
FEW = 4  # histories; with more of them, only the next round's costs are worked out
MOST_LEFT = 4_096  # rounds; beyond that nobody counts
MEANINGFUL = 50.0  # a cap above this promises nothing, and is not worth the work


@dataclass
class Reckoner:
    """Epsilon after histories of rounds, remembered in the database from process to process: `keep` writes what is new."""

    known: dict[str, float]
    new: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, database: Database) -> "Reckoner":
        """Return one that knows what was worked out before."""
        with database.read() as connection:
            return cls(epsilons.every(connection))

    def after(self, history: tuple[Spent, ...], rules: Aggregation, rounds: int = 1) -> float:
        """Return epsilon after this history and so many more rounds under these rules."""
        whole = _with(history, rules, rounds)
        name = epsilons.name(whole, rules.delta)
        if name not in self.known:
            self.known[name] = self.new[name] = composed(whole, rules.delta)
        return self.known[name]

    def knows(self, history: tuple[Spent, ...], rules: Aggregation, rounds: int) -> bool:
        """Say whether `after` would be told at once."""
        return epsilons.name(_with(history, rules, rounds), rules.delta) in self.known

    def told(self, history: tuple[Spent, ...], rules: Aggregation, rounds: int) -> float | None:
        """Return what `after` would, None where it would have to work."""
        return self.known.get(epsilons.name(_with(history, rules, rounds), rules.delta))

    def keep(self, database: Database) -> None:
        """Write down what is new."""
        new, self.new = self.new, {}
        if new:
            with database.write() as connection:
                epsilons.keep(connection, new)


def _with(history: tuple[Spent, ...], rules: Aggregation, rounds: int) -> tuple[Spent, ...]:
    counted = {(spent.sampling_rate, spent.sigma): spent.rounds for spent in history}
    kind = (rules.sampling_rate, rules.sigma)
    counted[kind] = counted.get(kind, 0) + rounds
    return tuple(Spent(*kind, count) for kind, count in sorted(counted.items()))


def check_budget(database: Database, rules: Charter) -> Reckoner:
    """Refuse a round after which anyone's epsilon would be above the charter's cap; return what was reckoned with."""
    found = Reckoner.of(database)
    with database.read() as connection:
        histories = {*rounds.charges(connection).values(), ()}
    most = max(found.after(history, rules.aggregation) for history in histories)
    found.keep(database)
    if most > rules.aggregation.epsilon_cap:
        raise BudgetError(
            f"the next round would bring epsilon to {most:.2f}, above the charter's cap of "
            f"{rules.aggregation.epsilon_cap:g}",
            "This community's budget is spent, and its last release stays in use; `weal-coordinator charter amend` can raise the cap, and each member is asked",
        )
    return found


def look_ahead(database: Database, rules: Charter) -> None:
    """Work out what rounds after the next would cost everyone, while there is time: several at once, for to begin takes longest."""
    found = Reckoner.of(database)
    with database.read() as connection:
        histories = {*rounds.charges(connection).values(), ()}
    wanted = [history for history in histories if not found.knows(history, rules.aggregation, 2)]
    far = AHEAD if len(wanted) <= FEW else 2
    for history in wanted:
        for number in range(2, far + 1):
            found.after(history, rules.aggregation, number)
    _left(found.after, database, rules)
    found.keep(database)


def known_left(database: Database, rules: Charter) -> int | None:
    """Return how many more rounds fit under the cap, None where no round has worked that out yet. No work."""
    return _left(Reckoner.of(database).told, database, rules)


def left(database: Database, rules: Charter) -> int | None:
    """Return how many more rounds fit under the cap for someone registered from the start, None for a cap beyond counting. May take
    seconds the first time; keeps nothing."""
    return _left(Reckoner.of(database).after, database, rules)


Telling = Callable[[tuple[Spent, ...], Aggregation, int], float | None]


def _left(told: Telling, database: Database, rules: Charter) -> int | None:
    aggregation = rules.aggregation
    if aggregation.epsilon_cap > MEANINGFUL:
        return None
    with database.read() as connection:
        history = rounds.spent_by_all(connection)
    kind = (aggregation.sampling_rate, aggregation.sigma)
    # By how many there are of this kind in all, not how many more: so the same is asked after every round, and known.
    others = tuple(one for one in history if (one.sampling_rate, one.sigma) != kind)
    already = sum(one.rounds for one in history if (one.sampling_rate, one.sigma) == kind)
    most = most_rounds(lambda number: told(others, aggregation, number), aggregation.epsilon_cap)
    return None if most is None else max(most - already, 0)


def most_rounds(spent: Callable[[int], float | None], cap: float) -> int | None:
    """Return the largest number of rounds, at most MOST_LEFT, that cost no more than the cap; None where `spent` cannot tell. It never falls."""
    low, high, number = 0, MOST_LEFT + 1, 1
    while high - low > 1:
        found = spent(number)
        if found is None:
            return None
        low, high = (number, high) if found <= cap else (low, number)
        # Epsilon grows between the root and the rate of the number; once that is beside the mark, the middle.
        aimed = round(number * (cap / found) ** 1.5) if found > 0 else number * 4
        step = max((high - low) // 8, 1)
        number = aimed if low + step <= aimed <= high - step else (low + high) // 2
    return low
