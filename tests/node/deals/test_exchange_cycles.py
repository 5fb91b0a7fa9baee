"""What becomes of a chain is told to everyone who plans, once and in a word; what a person said no to stays declined."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from weal_node.commons.admission import Quota, admit
from weal_node.deals import exchange_cycles
from weal_node.deals.exchange_cycles import Chains
from weal_node.deals.views import DealView
from weal_node.errors import RefusedError, UnreachableError
from weal_node.store import disclosures, records
from weal_protocol import record
from weal_protocol.record import Record
from weal_simulations.town.relay import NOW
from weal_simulations.town.town import Table, TownSeat

WISHES = {"ann": ("bread", "piano"), "bob": ("piano", "repair"), "cyd": ("repair", "bread")}


class Square:
    """The commons, read by everyone at once; it may be away."""

    def __init__(self, seats: list[TownSeat]) -> None:
        self.seats = seats
        self.away = False
        self.published: list[Record] = []
        self.strangers: set[bytes] = set()

    def was_member(self, agent_key: bytes) -> bool:
        return agent_key not in self.strangers

    async def publish(self, records: list[Record]) -> int:
        if self.away:
            raise UnreachableError("the commons cannot be reached")
        self.published += records
        for seat in self.seats:
            assert seat.database
            batch = [record.read(one.raw) for one in records]
            await seat.database.write(
                lambda connection, batch=batch, own=seat.key: admit(  # type: ignore[misc]  # bound now
                    connection, batch, is_author=lambda _: True, own=own, limits=Quota()
                )
            )
        return len(self.published)


class Circle:
    """Three people whose public notes make a chain, and their nodes."""

    def __init__(self, folder: Path) -> None:
        self.table = Table(folder, 3)
        self.square = Square(self.table.seats)
        self.nodes = {seat.name: self.node(seat) for seat in self.table.seats}
        self.seats = sorted(self.table.seats, key=lambda seat: seat.key)  # the first invites

    def node(self, seat: TownSeat) -> Chains:
        assert seat.database
        return Chains(seat.agent.context, self.square, seat.agent.look_again)

    async def write(self) -> None:
        for seat in self.table.seats:
            need, offer = WISHES[seat.name]
            body = f"---\nneeds: [{need}]\noffers: [{offer}]\n---\n".encode()
            note = seat.name.encode().ljust(16)
            await self.square.publish(
                [record.make("note", body, author=seat.keys.agent, salt=bytes(16), written_ms=NOW, note=note)]
            )
        self.square.published.clear()

    async def plan(self) -> int:
        return sum([await node.plan() for node in self.nodes.values()])

    def told(self) -> list[tuple[bytes, bytes]]:
        return [(one.author, one.body) for one in self.square.published]


@pytest.fixture
def circle(tmp_path: Path) -> Iterator[Circle]:
    made = Circle(tmp_path)
    yield made
    made.table.close()


async def chain_of(seat: TownSeat) -> DealView:
    (found,) = [view for view in await seat.agent.deals() if len(view.about.parties) == 3]
    return found


async def on(seat: TownSeat, act: str, deal: str, *given: object) -> None:
    _, approvals = await seat.agent.shown(deal)
    await seat.approved(deal, act, approvals[act], *given)


async def test_new_wishes_are_looked_through_without_being_asked_and_only_once(circle: Circle) -> None:
    assert await circle.plan() == 0
    await circle.write()
    assert await circle.plan() == 6  # for each a chain, and a favour
    assert await circle.plan() == 0
    assert circle.told() == []  # an open chain says nothing


async def test_a_look_that_failed_is_taken_again(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    await circle.write()
    who = circle.seats[0]

    async def busy(texts: object) -> None:
        raise UnreachableError("the encoder is not there yet")

    with monkeypatch.context() as broken:
        broken.setattr(who.taste, "similarity", busy)
        with pytest.raises(UnreachableError):
            await circle.nodes[who.name].plan()
    assert await circle.nodes[who.name].plan() == 2


@pytest.mark.slow
async def test_a_dismissed_draft_is_out_for_its_members_and_an_invitation_that_crossed_it_is_declined(
    circle: Circle,
) -> None:
    await circle.write()
    await circle.plan()
    first, _, last = circle.seats
    deal = (await chain_of(first)).id
    await on(last, "decline", deal)
    await on(first, "enter", deal)  # who had not heard of it
    await circle.table.carry()
    for seat in circle.table.seats:
        seen = await seat.agent.deal(deal)
        assert seen is not None
        assert seen.state == "declined"
    with pytest.raises(RefusedError, match="declined"):
        await last.approved(deal, "enter", "")
    assert await circle.plan() == 0
    assert {body for _, body in circle.told()} == {b"no"}


async def test_a_no_that_another_told_withdraws_a_draft_and_no_strangers_does(circle: Circle, tmp_path: Path) -> None:
    await circle.write()
    await circle.plan()
    first, second, last = circle.seats
    deal = (await chain_of(first)).id
    stranger = Table(tmp_path / "far", 2)
    for seat in stranger.seats:
        await circle.square.publish([word(seat, deal)])
    await circle.plan()
    assert (await chain_of(first)).id == deal
    await circle.square.publish([word(last, deal)])
    await circle.plan()
    for seat in (first, second):
        seen = await seat.agent.deal(deal)
        assert seen is not None
        assert (seen.state, seen.can) == ("declined", frozenset())
    stranger.close()


def word(seat: TownSeat, deal: str) -> Record:
    key, note = seat.keys.agent, bytes.fromhex(deal)
    return record.make("answer", b"no", author=key, salt=bytes(16), written_ms=NOW, note=note, visibility="community")


@pytest.mark.slow
async def test_a_chain_that_all_ratified_stands_and_is_not_proposed_again(circle: Circle) -> None:
    await circle.write()
    await circle.plan()
    for act in ("enter", "rank", "ratify"):
        for seat in circle.seats:
            view = await chain_of(seat)
            order = sorted(range(1, len(view.options) + 1), key=lambda n, v=view: -v.options[n - 1].gain)  # type: ignore[misc]  # bound now
            await on(seat, act, view.id, *([order] if act == "rank" else []))
        await circle.table.carry()
    assert await circle.plan() == 0
    assert sorted(circle.told()) == sorted((seat.key, b"yes") for seat in circle.seats)


async def test_the_word_is_written_down_once_before_it_leaves_and_told_until_it_arrives(circle: Circle) -> None:
    await circle.write()
    await circle.plan()
    who = circle.seats[0]
    deal = (await chain_of(who)).id
    await on(who, "decline", deal)
    circle.square.away = True
    assert who.database
    for _ in range(3):
        with pytest.raises(UnreachableError):
            await circle.nodes[who.name].plan()
    (entry,) = await who.database.read(disclosures.all_of)
    assert (entry.what, entry.payload) == ("answer to a chain of help", f"{deal} no".encode())
    circle.square.away = False
    for _ in range(3):
        await circle.nodes[who.name].plan()
    assert circle.told() == [(who.key, b"no")]
    await circle.node(who).plan()  # started again: the same record, which changes nothing
    assert len({one.id for one in circle.square.published}) == 1
    assert len(await who.database.read(disclosures.all_of)) == 1
    assert len(await who.database.read(records.answers)) == 1


async def test_nothing_is_told_of_a_chain_with_somebody_who_never_was_here(circle: Circle) -> None:
    await circle.write()
    await circle.plan()
    who, other, _ = circle.seats
    await on(who, "decline", (await chain_of(who)).id)
    circle.square.strangers.add(other.key)  # a chain of another community, in which this node was before
    await circle.nodes[who.name].plan()
    assert circle.told() == []


async def test_nothing_is_looked_for_while_everything_is_off(circle: Circle) -> None:
    await circle.write()
    who = circle.seats[0]
    who.off = True
    with pytest.raises(Exception, match="switched off"):
        await circle.nodes[who.name].plan()
    who.off = False
    assert await circle.nodes[who.name].plan() == 2


async def test_a_deal_of_three_that_no_notes_made_is_no_chain(circle: Circle) -> None:
    assert not exchange_cycles.is_chain(b"d" * 16, circle.table.of)
