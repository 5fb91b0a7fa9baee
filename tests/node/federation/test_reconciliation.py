"""Two ledgers that fit, and every way in which they may not: each is an alarm in words."""

import pytest

from weal_node.federation.reconciliation import Account, disagreements
from weal_node.store.accounts import Comparison
from weal_node.store.rounds import ANSWERED, LATE, Round
from weal_protocol.accounting import epsilon

Q, SIGMA, DELTA = 0.2, 1.0, 1e-5
SPENT = [epsilon(count, Q, SIGMA, DELTA) for count in range(6)]


def theirs(*numbers: int, last: int = 5, failed: tuple[int, ...] = (), factor: float = 1.0) -> Account:
    charges = tuple((number, factor * SPENT[place], Q, SIGMA) for place, number in enumerate(numbers, start=1))
    return Account(charges, DELTA, last, frozenset(failed))


def answered(*numbers: int) -> list[Round]:
    return [Round(number, SPENT[number], ANSWERED) for number in numbers]


def seen(most: float, charges: int) -> Comparison:
    return Comparison(1, 0.0, most, charges, most, charges, 5, ())


@pytest.mark.parametrize(
    ("mine", "account"),
    [
        ([], theirs(last=0)),
        ([], theirs(1, 2, 3)),  # registered, never drawn
        (answered(2, 4), theirs(1, 2, 3, 4, 5)),
        (answered(2, 5), theirs(1, 2, 3, last=4)),  # round 5 is still running
        (answered(2, 3), theirs(1, 2, failed=(3,), last=4)),
        ([*answered(1), Round(2, SPENT[2], LATE)], theirs(1, last=2)),
    ],
)
def test_ledgers_that_fit_raise_no_alarm(mine: list[Round], account: Account) -> None:
    assert disagreements(mine, account, seen(0.0, 0)) == ()


@pytest.mark.parametrize(
    ("mine", "account", "before", "said"),
    [
        (answered(2, 4), theirs(1, 2, 3, 5), None, "answered round 4, and the coordinator has charged nothing"),
        ([], theirs(1, 2), seen(SPENT[3], 3), "has shrunk: 3 rounds"),
        ([], theirs(1, 2, 3, factor=0.5), None, "they cost"),
        ([], theirs(1, 2, 3, factor=2.0), None, "they cost"),
        ([Round(3, SPENT[1], ANSWERED)], theirs(1, 2, 3), None, "more than this node reckons"),
        ([], Account(((1, 1.0, 0.0, 1.0),), DELTA, 1, frozenset()), None, "makes no sense"),
        ([], Account(((2, 1.0, Q, 1.0), (1, 1.0, Q, 1.0)), DELTA, 2, frozenset()), None, "makes no sense"),
        ([], Account(((1, float("nan"), Q, 1.0),), DELTA, 2, frozenset()), None, "makes no sense"),
    ],
)
def test_ledgers_that_do_not_fit_are_an_alarm(
    mine: list[Round], account: Account, before: Comparison | None, said: str
) -> None:
    (alarm,) = disagreements(mine, account, before)
    assert said in alarm
