"""Oversight: no act has an effect without an approval made for exactly this, once, soon; and the off switch stops everything."""

import base64
import itertools
import random
import secrets
from pathlib import Path
from typing import Any

import pytest

from weal_node.deals.acts import ACTS
from weal_node.deals.approvals import VALID_MS
from weal_node.deals.person_act import Needs
from weal_node.errors import RefusedError, SwitchedOffError
from weal_node.store import deals, mail
from weal_simulations.town.town import Table, TownSeat

GIVEN: dict[str, tuple[Any, ...]] = {
    "rank": ([1, 2, 3],),
    "dispute": ("no",),
    "rate": (True,),
    "edit": ("piano lessons (you give): 0, 1",),
    "counter": ("piano lessons (you give): 0, 1",),
}
STAGES = ((), ("enter",), ("enter", "enter"), ("enter", "enter", "rank"), ("enter", "enter", "rank", "ratify"))


async def said(seat: TownSeat) -> tuple[object, ...]:
    """Everything that an act could change: transcript, private marks, what waits to leave."""
    assert seat.database
    rows = await seat.database.read(deals.every)
    posted = await seat.database.read(mail.outgoing)
    return tuple((r.said, r.places, r.pending, r.dismissed, r.outcome_answer) for r in rows), posted


def test_what_binds_or_can_be_shown_needs_the_persons_key() -> None:
    assert {act.name for act in ACTS if act.needs is Needs.KEY} == {"ratify", "fulfil", "dispute"}
    assert len({act.name for act in ACTS}) == len(ACTS)


@pytest.mark.slow
async def test_no_act_has_an_effect_without_an_approval_of_exactly_this(tmp_path: Path) -> None:
    draw, tried = random.Random(1), 0
    for number, stage in enumerate(STAGES):
        table = Table(tmp_path / str(number))
        await table.draft()
        for act in stage:
            await table.do(act)
            await table.carry()
        seat = table.seats[0]
        deal = (await seat.view()).id
        _, approvals = await seat.agent.shown(deal)
        good = list(approvals.values())
        about = secrets.token_bytes(32)
        forged = ["", "x", "é", base64.urlsafe_b64encode(secrets.token_bytes(56)).decode()]
        forged += [seat.approvals.approve(act, bytes.fromhex(deal), about) for act in GIVEN]
        forged += [table.seats[1].approvals.approve("ratify", bytes.fromhex(deal), about)]
        for token in good:
            raw = bytearray(base64.urlsafe_b64decode(token))
            raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
            forged.append(base64.urlsafe_b64encode(bytes(raw)).decode())
        before = await said(seat)
        for act, token in itertools.product([act.name for act in ACTS], [*forged, *good]):
            if approvals.get(act) == token:
                continue
            with pytest.raises(RefusedError):
                await seat.approved(deal, act, token, *GIVEN.get(act, ()))
            tried += 1
        assert await said(seat) == before
        table.close()
    assert tried >= 200


async def test_an_approval_works_once_and_not_after_its_time_nor_after_a_restart(tmp_path: Path) -> None:
    table = Table(tmp_path)
    await table.draft()
    ann = table.seats[0]
    deal = (await ann.view()).id
    _, old = await ann.agent.shown(deal)
    table.wire.now += VALID_MS + 1
    with pytest.raises(RefusedError, match="expired"):
        await ann.approved(deal, "enter", old["enter"])
    _, before_restart = await ann.agent.shown(deal)
    ann.wake()
    with pytest.raises(RefusedError, match="not what you approved"):
        await ann.approved(deal, "enter", before_restart["enter"])
    _, approvals = await ann.agent.shown(deal)
    await ann.approved(deal, "enter", approvals["enter"])
    for again in (approvals["enter"], old["enter"]):
        with pytest.raises(RefusedError):
            await ann.approved(deal, "enter", again)
    assert len((await ann.agent.deals())[0].disclosed.transcript) == 1
    table.close()


@pytest.mark.slow
async def test_switched_off_every_session_stops_at_once_and_stays_so_after_a_restart(tmp_path: Path) -> None:
    for number, stage in enumerate(STAGES[1:]):
        table = Table(tmp_path / str(number))
        await table.draft()
        for act in stage:
            await table.do(act)
            await table.carry()
        ann, bob = table.seats
        await bob.flush()
        ann.off = True
        before = await said(ann)
        for act in (await ann.view()).can:
            with pytest.raises(SwitchedOffError):
                await ann.act(act, *GIVEN.get(act, ()))
        for frame in table.wire.past:
            if frame.recipient == ann.key:
                with pytest.raises(SwitchedOffError):
                    await ann.take(frame)
        ann.wake()
        with pytest.raises(SwitchedOffError):
            await ann.flush()
        assert await said(ann) == before
        assert table.wire.frames == []
        ann.off = False
        for act in ("enter", "rank", "ratify", "rate"):
            await table.do(act)
            await table.carry()
        assert set(await table.states()) == {"ratified"}
        table.close()
