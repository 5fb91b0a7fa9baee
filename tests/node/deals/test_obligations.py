"""Hours that are owed: until others confirm them, or the person's own word has stood long enough; never for good."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from weal_node.deals import ratification
from weal_node.deals.dialogue import VALID_MS
from weal_node.deals.obligations import DISPUTED_MS, QUIET_MS
from weal_node.deals.stakes import ActionLimits
from weal_node.errors import RefusedError
from weal_simulations.town.town import Table

FIRST, NEXT, LATER = (number.to_bytes(16, "big") for number in (1, 2, 3))
ONE_AT_A_TIME = ActionLimits(hours_open=3.5, hours_stranger=1e9)  # a deal of these people is of two hours or three
ONE_STRANGER = ActionLimits(hours_open=1e9, hours_stranger=3.5)


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path, limits=replace(ONE_AT_A_TIME))
    yield made
    made.close()


async def agree(table: Table, deal: bytes) -> None:
    """Bring a deal so far that it can be ratified."""
    ann, bob = table.seats
    await table.draft(deal, now_ms=table.wire.now)
    for seat, act in ((ann, "enter"), (bob, "enter"), (ann, "rank"), (bob, "rank")):
        view = await seat.agent.deal(deal.hex())
        assert view
        if act not in view.can:
            continue  # after a dispute agents make offers, and nobody ranks
        order = sorted((option.number for option in view.options), key=lambda n, v=view: -v.options[n - 1].gain)  # type: ignore[misc]  # bound now
        await seat.on(deal.hex(), act, *([order] if act == "rank" else []))
        await table.carry()


async def hold(table: Table, deal: bytes) -> None:
    """Bring a deal into force."""
    await agree(table, deal)
    for seat in table.seats:
        await seat.on(deal.hex(), "ratify")
        await table.carry()


async def refused(table: Table, words: str) -> bool:
    """Say whether Ann may not ratify one more deal; it is left as it is where she may not."""
    try:
        await table.seats[0].on(NEXT.hex(), "ratify")
    except RefusedError as fault:
        return words in fault.what
    return False


OPEN, STRANGER = "deals not yet fulfilled", "fulfilled no deal with you yet"


@pytest.mark.slow
async def test_a_word_given_to_a_deal_that_ran_out_is_owed_no_more(table: Table) -> None:
    await agree(table, FIRST)
    await table.seats[0].on(FIRST.hex(), "ratify")
    await table.carry()
    await agree(table, NEXT)
    assert await refused(table, OPEN)
    table.wire.now += VALID_MS + 1
    await agree(table, LATER)  # on the way the notary is asked whether somebody held a ratification back
    await table.seats[0].on(LATER.hex(), "ratify")


@pytest.mark.slow
async def test_a_word_is_owed_while_the_notary_cannot_say_that_the_deal_ran_out(table: Table) -> None:
    await agree(table, FIRST)
    await table.seats[0].on(FIRST.hex(), "ratify")
    await table.carry()
    table.wire.notary_answers = False
    table.wire.now += VALID_MS + 1
    await agree(table, NEXT)
    assert await refused(table, OPEN)


@pytest.mark.slow
async def test_ones_own_word_frees_hours_in_time_where_a_member_says_nothing(table: Table) -> None:
    ann = table.seats[0]
    await hold(table, FIRST)
    await ann.on(FIRST.hex(), "keep")
    view = await ann.agent.deal(FIRST.hex())
    assert view
    assert view.outcome.kept
    assert "keep" not in view.can
    await agree(table, NEXT)
    assert await refused(table, OPEN)
    table.wire.now += QUIET_MS
    await agree(table, LATER)
    await ann.on(LATER.hex(), "ratify")


@pytest.mark.slow
async def test_without_it_they_stay_owed(table: Table) -> None:
    await hold(table, FIRST)
    table.wire.now += DISPUTED_MS
    await agree(table, NEXT)
    assert await refused(table, OPEN)


@pytest.mark.slow
async def test_a_dispute_keeps_them_longer(table: Table) -> None:
    ann, bob = table.seats
    await hold(table, FIRST)
    await ann.on(FIRST.hex(), "keep")
    await bob.on(FIRST.hex(), "dispute", "not all of it")
    await table.carry()
    table.wire.now += QUIET_MS
    await agree(table, NEXT)
    assert await refused(table, OPEN)
    table.wire.now += DISPUTED_MS - QUIET_MS
    await agree(table, LATER)
    await ann.on(LATER.hex(), "ratify")


@pytest.mark.slow
@pytest.mark.parametrize("receipt", [False, True])
async def test_a_stranger_gets_more_only_once_the_person_has_signed_that_they_did_their_part(
    table: Table, receipt: bool
) -> None:
    ann = table.seats[0]
    ann.approvals.limits = ONE_STRANGER
    await hold(table, FIRST)
    await ann.on(FIRST.hex(), "keep")
    if receipt:
        await ann.on(FIRST.hex(), "fulfil")
    table.wire.now += QUIET_MS
    await agree(table, NEXT)
    assert await refused(table, STRANGER) is not receipt


@pytest.mark.slow
@pytest.mark.parametrize("limits", [ONE_AT_A_TIME, ONE_STRANGER])
async def test_a_guest_who_can_give_no_receipt_binds_no_hours_for_good(
    table: Table, limits: ActionLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = table.seats
    ann.approvals.limits = limits
    await hold(table, FIRST)
    await agree(table, NEXT)
    words = OPEN if limits is ONE_AT_A_TIME else STRANGER
    assert await refused(table, words)
    for act in ("fulfil", "keep"):
        await ann.on(FIRST.hex(), act)
    assert await refused(table, words)  # a member may yet say that it is not so
    monkeypatch.setattr(ann.letters, "is_guest", lambda key: key == bob.key)
    monkeypatch.setattr(ratification, "check_guests_first", lambda *_: None)  # the guest would ratify first
    assert not await refused(table, words)
