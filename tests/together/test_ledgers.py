"""The coordinator answers a member what it has charged them, and no one else; a ledger that was tampered with is an alarm."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from weal_coordinator.community import charter
from weal_coordinator.store import ready, rounds
from weal_node.config import Home, Settings
from weal_node.federation.readiness import report_answers
from weal_node.federation.reconciliation import compare
from weal_node.records import Answer, Choice
from weal_node.store import answers, disclosures, tiers
from weal_node.store import rounds as own_rounds
from weal_node.upkeep.doctor import examine, two_ledgers
from weal_protocol.accounting import epsilon

pytestmark = pytest.mark.together


def charged(community: Any, keys: list[str]) -> None:
    rules = charter.read(community.place.charter.read_text()).aggregation
    with community.database.write() as connection:
        number = rounds.open_round(connection, "aa", len(keys), (), rules, 1)
        spent = epsilon(number, rules.sampling_rate, rules.sigma, rules.delta)
        rounds.charge(connection, number, dict.fromkeys(keys, spent), 0, spent, b"")


async def test_a_member_is_told_their_own_account_and_an_altered_one_is_an_alarm(community: Any) -> None:
    ada, bo = await community.person("Ada"), await community.person("Bo")
    database, place = ada.database, Home(community.folder / "Ada")
    await database.write(lambda connection: tiers.choose(connection, "light", 1))
    assert two_ledgers(place) == ()
    for _ in range(2):
        charged(community, [ada.key.hex(), bo.key.hex()])
    charged(community, [bo.key.hex()])
    found = await compare(database, ada.community, lambda: 7)
    assert (found.charges, found.disagreements, found.last_round) == (2, (), 3)
    assert (await bo.community.account()).charges[-1].round == 3
    (check,) = two_ledgers(place)
    assert check.ok
    assert "they agree" in check.detail

    await database.write(lambda connection: own_rounds.charge(connection, 3, 9.0, 5))
    await database.write(lambda connection: own_rounds.settle(connection, 3, own_rounds.ANSWERED))
    with community.database.write() as connection:
        connection.execute(
            text("DELETE FROM ledger WHERE agent_key = :key AND round_number = 2"), {"key": ada.key.hex()}
        )
    found = await compare(database, ada.community, lambda: 8)
    assert any("answered round 3" in said for said in found.disagreements)
    assert any("has shrunk" in said for said in found.disagreements)
    (check,) = two_ledgers(place)
    assert not check.ok
    report = examine(place, Settings())
    assert not next(one for one in report["checks"] if one["name"] == "two ledgers")["ok"]


async def test_enough_new_answers_are_said_once_a_round_and_in_the_ledger_first(community: Any) -> None:
    ada = await community.person("Ada")
    database, now = ada.database, iter(range(1_000, 2_000)).__next__
    enough = 20  # as the charter's template has it

    async def answer(first: int, last: int) -> None:
        for number in range(first, last):
            label = Answer(f"{number:032x}", 100 + number, "x", "", Choice.ACCEPT, "teach")
            await database.write(partial(answers.add, answer=label))

    async def said(last_round: int) -> bool:
        return await report_answers(database, ada.community, last_round, now)

    def known(since: int) -> int:
        with community.database.read() as connection:
            return len(ready.times(connection, since))

    await answer(0, enough)
    assert not await said(0)  # who gives nothing says nothing
    await database.write(lambda connection: tiers.choose(connection, "light", 1))
    assert await said(0)
    assert not await said(0)
    assert known(0) == 1
    (entry,) = await database.read(disclosures.all_of)
    assert (entry.what, entry.payload) == ("enough new answers", b"at least 20 new answers since round 0")

    charged(community, [ada.key.hex()])
    assert known(1) == 0
    await database.write(
        lambda connection: own_rounds.charge(connection, 1, 1.0, 119)
    )  # answers up to here are used up
    await answer(enough, 2 * enough - 1)
    assert not await said(1)
    await answer(2 * enough - 1, 2 * enough)
    assert await said(1)
    assert (known(0), known(1)) == (0, 1)
    await ada.community.report_answers(0)  # late: of a round that is over
    assert known(0) == 0
