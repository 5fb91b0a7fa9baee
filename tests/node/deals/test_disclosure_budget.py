"""What may be told is set aside when an agent enters: bargains held at once keep within the caps together."""

from pathlib import Path

import pytest

from weal_node.deals.dialogue import VALID_MS, replayed
from weal_node.deals.disclosure_budget import set_aside
from weal_node.deals.stakes import ActionLimits
from weal_node.errors import RefusedError
from weal_node.negotiation import mechanism
from weal_node.store import deals as stored
from weal_node.store import disclosures
from weal_simulations.town.relay import NOW
from weal_simulations.town.town import Table, TownSeat


async def told(seat: TownSeat, to: TownSeat) -> float:
    assert seat.database
    return await seat.database.read(lambda connection: disclosures.bits_to(connection, to.key.hex()))


async def aside(seat: TownSeat, now_ms: int = NOW) -> float:
    assert seat.database
    return sum((await seat.database.read(lambda connection: set_aside(connection, now_ms))).values())


async def enter_all(table: Table, deals: int, answered: bool = True) -> int:
    """Let both people enter so many deals, each before any other is over; return how many the first one could."""
    ann, bob = table.seats
    entered = 0
    for number in range(deals):
        deal = number.to_bytes(16, "big")
        await table.draft(deal)
        try:
            await ann.on(deal.hex(), "enter")
        except RefusedError:
            continue
        entered += 1
    if answered:
        await table.carry()
        for view in await bob.agent.deals():
            await bob.on(view.id, "enter")
        await table.carry()
    return entered


@pytest.mark.slow
@pytest.mark.parametrize("limits", [ActionLimits(bits_peer=400), ActionLimits(bits_week=400)])
async def test_bargains_entered_one_after_another_keep_within_the_cap_together(
    tmp_path: Path, limits: ActionLimits
) -> None:
    table = Table(tmp_path, limits=limits)
    ann, bob = table.seats
    for seat in table.seats[1:]:
        seat.approvals.limits = ActionLimits()
    assert 1 <= await enter_all(table, 8) < 8
    assert 0 < await told(ann, bob) <= 400
    assert await told(ann, bob) + await aside(ann) <= 400
    table.close()


@pytest.mark.slow
async def test_what_was_set_aside_and_not_told_is_free_again_once_the_bargain_is_over(tmp_path: Path) -> None:
    table = Table(tmp_path, limits=ActionLimits(bits_peer=400))
    ann = table.seats[0]
    could = await enter_all(table, 8, answered=False)
    assert await aside(ann) > 0
    refused = could.to_bytes(16, "big").hex()
    with pytest.raises(RefusedError, match="what is under way counted"):
        await ann.on(refused, "enter")
    await ann.on(bytes(16).hex(), "cancel")
    await ann.on(refused, "enter")
    assert await aside(ann, NOW + VALID_MS + 1) == 0.0
    table.close()


async def test_an_agent_says_nothing_more_once_a_deal_has_expired(tmp_path: Path) -> None:
    table = Table(tmp_path)
    ann, bob = table.seats
    await table.draft()
    await ann.act("enter")
    await table.carry()
    await bob.act("enter")
    await bob.flush()  # the answer is on its way when the time is up
    before = await told(ann, bob)
    table.wire.now += VALID_MS + 1
    await table.carry()
    assert await told(ann, bob) == before
    assert await ann.letters.refusals()
    table.close()


@pytest.mark.slow
@pytest.mark.parametrize("people", [2, 3])
@pytest.mark.parametrize("offers_only", [False, True])
async def test_no_bargain_tells_more_than_it_was_said_to(tmp_path: Path, people: int, offers_only: bool) -> None:
    table = Table(tmp_path, people, ActionLimits(offers_only_first=offers_only))
    await table.draft()
    for act in ("enter", "enter", "rank"):
        await table.do(act)
        await table.carry()
    for seat in table.seats:
        assert seat.database
        (row,) = await seat.database.read(stored.every)
        negotiation = replayed(row)
        most = mechanism.most_bits(negotiation.mechanism, negotiation.known())
        assert all(0 < negotiation.bits_disclosed(party) <= most for party in range(people))
    table.close()
