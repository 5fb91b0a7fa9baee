"""The floor in the product's own spaces: honest people are never kept from deals, and only deals that hold count as gains."""

from pathlib import Path

import pytest

from weal_node.deals.reservation import next_reservation
from weal_node.deals.stakes import ActionLimits
from weal_node.negotiation import space
from weal_node.negotiation.baseline import Baseline
from weal_node.negotiation.ledger import FEWEST, STEPS
from weal_simulations.town.relay import NOW
from weal_simulations.town.town import Table, Taste, TownSeat

pytestmark = pytest.mark.slow

MANY = ActionLimits(bits_peer=1e9, bits_week=1e9, hours_open=1e9, hours_stranger=1e9, deals_week=1_000_000)
HONEST = Baseline(0.4, 0.1)


async def plain_swap(table: Table, number: int, ratifies: bool = True) -> str:
    """Let both do all that a plain swap needs; return how it stands with the first."""
    ann, bob = table.seats
    deal = number.to_bytes(16, "big")
    of = space.swap((ann.key, bob.key), ("piano lessons", "bicycle repair"), ())
    await table.draft(deal, of, NOW + number)
    for seat, act in ((ann, "enter"), (bob, "enter"), (ann, "rank"), (bob, "rank"), (ann, "ratify"), (bob, "ratify")):
        view = await seat.agent.deal(deal.hex())
        assert view
        if (act == "ratify" and not ratifies) or act not in view.can:
            break
        order = sorted((option.number for option in view.options), key=lambda n, v=view: -v.options[n - 1].gain)  # type: ignore[misc]  # bound now
        await seat.on(deal.hex(), act, *([order] if act == "rank" else []))
        await table.carry()
    view = await ann.agent.deal(deal.hex())
    assert view
    return view.state


async def much_was_expected(seat: TownSeat) -> None:
    assert seat.database
    await seat.database.write(lambda connection: connection.execute("UPDATE deals SET expected = 0.9").rowcount)


async def reservation_of_the_next(seat: TownSeat) -> float:
    assert seat.database
    return await seat.database.read(lambda connection: next_reservation(connection, HONEST))


@pytest.mark.parametrize(
    "worths", [(1.5, 1.3), *(pytest.param(further, marks=pytest.mark.slow) for further in ((1.5, 1.5), (2.0, 1.0)))]
)
async def test_twenty_honest_plain_swaps_between_two_people_all_end_in_deals(
    tmp_path: Path, worths: tuple[float, float]
) -> None:
    table = Table(tmp_path, limits=MANY, worths=worths)
    assert [await plain_swap(table, number) for number in range(20)] == ["ratified"] * 20
    table.close()


@pytest.mark.parametrize("ratifies", [False, True])
async def test_only_deals_that_hold_are_gains(tmp_path: Path, ratifies: bool) -> None:
    """Had people expected far more, deals that hold would raise the floor; those that somebody never ratified say nothing."""
    table = Table(tmp_path, limits=MANY)
    for number in range(FEWEST):
        assert await plain_swap(table, number, ratifies) == ("ratified" if ratifies else "agreed")
    await much_was_expected(table.seats[0])
    assert await reservation_of_the_next(table.seats[0]) == (STEPS[1] * HONEST.mean if ratifies else 0.0)
    table.close()


async def test_a_bargain_that_ends_without_a_deal_under_a_floor_lowers_it(tmp_path: Path) -> None:
    table = Table(tmp_path, limits=MANY)
    ann, bob = table.seats
    for number in range(FEWEST + 1):
        await plain_swap(table, number)
    await much_was_expected(ann)
    assert await reservation_of_the_next(ann) == STEPS[2] * HONEST.mean
    bob.taste = Taste(0.1, 5.0)  # there is nothing in it for bob
    bob.wake()
    assert await plain_swap(table, 99) == "no deal"
    assert await reservation_of_the_next(ann) == STEPS[1] * HONEST.mean
    table.close()
