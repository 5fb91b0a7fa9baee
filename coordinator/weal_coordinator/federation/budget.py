"""What one more round would cost, and whether anyone's budget allows it."""

from weal_coordinator.community.charter import Aggregation, Charter
from weal_coordinator.errors import BudgetError
from weal_coordinator.store import rounds
from weal_coordinator.store.database import Database
from weal_protocol.accounting import Spent, composed


def after(history: tuple[Spent, ...], rules: Aggregation) -> float:
    """Return epsilon after this history and one more round under these rules."""
    counted = {(spent.sampling_rate, spent.sigma): spent.rounds for spent in history}
    next_round = (rules.sampling_rate, rules.sigma)
    counted[next_round] = counted.get(next_round, 0) + 1
    return composed(tuple(Spent(*kind, count) for kind, count in sorted(counted.items())), rules.delta)


def check_budget(database: Database, rules: Charter) -> None:
    """Refuse a round after which anyone's epsilon would be above the charter's cap."""
    with database.read() as connection:
        histories = {*rounds.charges(connection).values(), ()}
    most = max(after(history, rules.aggregation) for history in histories)
    if most > rules.aggregation.epsilon_cap:
        raise BudgetError(
            f"the next round would bring epsilon to {most:.2f}, above the charter's cap of "
            f"{rules.aggregation.epsilon_cap:g}",
            "The community must amend its charter, or stop here",
        )
