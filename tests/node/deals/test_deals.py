"""A deal from two notes to two labels, between nodes with real stores, keys, signatures, sealed letters and a notary.

Only the sockets are left out (weal_simulations.wire): frames are carried by hand, and a node can be killed between any two of them.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from weal_node.deals import ratification
from weal_node.deals.dialogue import replayed
from weal_node.deals.manual_drafts import ManualProposal
from weal_node.deals.stakes import ActionLimits
from weal_node.deals.views import DealView
from weal_node.errors import RefusedError
from weal_node.mail.outbox import UnsignedLetter
from weal_node.negotiation import mechanism, space
from weal_node.negotiation.negotiation import Statement
from weal_node.records import Note, Visibility
from weal_node.reward.principles import vetoed
from weal_node.reward.veto import parse
from weal_node.store import answers, deals, letters, records
from weal_node.vault import markdown
from weal_protocol import deal as life
from weal_protocol import notary, signing
from weal_protocol.envelope import START, Envelope
from weal_protocol.errors import ForgedError, PeerError, UnlawfulMoveError
from weal_protocol.items import item_id
from weal_protocol.v1 import negotiation_pb2
from weal_simulations.town.relay import NOW, Frame
from weal_simulations.town.town import Table, Taste, TownSeat

ACTS = ("enter", "enter", "rank", "ratify", "rate")


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path)
    yield made
    made.close()


TWO = {"ann": ("bicycle repair", "piano lessons"), "bob": ("piano lessons", "bicycle repair")}
THREE = {
    "ann": ("bicycle repair", "piano lessons"),
    "bob": ("garden work", "bicycle repair"),
    "cyd": ("piano lessons", "garden work"),
}


async def publish_notes(table: Table) -> None:
    wishes = TWO if len(table.seats) == 2 else THREE
    for writer in table.seats:
        need, offer = wishes[writer.name]
        note = Note(item_id(writer.name)[:32], f"{writer.name}.md", "Wishes", "", Visibility.PUBLIC, (need,), (offer,))
        body = markdown.write(note, None).decode()
        author = writer.key.hex()
        row = records.Mirrored(item_id(writer.name), 1, "note", author, note.id, note.path, "public", NOW, body, b"")
        for seat in table.seats:
            assert seat.database
            await seat.database.write(lambda connection, one=row: records.add(connection, [one]))  # type: ignore[misc]  # bound now


async def until(table: Table, last: str) -> None:
    """Carry the deal on until everyone has done this."""
    for act in ACTS:
        await table.do(act)
        await table.carry()
        if act == last and (act != "enter" or "rank" in (await table.seats[1].view()).can):
            return


async def row_of(seat: TownSeat) -> deals.DealRow:
    assert seat.database
    (row,) = await seat.database.read(deals.every)
    return row


@pytest.mark.slow
@pytest.mark.parametrize("killing", [False, True])
async def test_a_deal_from_two_notes_to_two_labels(table: Table, killing: bool) -> None:
    await publish_notes(table)
    for seat in table.seats:
        assert await seat.agent.find() == 1
        assert await seat.agent.find() == 0
    ann, bob = table.seats

    async def carry() -> None:
        async def deliver(frame: Frame) -> None:
            seat = table.seat(frame.recipient)
            for _ in range(2 if killing else 1):  # it was not marked as seen: it comes again
                if killing:
                    seat.wake()
                await seat.take(frame)

        while True:
            for seat in table.seats:
                await seat.flush()
            if not table.wire.frames:
                return
            await deliver(table.wire.frames.pop(0))

    await ann.act("enter")
    await carry()
    await bob.act("enter")
    await carry()
    for act in ("rank", "ratify", "fulfil", "rate"):
        for seat in table.seats:
            assert act in (await seat.view()).can
        await table.do(act)
        await carry()
    first, second = await ann.view(), await bob.view()
    assert first.state == second.state == "fulfilled"
    assert first.ratification.agreement_sha256 == second.ratification.agreement_sha256 != ""
    assert set(first.ratification.ratified_by) == {seat.key.hex() for seat in table.seats}
    for view, seat in ((first, ann), (second, bob)):
        assert view.gain is not None
        assert view.gain > 0
        assert seat.database
        (answer,) = await seat.database.read(answers.every)
        assert (answer.choice.value, answer.source) == ("accept", "outcome")
        (receipt,) = await seat.agent.receipts()
        assert receipt.content
        assert receipt.confirmed == receipt.others
        assert [word for _, word in receipt.satisfied] == [True]


@pytest.mark.slow
@pytest.mark.parametrize("people", [2, 3])
async def test_the_agreement_carries_the_signatures_of_all_agents_and_humans(tmp_path: Path, people: int) -> None:
    table = Table(tmp_path, people)
    await table.draft()
    await until(table, "ratify")
    hashes = set()
    for seat in table.seats:
        agreement = replayed(await row_of(seat)).agreement()
        assert agreement is not None
        agents = [one.key for one in table.seats]
        humans = [one.keys.ratification_public for one in table.seats]
        hashes.add(life.check_effective(agreement, agents, humans))
        for ratified in agreement.ratified:
            notary.check(table.wire.notary.public_key().public_bytes_raw(), ratified, NOW)
        with pytest.raises(ForgedError):
            life.check_effective(agreement, agents, agents)  # an agent's key is no human's
    assert len(hashes) == 1
    table.close()


async def test_invitations_that_cross_become_one_deal(table: Table) -> None:
    await publish_notes(table)
    for seat in table.seats:
        await seat.agent.find()
        await seat.act("enter")
    await table.carry()
    (second,) = [seat for seat in table.seats if "enter" in (await seat.view()).can]
    await second.act("enter")
    await table.carry()
    assert set(await table.states()) == {"menu"}


@pytest.mark.slow
async def test_nothing_binds_when_only_one_has_ratified_and_who_has_keeps_their_word(table: Table) -> None:
    await table.draft()
    await until(table, "rank")
    ann, bob = table.seats
    await ann.act("ratify")
    await table.carry()
    assert (await bob.view()).ratification.agreement_sha256 == ""
    assert (await ann.view()).can == frozenset()
    _, approvals = await bob.agent.shown((await bob.view()).id)
    for act in ("ratify", "cancel"):
        with pytest.raises(RefusedError):  # an approval of another's page is none
            await ann.approved((await ann.view()).id, act, approvals[act])
    await bob.act("cancel", "changed my mind")
    await table.carry()
    assert set(await table.states()) == {"cancelled"}


async def test_a_ratification_by_an_agent_or_without_the_notary_is_none(table: Table) -> None:
    await table.draft()
    await until(table, "rank")
    ann, bob = table.seats
    negotiation = replayed(await row_of(bob))
    digest = life.terms_hash(negotiation.terms())
    by_agent, by_human = [
        negotiation_pb2.Ratify(
            terms_sha256=digest,
            ratified_ms=NOW,
            signature=signing.sign(key, "terms-human", life.ratification(digest, NOW)),
        )
        for key in (ann.keys.agent, ann.keys.ratification)
    ]
    by_agent.stamp.CopyFrom(notary.stamp(table.wire.notary, by_agent, NOW))
    late = negotiation_pb2.Ratify.FromString(by_human.SerializeToString())
    late.stamp.CopyFrom(notary.stamp(table.wire.notary, late, negotiation.expires_ms + 1))
    for word, fault in ((by_agent, ForgedError), (by_human, UnlawfulMoveError), (late, UnlawfulMoveError)):
        member = table.wire.members[ann.key]
        with pytest.raises(fault):
            ratification.check(bob.agent.context, word, member, negotiation)
    assert (await bob.view()).ratification.ratified_by == ()


@pytest.mark.slow
async def test_a_ratification_waits_for_the_notary_and_survives_a_kill(table: Table) -> None:
    await table.draft()
    await until(table, "rank")
    ann, bob = table.seats
    table.wire.notary_answers = False
    await ann.act("ratify")
    await table.carry()
    assert (await bob.view()).ratification.ratified_by == ()
    assert "ratify" not in (await ann.view()).can
    table.wire.notary_answers = True
    ann.wake()
    await table.carry()
    assert (await bob.view()).ratification.ratified_by == (ann.key.hex(),)


async def test_who_holds_their_ratification_back_gains_no_option(table: Table) -> None:
    """Bob's is logged in time and kept from Ann until the deal has run out: the notary shows it to her."""
    await table.draft()
    await until(table, "rank")
    ann, bob = table.seats
    await ann.act("ratify")
    await table.carry()
    await bob.act("ratify")
    await bob.letters.send_waiting()
    table.wire.frames.clear()
    assert (await bob.view()).state == "ratified"
    assert (await ann.view()).state == "half ratified"
    table.wire.now += 8 * 24 * 3_600 * 1_000
    await ann.agent.conclude()
    assert (await ann.view()).ratification.agreement_sha256 == (await bob.view()).ratification.agreement_sha256 != ""


@pytest.mark.slow
async def test_too_late_is_too_late_for_everyone(table: Table) -> None:
    await table.draft()
    await until(table, "rank")
    ann, bob = table.seats
    await ann.act("ratify")
    await table.carry()
    table.wire.notary_answers = False
    await bob.act("ratify")  # signed in time, logged too late
    table.wire.now += 8 * 24 * 3_600 * 1_000
    table.wire.notary_answers = True
    await table.carry()
    assert {view.ratification.agreement_sha256 for view in [await seat.view() for seat in table.seats]} == {""}
    assert set(await table.states()) == {"expired"}


WINDOW_MS = life.LONGEST_TO_RATIFY_MS


@pytest.mark.slow
@pytest.mark.parametrize(("late_ms", "state"), [(0, "ratified"), (1, "expired")])
async def test_who_ratifies_long_after_the_first_binds_nobody(table: Table, late_ms: int, state: str) -> None:
    """Days before the deal would expire: by the notary's clock, and whatever the late one's own says."""
    await table.draft()
    await until(table, "rank")
    ann, bob = table.seats
    assert (await bob.view()).ratification.by_ms == (await bob.view()).about.expires_ms
    await ann.act("ratify")
    await table.carry()
    for seat in table.seats:
        assert (await seat.view()).ratification.by_ms == NOW + WINDOW_MS < (await seat.view()).about.expires_ms
    table.wire.notary_answers = False
    await bob.act("ratify")  # dated in time, and signed in time
    table.wire.now += WINDOW_MS + late_ms
    table.wire.notary_answers = True
    await table.carry()
    await ann.agent.conclude()
    assert set(await table.states()) == {state}
    if late_ms:
        assert len(table.wire.log) == 1
        assert {view.can for view in [await seat.view() for seat in table.seats]} == {frozenset()}


async def test_terms_say_how_long_and_a_stamp_that_is_late_is_refused_by_the_other_node(table: Table) -> None:
    """A notary that stamps late ones all the same, as an old one would: the nodes refuse them by the terms."""
    await table.draft()
    await until(table, "rank")
    ann, bob = table.seats
    await ann.act("ratify")
    await table.carry()
    negotiation = replayed(await row_of(ann))
    assert negotiation_pb2.Terms.FromString(negotiation.terms()).ratify_within_ms == WINDOW_MS
    digest, late = life.terms_hash(negotiation.terms()), NOW + WINDOW_MS + 1
    word = signing.sign(bob.keys.ratification, "terms-human", life.ratification(digest, NOW))
    ratify = negotiation_pb2.Ratify(terms_sha256=digest, ratified_ms=NOW, signature=word)
    ratify.signed.CopyFrom(
        negotiation_pb2.Sign(terms_sha256=digest, signature=signing.sign(bob.keys.agent, "terms-agent", digest))
    )
    ratify.stamp.CopyFrom(notary.stamp(table.wire.notary, ratify, late))
    with pytest.raises(UnlawfulMoveError, match="too long after the first"):
        negotiation.after(Statement(1, "ratify", ratify.SerializeToString()))
    table.wire.log[digest, bob.key] = (ratify.SerializeToString(), ratify.stamp)
    table.wire.now = late + 1
    await ann.agent.conclude()  # finds it at the notary, and does not count it
    assert (await row_of(ann)).asked
    assert (await ann.view()).state == "expired"


@pytest.mark.slow
async def test_whoever_is_refused_for_a_ratification_kept_from_them_is_shown_that_the_time_is_up(table: Table) -> None:
    await table.draft()
    await until(table, "rank")
    ann, bob = table.seats
    await ann.act("ratify")
    await ann.letters.send_waiting()
    table.wire.frames.clear()  # ann's is logged, and bob hears nothing of it
    table.wire.now += WINDOW_MS + 1
    assert "ratify" in (await bob.view()).can
    await bob.act("ratify")
    assert (await bob.view()).state == "expired"
    assert (await bob.view()).ratification.ratified_by == (ann.key.hex(),)
    assert (await row_of(bob)).pending is None


@pytest.mark.slow
async def test_a_node_whose_clock_is_ahead_asks_until_the_notarys_has_run_out(table: Table) -> None:
    await table.draft()
    await until(table, "rank")
    ann, bob = table.seats
    await ann.act("ratify")
    await table.carry()
    ann.agent.context = replace(ann.agent.context, clock=lambda: table.wire.now + WINDOW_MS + 1)
    await ann.agent.conclude()
    assert not (await row_of(ann)).asked
    await bob.act("ratify")
    await bob.letters.send_waiting()
    table.wire.frames.clear()  # logged in time, and kept from ann
    await ann.agent.conclude()
    assert (await ann.view()).state == "ratified"


async def test_an_invitation_that_leaves_ratifying_open_is_refused(table: Table) -> None:
    ann, bob = table.seats
    for within, fault in ((0, UnlawfulMoveError), (WINDOW_MS + 1, PeerError), (-1, PeerError)):
        sent = negotiation_pb2.Invite(
            space=space.write(table.of), mechanism=mechanism.OFFERS, expires_ms=NOW + 1, ratify_within_ms=within
        )
        letter = Envelope(b"x" * 16, ann.key, bob.key, 1, START, NOW, bytes(16), "invite", sent.SerializeToString())
        with pytest.raises(fault, match="first"):
            await bob.agent.receive(letter)
    assert await bob.agent.deals() == ()


async def test_an_invitation_stands_whole_or_not_at_all(table: Table) -> None:
    """A row without what was said would be a draft of one's own: it could be entered, and no changes proposed."""
    ann, bob = table.seats
    sent = negotiation_pb2.Invite(
        space=space.write(table.of), mechanism=mechanism.OFFERS, expires_ms=NOW + 1, ratify_within_ms=WINDOW_MS
    )
    letter = Envelope(b"x" * 16, ann.key, bob.key, 1, START, NOW, bytes(16), "invite", sent.SerializeToString())
    effect = await bob.agent.receive(letter)
    assert effect is not None
    assert bob.database
    assert await bob.agent.deals() == ()
    await bob.database.write(effect)
    assert (await bob.view()).state == "invited"
    assert "counter" in (await bob.view()).can


@pytest.mark.slow
async def test_a_dispute_stands_until_its_party_has_a_receipt(table: Table) -> None:
    await table.draft()
    await until(table, "ratify")
    ann, bob = table.seats
    await ann.act("dispute", "nobody came")
    await table.carry()
    assert set(await table.states()) == {"disputed"}
    await bob.act("fulfil")
    await table.carry()
    assert set(await table.states()) == {"disputed"}
    assert "dispute" not in (await bob.view()).can
    await ann.act("fulfil")
    await table.carry()
    assert set(await table.states()) == {"fulfilled"}


@pytest.mark.slow
async def test_every_letter_of_a_deal_can_be_shown_as_it_was_signed(table: Table) -> None:
    await table.draft()
    await until(table, "ratify")
    shown = [await seat.agent.evidence((await seat.view()).id) for seat in table.seats]
    assert shown[0] == shown[1]
    assert len(shown[0][0]) == (await table.seats[0].view()).disclosed.messages
    assert shown[0][1] == ()


@pytest.mark.slow
async def test_two_of_three_that_hear_different_things_bind_no_one(tmp_path: Path) -> None:
    """Ann's node signs one opening for Bob and another for Cyd: the terms' hashes differ, so no ratification fits."""
    table = Table(tmp_path, 3)
    await table.draft()
    ann, _, cyd = table.seats
    await table.do("enter")
    await table.carry()
    assert ann.database
    enclose = ann.letters.enclose

    def two_tongues(connection: sqlite3.Connection, unsigned: UnsignedLetter) -> None:
        reveal = negotiation_pb2.Reveal.FromString(unsigned.body) if unsigned.kind == "reveal" else None
        if reveal is not None and unsigned.recipient == cyd.key and reveal.nonce:
            reveal.values[0] = 1 - min(reveal.values[0], 1)
            unsigned = replace(unsigned, body=reveal.SerializeToString(deterministic=True))
        enclose(connection, unsigned)

    ann.letters.enclose = two_tongues  # type: ignore[method-assign]  # the liar
    await table.do("enter")
    await table.carry()
    for act in ACTS[2:]:
        await table.do(act)
        await table.carry()
    assert not {"ratified", "fulfilled"} & set(await table.states())


@pytest.mark.slow
async def test_limits_hold_whatever_the_agent_would_like(tmp_path: Path) -> None:
    for number, (limits, last, words) in enumerate(
        (
            (ActionLimits(bits_peer=10), "", "more than 10 bits about you in all"),
            (ActionLimits(bits_week=10), "", "more than 10 bits about you in a week"),
            (ActionLimits(hours_open=0.5), "rank", "deals not yet fulfilled"),
            (ActionLimits(hours_stranger=0.5), "rank", "fulfilled no deal with you yet"),
            (ActionLimits(deals_week=0), "rank", "0 deals in seven days"),
        )
    ):
        table = Table(tmp_path / str(number), limits=limits)
        await table.draft()
        if last:
            await until(table, last)
        before = await row_of(table.seats[0])
        with pytest.raises(RefusedError, match=words):
            await table.seats[0].act("ratify" if last else "enter")
        after = await row_of(table.seats[0])
        assert (after.said, after.pending) == (before.said, None)
        table.close()


async def chain_of(seat: TownSeat) -> DealView:
    """Return the chain among someone's deals; the others are favours."""
    (found,) = [view for view in await seat.agent.deals() if len(view.about.parties) == 3]
    return found


async def on(seat: TownSeat, act: str, deal: str, *given: object) -> None:
    _, approvals = await seat.agent.shown(deal)
    await seat.approved(deal, act, approvals[act], *given)


@pytest.mark.slow
@pytest.mark.parametrize("late", [False, True])
async def test_three_help_each_other_in_a_circle_whatever_overtakes_what(tmp_path: Path, late: bool) -> None:
    circle = Table(tmp_path, 3)
    await publish_notes(circle)
    for seat in circle.seats:
        assert await seat.agent.find() == 2  # a chain, and a favour by the one who could help
        assert await seat.agent.find() == 0
    turn = (lambda frames: frames.pop()) if late else None
    for act in ("enter", "rank", "ratify", "fulfil"):
        for seat in circle.seats:
            view = await chain_of(seat)
            order = sorted(range(1, len(view.options) + 1), key=lambda n, v=view: -v.options[n - 1].gain)  # type: ignore[misc]  # bound now
            await on(seat, act, view.id, *([order] if act == "rank" else []))
        await circle.carry(turn)
    views = [await chain_of(seat) for seat in circle.seats]
    assert {view.state for view in views} == {"fulfilled"}
    assert len({view.ratification.agreement_sha256 for view in views} - {""}) == 1
    assert all(view.gain is not None and view.gain > 0 for view in views)
    circle.close()


async def test_a_chain_that_someone_refused_is_not_proposed_again_and_the_rest_is_planned_anew(tmp_path: Path) -> None:
    circle = Table(tmp_path, 3)
    await publish_notes(circle)
    ann = circle.seats[0]
    await ann.agent.find()
    await on(ann, "decline", (await chain_of(ann)).id)
    assert await ann.agent.find() == 0
    assert [view for view in await ann.agent.deals() if len(view.about.parties) == 3] == []
    circle.close()


@pytest.mark.parametrize(
    ("said", "found"),
    [("never with bob", 0), ("who is cleo", 1), ("never on weekends", 1), ("hours given < 9", 0)],
)
async def test_a_deal_that_vetoes_rule_out_whole_is_not_put_to_the_person(
    table: Table, monkeypatch: pytest.MonkeyPatch, said: str, found: int
) -> None:
    await publish_notes(table)
    ann, _ = table.seats
    monkeypatch.setattr(Taste, "vetoed", lambda _, state: vetoed(state, [parse(said)]))
    assert await ann.agent.find() == found


async def test_what_a_deal_is_about_can_be_edited_before_the_agent_enters(table: Table) -> None:
    await publish_notes(table)
    ann, bob = table.seats
    await ann.agent.find()
    view = await ann.view()
    assert "edit" in view.can
    assert view.about.lines.splitlines()[0] == "piano lessons (you give): 0, 1, 2, 3"
    with pytest.raises(PeerError, match="cannot be read"):
        await ann.act("edit", "nonsense")
    _, before = await ann.agent.shown(view.id)
    await ann.act("edit", "piano lessons (you give): 1, 2\nbicycle repair (bob gives): 1\nwhere: here; there")
    with pytest.raises(RefusedError, match="moved on"):
        await ann.approved(view.id, "enter", before["enter"])  # approved for what it was about before
    await ann.act("enter")
    await table.carry()
    _, approvals = await ann.agent.shown(view.id)
    assert "edit" not in approvals
    assert "where: here; there" in (await bob.view()).about.lines


async def test_a_free_proposal_is_a_draft_until_the_person_lets_their_agent_in(table: Table) -> None:
    ann, bob = table.seats
    made = await ann.agent.propose(ManualProposal([bob.key], gets="a walk in the hills"))
    await table.carry()
    assert await bob.agent.deals() == ()
    assert (await ann.view()).id == made
    assert "a walk in the hills (bob gives): 0, 1, 2, 3" in (await ann.view()).about.lines
    with pytest.raises(RefusedError):
        await ann.agent.propose(ManualProposal([bob.key], " "))


async def test_where_someone_says_no_to_every_option_there_is_no_deal(table: Table) -> None:
    await table.draft()
    await until(table, "enter")
    for seat in table.seats:
        numbers = [option.number for option in (await seat.view()).options]
        yes = seat.name == "ann"
        await seat.act("rank", numbers if yes else [], frozenset() if yes else frozenset(numbers))
        await table.carry()
    assert set(await table.states()) == {"no deal"}


@pytest.mark.slow
async def test_a_letter_of_no_deal_or_no_party_changes_nothing(table: Table) -> None:
    await table.draft()
    await until(table, "rank")
    bob = table.seats[1]
    before = await table.states()
    assert bob.database
    (signed, *_), _ = await bob.agent.evidence((await bob.view()).id)
    for frame in list(table.wire.past):
        await table.seat(frame.recipient).take(frame)  # all of it once more
    assert await table.states() == before
    assert await bob.database.read(lambda c: letters.equivocators(c, b"d" * 16)) == ()
    assert signed
    with pytest.raises(PeerError):
        replayed(await row_of(bob)).after(replayed(await row_of(bob)).said[0])


@pytest.mark.slow
async def test_asking_the_notary_about_a_late_ratification_changes_nothing(table: Table) -> None:
    await table.draft()
    await until(table, "rank")
    ann, bob = table.seats
    await ann.act("ratify")
    await table.carry()
    table.wire.notary_answers = False
    await bob.act("ratify")
    table.wire.now += 8 * 24 * 3_600 * 1_000
    table.wire.notary_answers = True
    await bob.flush()  # logged, too late
    await ann.agent.conclude()
    assert (await row_of(ann)).asked
    assert {(await seat.view()).ratification.agreement_sha256 for seat in table.seats} == {""}


@pytest.mark.slow
async def test_an_invited_person_proposes_changes_and_the_other_sees_what_they_are_in_place_of(table: Table) -> None:
    ann, bob = table.seats
    await table.draft()
    await ann.act("enter")
    await table.carry()
    invited = await bob.view()
    assert {"counter", "enter", "decline"} <= invited.can
    with pytest.raises(RefusedError, match="nothing is changed"):
        await bob.act("counter", invited.about.lines)
    with pytest.raises(PeerError, match="cannot be read"):
        await bob.act("counter", "nonsense")
    assert (await bob.view()).state == "invited"
    await bob.act("counter", "help of ann (ann gives): 1, 2\nhelp of bob (you give): 1\nwhere: here; there")
    await table.carry()
    for seat in (ann, bob):
        new, old = sorted(await seat.agent.deals(), key=lambda view: view.state == "declined")
        assert (new.state, old.state) == ("invited", "declined")
        assert new.about.parties == (bob.key.hex(), ann.key.hex())
        assert (await seat.agent.shown(new.id))[0].links.in_place_of == old.id
        assert (await seat.agent.shown(old.id))[0].links.replaced_by == new.id
        assert "where: here; there" in new.about.lines
    (new,) = [view for view in await ann.agent.deals() if view.state == "invited"]
    assert new.about.lines.splitlines()[:2] == ["help of ann (you give): 1, 2", "help of bob (bob gives): 1"]
    assert new.about.why == "bob proposes changes to your invitation."
    await on(ann, "enter", new.id)
    await table.carry()
    for seat in (ann, bob):
        view = await seat.agent.deal(new.id)
        assert view is not None
        await on(seat, "rank", new.id, [option.number for option in view.options])
    await table.carry()
    for seat in (ann, bob):
        await on(seat, "ratify", new.id)
        await table.carry()
    assert {view.state for view in [await seat.agent.deal(new.id) for seat in (ann, bob)] if view} == {"ratified"}


@pytest.mark.slow
async def test_changes_among_three_keep_who_gives_what_to_whom_and_reach_everyone(tmp_path: Path) -> None:
    circle = Table(tmp_path, 3)
    await publish_notes(circle)
    for seat in circle.seats:
        await seat.agent.find()
    first = min(circle.seats, key=lambda seat: seat.key)
    chain = await chain_of(first)
    await on(first, "enter", chain.id)
    await circle.carry()
    invited = [seat for seat in circle.seats if seat is not first]
    before = {seat.name: (await chain_of(seat)).about.lines for seat in circle.seats}
    with pytest.raises(KeyError):
        await on(first, "counter", chain.id, before[first.name])  # whoever invites has no such act
    changed = before[invited[0].name].replace("0, 1, 2", "1, 2", 1)
    await on(invited[0], "counter", chain.id, changed)
    await circle.carry()
    for seat in circle.seats:
        views = [view for view in await seat.agent.deals() if len(view.about.parties) == 3]
        assert sorted(view.state for view in views) == ["declined", "invited"]
        (new,) = [view for view in views if view.state == "invited"]
        assert new.about.parties[0] == invited[0].key.hex()
        assert new.about.lines.count("1, 2") == 3
        assert new.about.lines.count("0, 1, 2") == 2
        assert sorted(new.about.lines.replace("0, ", "").splitlines()) == sorted(
            before[seat.name].replace("0, ", "").splitlines()
        )
    circle.close()


async def test_nothing_is_declined_when_the_changes_would_tell_more_than_the_person_allows(tmp_path: Path) -> None:
    table = Table(tmp_path)
    await table.draft()
    ann, bob = table.seats
    await ann.act("enter")
    await table.carry()
    bob.limits = ActionLimits(bits_peer=10)
    bob.wake()
    with pytest.raises(RefusedError, match="more than 10 bits"):
        await bob.act("counter", "help of ann (ann gives): 1, 2")
    assert [view.state for view in await bob.agent.deals()] == ["invited"]
    table.close()
