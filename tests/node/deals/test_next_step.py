"""What is to be done next is said at every stage of a deal, and to the one who can do it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from weal_node.deals.times import day
from weal_protocol.deal import LONGEST_TO_RATIFY_MS
from weal_simulations.town.relay import NOW
from weal_simulations.town.town import Table


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path)
    yield made
    made.close()


async def steps(table: Table) -> tuple[str, str]:
    ann, bob = [await seat.view() for seat in table.seats]
    return ann.next.words, bob.next.words


@pytest.mark.slow
async def test_the_next_step_goes_from_hand_to_hand(table: Table) -> None:
    await table.draft()
    ann, bob = table.seats
    assert (await ann.view()).next.words == "Let your agent negotiate, or say no"
    await ann.act("enter")
    await table.carry()
    assert await steps(table) == (
        "Wait until bob let their agent negotiate",
        "You are invited: let your agent negotiate, propose changes or decline",
    )
    await bob.act("enter")
    await table.carry()
    assert await steps(table) == ("Rank the options", "Rank the options")
    await ann.act("rank", [option.number for option in (await ann.view()).options])
    assert (await ann.view()).next.words == "Wait for the others' rankings"
    await bob.act("rank", [option.number for option in (await bob.view()).options])
    await table.carry()
    table.wire.notary_answers = False
    await ann.act("ratify")
    assert (await ann.view()).next.words == "Your ratification waits for the notary"
    table.wire.notary_answers = True
    await table.carry()
    until = day(NOW + LONGEST_TO_RATIFY_MS)
    assert await steps(table) == (f"Wait: the others can ratify until {until}", f"Ratify by {until}, or withdraw")
    await bob.act("ratify")
    await table.carry()
    assert (await ann.view()).next.words == "Once the others have done their part, give a receipt; then rate it"
    await ann.act("rate", True)
    await ann.act("fulfil")
    await table.carry()
    assert (await ann.view()).next.words == "Wait for a receipt by bob"
    await bob.act("fulfil")
    await table.carry()
    assert await steps(table) == ("Nothing: everyone did their part", "Say how it turned out")
    assert [(await seat.view()).next.ended for seat in table.seats] == [True, False]
    assert [(await seat.view()).next.for_person for seat in table.seats] == [False, True]


@pytest.mark.parametrize(("act", "word"), [("decline", "declined"), ("cancel", "cancelled")])
async def test_nothing_is_to_be_done_about_what_is_over(table: Table, act: str, word: str) -> None:
    await table.draft()
    ann, bob = table.seats
    await ann.act("enter")
    await table.carry()
    await (bob if act == "decline" else ann).act(act)
    await table.carry()
    assert await steps(table) == (f"Nothing: it was {word}",) * 2
    assert all([(await seat.view()).next.ended for seat in table.seats])
