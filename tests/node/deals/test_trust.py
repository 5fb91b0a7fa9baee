"""Who is a stranger: a first deal is open among members unless their person says careful; who disputes a deal is no friend."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from weal_node.deals.dialogue import replayed
from weal_node.deals.manual_drafts import ManualProposal
from weal_node.deals.stakes import ActionLimits
from weal_node.negotiation import mechanism
from weal_node.store import deals
from weal_simulations.town.relay import NOW
from weal_simulations.town.town import DEAL, Table, TownSeat

CAREFUL = replace(ActionLimits(), offers_only_first=True)
ACTS = ("enter", "enter", "rank", "ratify", "fulfil", "rate")


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[list[Table]]:
    made = [Table(tmp_path / "open"), Table(tmp_path / "careful", limits=CAREFUL)]
    yield made
    for table in made:
        table.close()


async def used(seat: TownSeat, deal: bytes = DEAL) -> str:
    assert seat.database
    row = await seat.database.read(lambda connection: deals.get(connection, deal))
    assert row
    return str(replayed(row).mechanism.name)


async def shown(seat: TownSeat) -> tuple[str, bool]:
    view = (await seat.agent.deals())[0]
    seen, _ = await seat.agent.shown(view.id)
    return seen.entry.trust, seen.entry.offers_only


async def through(table: Table) -> None:
    for act in ACTS:
        await table.do(act)
        await table.carry()


@pytest.mark.slow
async def test_a_first_deal_is_open_among_members_and_careful_where_the_person_wants_that(tables: list[Table]) -> None:
    plain, careful = tables
    for table, words in ((plain, "your agents speak openly"), (careful, "careful mode")):
        await table.draft()
        ann, bob = table.seats
        assert await shown(ann) == (f"First deal with bob: {words}.", table is careful)
        await ann.act("enter")
        await table.carry()
        assert await shown(bob) == (f"First deal with ann: {words}.", table is careful)
        await through(table)
        assert set(await table.states()) == {"fulfilled"}
    assert await used(plain.seats[0]) == mechanism.SEED_SHORTLIST
    assert await used(careful.seats[1]) == mechanism.CONCESSION


@pytest.mark.slow
async def test_an_invitation_from_somebody_one_never_dealt_with_says_so(tables: list[Table]) -> None:
    table = tables[0]
    ann, bob = table.seats

    async def said(seat: TownSeat) -> tuple[str, str]:
        listed = (await seat.agent.deals())[0]
        seen, _ = await seat.agent.shown(listed.id)
        return listed.entry.stranger, seen.entry.stranger

    await table.draft()
    assert await said(ann) == ("", "")  # her own idea
    await ann.act("enter")
    await table.carry()
    for words in await said(bob):
        assert words.startswith("You have never dealt with ann")
    await through(table)
    assert set(await table.states()) == {"fulfilled"}
    await table.draft(deal=b"e" * 16, now_ms=NOW + 1)
    await ann.on((b"e" * 16).hex(), "enter")
    await table.carry()
    assert await said(bob) == ("", "")


async def test_the_person_decides_at_the_deal_itself(tables: list[Table]) -> None:
    for table, manner, name in zip(
        tables, (True, False), (mechanism.CONCESSION, mechanism.SEED_SHORTLIST), strict=True
    ):
        await table.draft()
        await table.seats[0].act("enter", manner)
        await table.carry()
        assert await used(table.seats[0]) == await used(table.seats[1]) == name


@pytest.mark.slow
async def test_after_a_fulfilled_deal_they_know_each_other_and_after_a_dispute_no_more(tables: list[Table]) -> None:
    table = tables[1]
    ann, bob = table.seats
    await table.draft()
    for act in ACTS[:4]:
        await table.do(act)
        await table.carry()
    await bob.act("dispute", "half of it")
    await table.carry()
    again = await ann.agent.propose(ManualProposal([bob.key], "bread", "soup"))
    seen, _ = await ann.agent.shown(again)
    assert (seen.entry.trust, seen.entry.offers_only) == ("A deal with bob is in dispute: careful mode.", True)
    for seat in table.seats:
        deal = DEAL.hex()
        _, approvals = await seat.agent.shown(deal)
        await seat.approved(deal, "fulfil", approvals["fulfil"])
        await table.carry()
    seen, approvals = await ann.agent.shown(again)
    assert (seen.entry.trust, seen.entry.offers_only) == (
        "You and bob have fulfilled a deal before: your agents speak openly.",
        False,
    )
    assert seen.entry.bits_offers > 0
    await ann.approved(again, "enter", approvals["enter"])
    assert await used(ann, bytes.fromhex(again)) == mechanism.SEED_SHORTLIST


@pytest.mark.slow
async def test_several_strangers_only_ever_learn_sums(tmp_path: Path) -> None:
    table = Table(tmp_path, 3, CAREFUL)
    await table.draft()
    await through(table)
    assert {await used(seat) for seat in table.seats} == {mechanism.MASKED}
    assert set(await table.states()) == {"fulfilled"}
    table.close()
