"""How many rounds fit under the cap: counted once, the same after every round, and zero once the next is refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from weal_coordinator import config, setup
from weal_coordinator.community import charter
from weal_coordinator.community.charter import Charter
from weal_coordinator.config import Home, Settings
from weal_coordinator.errors import BudgetError, FloorError
from weal_coordinator.federation.budget import (
    MOST_LEFT,
    Reckoner,
    check_budget,
    known_left,
    left,
    look_ahead,
    most_rounds,
)
from weal_coordinator.federation.rounds import check_floor, run_round
from weal_coordinator.store import rounds
from weal_coordinator.store.database import Database


@pytest.fixture
def place(tmp_path: Path) -> Home:
    founded = Home(tmp_path / "community")
    setup.found(founded, "commons", Settings())
    return founded


@pytest.fixture
def database(place: Home) -> Iterator[Database]:
    opened = Database(config.database_url(place, Settings()))
    yield opened
    opened.close()


def small(place: Home, cap: float) -> Charter:
    """The template with a cap that few rounds fit under."""
    rules = charter.read(place.charter.read_text())
    return replace(rules, aggregation=replace(rules.aggregation, epsilon_cap=cap))


def run_one(database: Database, rules: Charter) -> None:
    aggregation = rules.aggregation
    with database.read() as connection:
        history = rounds.spent_by_all(connection)
    spent = Reckoner.of(database).after(history, aggregation)
    with database.write() as connection:
        number = rounds.open_round(connection, "aa", 300, (), aggregation, 1)
        rounds.charge(connection, number, {"aa": spent}, 0, spent, b"")
        rounds.finish(connection, number, number)


@pytest.mark.slow
def test_after_each_round_one_less_is_left_until_the_next_is_refused(place: Home, database: Database) -> None:
    rules = small(place, 1.5)
    assert known_left(database, rules) is None  # nobody has worked it out
    first = left(database, rules)
    assert known_left(database, rules) is None  # to look keeps nothing
    look_ahead(database, rules)
    assert first is not None
    assert 1 < first < 10
    for still in range(first, 0, -1):
        assert known_left(database, rules) == still
        check_budget(database, rules)
        run_one(database, rules)
    assert known_left(database, rules) == 0
    with pytest.raises(BudgetError, match="above the charter's cap"):
        check_budget(database, rules)


def test_a_cap_that_promises_nothing_is_not_counted(place: Home, database: Database) -> None:
    assert left(database, small(place, 60.0)) is None


@pytest.mark.parametrize("power", [0.4, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("cap", [0.5, 1.0, 3.3, 8.0, 49.0, 1e9])
def test_the_number_is_the_largest_within_the_cap_and_few_are_looked_at(power: float, cap: float) -> None:
    looked: list[int] = []

    def spent(number: int) -> float:
        looked.append(number)
        return float(number**power)

    found = most_rounds(spent, cap)
    assert found is not None
    assert found == 0 or found**power <= cap
    assert found == MOST_LEFT or (found + 1) ** power > cap
    assert len(looked) <= 16
    unknown = looked[-1]
    assert most_rounds(lambda number: None if number == unknown else spent(number), cap) is None


def test_below_the_floor_a_round_is_refused_by_name_before_anything_is_charged(place: Home, database: Database) -> None:
    rules = charter.read(place.charter.read_text())
    with pytest.raises(FloorError, match="0 people take part, below the charter's floor of 200") as caught:
        check_floor(place, database, rules)
    assert "--below-floor" in caught.value.hint
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(config, "running", lambda _place: {})
        with pytest.raises(FloorError):
            run_round(place)
    with database.read() as connection:
        assert rounds.newest(connection) == 0
