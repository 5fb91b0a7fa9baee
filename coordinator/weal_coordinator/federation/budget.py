"""What one more round would cost, and whether anyone's budget allows it."""

from dataclasses import dataclass, field

from weal_coordinator.community.charter import Aggregation, Charter
from weal_coordinator.errors import BudgetError
from weal_coordinator.store import epsilons, rounds
from weal_coordinator.store.database import Database
from weal_protocol.accounting import Spent, composed

AHEAD = 16  # rounds
FEW = 4  # histories; with more of them, only the next round's costs are worked out


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
            "The community must amend its charter, or stop here",
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
    found.keep(database)
