"""Rounds and the ledger: charged once, before anything is released, and never lowered."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from weal_coordinator.community.charter import TEMPLATE, read
from weal_coordinator.store import rounds
from weal_coordinator.store.database import Database
from weal_protocol.accounting import Spent

RULES = read(TEMPLATE.format(name="commons")).aggregation
DRAWN = ("aa" * 32, "bb" * 32)


def opened(connection: Connection, sigma: float = 1.0) -> int:
    return rounds.open_round(connection, "cc" * 32, 3, DRAWN, replace(RULES, sigma=sigma), 1)


def spent(connection: Connection) -> dict[tuple[str, int], float]:
    rows = connection.execute(text("SELECT agent_key, round_number, epsilon FROM ledger"))
    return {(str(key), int(number)): float(epsilon) for key, number, epsilon in rows}


def charged(connection: Connection, *people: str, sigma: float = 1.0, epsilon: float = 0.5) -> int:
    number = opened(connection, sigma)
    rounds.charge(connection, number, dict.fromkeys(people, epsilon), len(people), epsilon, b"total")
    return number


def one(connection: Connection, number: int) -> rounds.Round:
    found = rounds.get(connection, number)
    assert found is not None
    return found


def test_a_round_goes_from_open_to_charged_to_done(database: Database) -> None:
    with database.write() as connection:
        number = opened(connection)
        assert (one(connection, number).state, one(connection, number).sampled) == ("open", 2)
        rounds.finish(connection, number, 1)
        assert one(connection, number).state == "open"  # nothing is released before it was charged
        rounds.charge(connection, number, {"aa": 0.5}, 2, 0.5, b"total")
        assert (one(connection, number).state, one(connection, number).total) == ("charged", b"total")
        rounds.finish(connection, number, 7)
        assert (one(connection, number).state, one(connection, number).release) == ("done", 7)
        assert one(connection, number).drawn == DRAWN
        assert rounds.get(connection, number + 1) is None


def test_a_round_is_charged_once_and_never_lowered(database: Database) -> None:
    with database.write() as connection:
        number = charged(connection, "aa", "bb", epsilon=0.5)
        before = spent(connection)
        rounds.charge(connection, number, {"aa": 0.0, "zz": 9.0}, 0, 0.0, b"other")
        rounds.finish(connection, number, 1)
        rounds.charge(connection, number, {"aa": 0.0}, 0, 0.0, b"other")
        rounds.fail(connection, number)
        assert spent(connection) == before == {("aa", number): 0.5, ("bb", number): 0.5}
        assert (one(connection, number).state, one(connection, number).total) == ("done", b"total")
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(text(f"INSERT INTO ledger VALUES ('aa', {number}, 0.0)"))


def test_everyone_registered_is_charged_drawn_or_not(database: Database) -> None:
    with database.write() as connection:
        charged(connection, "aa", "bb", "not drawn")
        assert set(rounds.charges(connection)) == {"aa", "bb", "not drawn"}


def test_rounds_are_counted_by_the_rules_of_their_time(database: Database) -> None:
    with database.write() as connection:
        charged(connection, "aa", sigma=1.0)
        charged(connection, "aa", "bb", sigma=1.0)
        charged(connection, "aa", "bb", sigma=2.0)
        rounds.fail(connection, opened(connection))
        rate = RULES.sampling_rate
        assert rounds.charges(connection) == {
            "aa": (Spent(rate, 1.0, 2), Spent(rate, 2.0, 1)),
            "bb": (Spent(rate, 1.0, 1), Spent(rate, 2.0, 1)),
        }
        assert rounds.spent_by_all(connection) == (Spent(rate, 1.0, 2), Spent(rate, 2.0, 1))


def test_an_open_round_given_up_costs_nothing_and_its_number_is_not_used_again(database: Database) -> None:
    with database.write() as connection:
        number = opened(connection)
        rounds.fail(connection, number)
        assert one(connection, number).state == "failed"
        assert rounds.charges(connection) == {}
        rounds.charge(connection, number, {"aa": 1.0}, 1, 1.0, b"")
        assert rounds.charges(connection) == {}
        assert opened(connection) == number + 1


def test_a_round_in_which_no_one_is_registered_is_charged_to_no_one(database: Database) -> None:
    with database.write() as connection:
        number = charged(connection)
        assert one(connection, number).state == "charged"
        assert rounds.charges(connection) == {}


def test_reasons_are_kept_and_a_members_long_words_break_nothing(database: Database) -> None:
    long = {f"an error instead of statistics: {n}{chr(0x1F333) * 150}": 1 for n in range(30)}
    with database.write() as connection:
        number = opened(connection)
        rounds.note_refusals(connection, number, {"wrong size": 3, **long, "wrong keys": 2})
        kept = one(connection, number).refused
    assert (kept["wrong size"], kept["wrong keys"]) == (3, 2)
    assert len(json.dumps(kept)) <= 4_000
    with database.read() as connection:
        assert len(rounds.every(connection)) == 1
