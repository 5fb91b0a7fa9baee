"""A deal from two notes to two labels, between two nodes with real stores, keys, signatures and letters.

Only the relay is left out: letters are carried by hand, so that either node can be killed between any two of them.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from weal_node import keys as keyring
from weal_node.errors import RefusedError
from weal_node.loop.bargain import Bargaining, DealView
from weal_node.negotiation.session import Said, replay
from weal_node.records import Note, State, Visibility
from weal_node.store import deals as stored
from weal_node.store import labels, records
from weal_node.store.database import Database
from weal_node.vault import markdown
from weal_protocol import deal as life
from weal_protocol import signing
from weal_protocol.cards import Member
from weal_protocol.envelope import START, Envelope
from weal_protocol.errors import ForgedError, PeerError
from weal_protocol.items import item_id
from weal_protocol.v1 import negotiation_pb2 as pb

NOW = 1_700_000_000_000


class Taste:
    """Stands for the mind, whose embedding would need the encoder: hours have plain worths, texts match when equal."""

    def __init__(self, worth: float) -> None:
        self._worth = worth
        self.relearned = 0

    async def utilities(self, of: Sequence[State]) -> npt.NDArray[np.float64]:
        return np.array([self._worth * np.log1p(one.hours_received) - 0.4 * one.hours_given for one in of])

    async def similarity(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        return np.eye(len(texts))

    async def add_states(self, new: Sequence[State]) -> None:
        pass

    async def relearn(self) -> None:
        self.relearned += 1


TWO = {"ann": ("bicycle repair", "piano lessons"), "bob": ("piano lessons", "bicycle repair")}
THREE = {
    "ann": ("bicycle repair", "piano lessons"),
    "bob": ("garden work", "bicycle repair"),
    "cleo": ("piano lessons", "garden work"),
}


class Town:
    """People, what each needs and offers, and the letters between them."""

    def __init__(self, folder: Path, wishes: dict[str, tuple[str, str]]) -> None:
        self.folder = folder
        self.wishes = wishes
        self.keys = {name: keyring.new() for name in wishes}
        self.by_key = {one.agent_public: name for name, one in self.keys.items()}
        self.letters: list[Envelope] = []
        self.nodes: dict[str, tuple[Database, Bargaining, Taste]] = {}
        for name in self.keys:
            self.wake(name)

    def wake(self, name: str) -> None:
        """Start a node, or start it again as after a kill: nothing but its files is left."""
        if name in self.nodes:
            self.nodes[name][0].close()
        database, taste = Database(self.folder / f"{name}.db"), Taste({"ann": 1.5, "bob": 1.1}.get(name, 1.3))
        post = Post(self, name)
        self.nodes[name] = (
            database,
            Bargaining(database, self.keys[name], taste, post, lambda: NOW, lambda key: self.by_key[key]),
            taste,
        )

    def agent(self, name: str) -> Bargaining:
        return self.nodes[name][1]

    async def carry(self, killing: bool = False) -> None:
        """Carry letters until there are none; if asked, kill and restart the receiver before and after each."""
        while self.letters:
            letter = self.letters.pop(0)
            name = self.by_key[letter.recipient]
            if killing:
                self.wake(name)
            await self.agent(name).receive(letter)
            if killing:
                self.wake(name)
                await self.agent(name).receive(letter)  # it was not marked as seen: it comes again

    async def publish_notes(self) -> None:
        for name, (need, offer) in self.wishes.items():
            note = Note(item_id(name)[:32], f"{name}.md", "Wishes", "", Visibility.PUBLIC, (need,), (offer,))
            author = self.keys[name].agent_public.hex()
            body = markdown.write(note, None).decode()
            row = records.Mirrored(item_id(name), 1, "note", author, note.id, note.path, "public", NOW, body, b"")
            for database, *_ in self.nodes.values():
                await database.write(lambda connection, one=row: records.add(connection, [one]))  # type: ignore[misc]  # bound now

    async def view(self, name: str) -> DealView:
        (found,) = await self.agent(name).deals()
        return found

    def close(self) -> None:
        for database, *_ in self.nodes.values():
            database.close()


class Post:
    """What a node's correspondence does to a letter, without the sealing and the relay."""

    def __init__(self, town: Town, name: str) -> None:
        self._town = town
        self._name = name

    def enclose(
        self,
        connection: sqlite3.Connection,
        recipient: bytes,
        session: bytes,
        kind: str,
        body: bytes,
        deadline_ms: int,
        bits: float,
    ) -> None:
        sender = self._town.keys[self._name].agent_public
        self._town.letters.append(Envelope(session, sender, recipient, 1, START, deadline_ms, bytes(16), kind, body))

    def wake(self) -> None:
        pass

    async def member(self, agent_key: bytes) -> Member:
        keys = self._town.keys[self._town.by_key[agent_key]]
        return Member(agent_key, keys.ratification_public, keys.seal_public, b"", "x", "light", 1)


@pytest.fixture
def town(tmp_path: Path):  # type: ignore[no-untyped-def]  # a generator of Town
    made = Town(tmp_path, TWO)
    yield made
    made.close()


@pytest.fixture
def circle(tmp_path: Path):  # type: ignore[no-untyped-def]  # a generator of Town
    made = Town(tmp_path, THREE)
    yield made
    made.close()


async def drive(town: Town, killing: bool = False) -> None:
    """Both people find, enter, rank, ratify and rate."""
    await town.publish_notes()
    for name in town.keys:
        assert await town.agent(name).find() == 1
        assert await town.agent(name).find() == 0
    for name in ("ann", "bob"):
        await town.agent(name).enter((await town.view(name)).id)
        await town.carry(killing)
    for name in ("ann", "bob"):
        view = await town.view(name)
        assert "rank" in view.can
        assert all(option.gain > 0 for option in view.options)
        await town.agent(name).rank(
            view.id, sorted(range(1, len(view.options) + 1), key=lambda n: -view.options[n - 1].gain)
        )
        await town.carry(killing)
    for name in ("bob", "ann"):
        assert "ratify" in (await town.view(name)).can
        await town.agent(name).ratify((await town.view(name)).id)
        await town.carry(killing)
    for name in ("ann", "bob"):
        await town.agent(name).rate((await town.view(name)).id, name == "ann")
        await town.carry(killing)


@pytest.mark.parametrize("killing", [False, True])
async def test_a_deal_from_two_notes_to_two_labels(town: Town, killing: bool) -> None:
    await drive(town, killing)
    ann, bob = await town.view("ann"), await town.view("bob")
    assert ann.state == bob.state == "ratified"
    assert ann.agreement_sha256 == bob.agreement_sha256 != ""
    assert set(ann.ratified_by) == {one.agent_public.hex() for one in town.keys.values()}
    assert ann.gain is not None
    assert bob.gain is not None
    assert min(ann.gain, bob.gain) > 0
    assert ann.messages == bob.messages == 16  # twelve to terms, two ratifications, two outcomes
    for name, choice in (("ann", "accept"), ("bob", "reject")):
        (label,) = await town.nodes[name][0].read(labels.every)
        assert (label.choice.value, label.source) == (choice, "outcome")


async def test_the_agreement_carries_both_signatures_of_agents_and_humans(town: Town) -> None:
    await drive(town)
    view = await town.view("ann")
    row = await town.nodes["ann"][0].read(lambda connection: stored.get(connection, bytes.fromhex(view.id)))
    assert row is not None
    agreement = replay(tuple(Said(*one) for one in row.said)).agreement()
    assert agreement is not None
    parties = [bytes.fromhex(party) for party in view.parties]
    humans = [town.keys[town.by_key[party]].ratification_public for party in parties]
    assert life.check_effective(agreement, parties, humans).hex() == view.agreement_sha256
    with pytest.raises(ForgedError):
        life.check_effective(agreement, parties, parties)  # an agent's key is no human's


async def test_invitations_that_cross_become_one_deal(town: Town) -> None:
    await town.publish_notes()
    for name in ("ann", "bob"):
        await town.agent(name).find()
        await town.agent(name).enter((await town.view(name)).id)
    letters, town.letters = town.letters, []
    for letter in letters:
        try:
            await town.agent(town.by_key[letter.recipient]).receive(letter)
        except PeerError:
            continue  # the invitation that lost
    (second,) = [name for name in ("ann", "bob") if "enter" in (await town.view(name)).can]
    await town.agent(second).enter((await town.view(second)).id)
    await town.carry()
    assert {(await town.view(name)).state for name in ("ann", "bob")} == {"menu"}


async def test_nothing_binds_when_only_one_has_ratified(town: Town) -> None:
    await town.publish_notes()
    for name in ("ann", "bob"):
        await town.agent(name).find()
        await town.agent(name).enter((await town.view(name)).id)
        await town.carry()
    for name in ("ann", "bob"):
        view = await town.view(name)
        await town.agent(name).rank(view.id, [option.number for option in view.options])
        await town.carry()
    view = await town.view("ann")
    await town.agent("ann").ratify(view.id)
    await town.carry()
    assert (await town.view("bob")).agreement_sha256 == ""
    with pytest.raises(PeerError):
        await town.agent("ann").ratify(view.id)
    await town.agent("bob").cancel(view.id, "changed my mind")
    await town.carry()
    assert {(await town.view(name)).state for name in ("ann", "bob")} == {"cancelled"}
    with pytest.raises(RefusedError):
        await town.agent("bob").ratify(view.id)


async def test_a_ratification_by_an_agent_is_no_ratification(town: Town) -> None:
    await town.publish_notes()
    for name in ("ann", "bob"):
        await town.agent(name).find()
        await town.agent(name).enter((await town.view(name)).id)
        await town.carry()
    for name in ("ann", "bob"):
        view = await town.view(name)
        await town.agent(name).rank(view.id, [option.number for option in view.options])
        await town.carry()
    await town.agent("ann").ratify((await town.view("ann")).id)
    forged = town.letters.pop()
    body = pb.Ratify.FromString(forged.body)
    agent = town.keys["ann"].agent
    body.signature = signing.sign(agent, "terms-human", life.ratification(body.terms_sha256, body.ratified_ms))
    with pytest.raises(ForgedError):
        await town.agent("bob").receive(
            Envelope(
                forged.session,
                forged.sender,
                forged.recipient,
                2,
                START,
                forged.deadline_ms,
                bytes(16),
                "ratify",
                body.SerializeToString(),
            )
        )
    assert (await town.view("bob")).ratified_by == ()


async def test_a_peer_that_was_told_enough_is_told_no_more(town: Town) -> None:
    await town.publish_notes()
    database, _, taste = town.nodes["ann"]
    capped = Bargaining(
        database, town.keys["ann"], taste, Post(town, "ann"), lambda: NOW, lambda key: "bob", peer_bits_cap=10.0
    )
    await capped.find()
    with pytest.raises(RefusedError, match="more than 10 bits"):
        await capped.enter((await town.view("ann")).id)
    assert town.letters == []


async def chain_of(town: Town, name: str) -> DealView:
    """Return the chain among someone's deals; the others are favours."""
    (found,) = [view for view in await town.agent(name).deals() if len(view.parties) == 3]
    return found


@pytest.mark.parametrize("late", [False, True])
async def test_three_help_each_other_in_a_circle_whatever_overtakes_what(circle: Town, late: bool) -> None:
    await circle.publish_notes()
    for name in circle.keys:
        assert await circle.agent(name).find() == 2  # a chain, and a favour by the one who could help
        assert await circle.agent(name).find() == 0

    async def carry() -> None:
        while circle.letters:
            ends = [(one.sender, one.recipient) for one in circle.letters]
            due = [
                number for number, pair in enumerate(ends) if pair not in ends[:number]
            ]  # a sender's own stay in order
            letter = circle.letters.pop(due[-1] if late else 0)
            await circle.agent(circle.by_key[letter.recipient]).receive(letter)

    for name in circle.keys:
        await circle.agent(name).enter((await chain_of(circle, name)).id)
    await carry()
    for name in circle.keys:
        view = await chain_of(circle, name)
        assert "rank" in view.can
        order = sorted(range(1, len(view.options) + 1), key=lambda n: -view.options[n - 1].gain)
        await circle.agent(name).rank(view.id, order)
    await carry()
    for name in circle.keys:
        await circle.agent(name).ratify((await chain_of(circle, name)).id)
    await carry()
    views = [await chain_of(circle, name) for name in circle.keys]
    assert {view.state for view in views} == {"ratified"}
    assert len({view.agreement_sha256 for view in views} - {""}) == 1
    assert all(view.gain is not None and view.gain > 0 for view in views)


async def test_a_chain_that_someone_refused_is_not_proposed_again_and_the_rest_is_planned_anew(circle: Town) -> None:
    await circle.publish_notes()
    await circle.agent("ann").find()
    await circle.agent("ann").decline((await chain_of(circle, "ann")).id)
    assert await circle.agent("ann").find() == 0
    assert [view for view in await circle.agent("ann").deals() if len(view.parties) == 3] == []


async def test_what_a_deal_is_about_can_be_edited_before_the_agent_enters(town: Town) -> None:
    await town.publish_notes()
    await town.agent("ann").find()
    view = await town.view("ann")
    assert "edit" in view.can
    assert view.space.splitlines()[0] == "piano lessons (you give): 0, 1, 2, 3"
    with pytest.raises(PeerError, match="cannot be read"):
        await town.agent("ann").edit(view.id, "nonsense")
    await town.agent("ann").edit(
        view.id, "piano lessons (you give): 1, 2\nbicycle repair (bob gives): 1\nwhere: here; there"
    )
    await town.agent("ann").enter(view.id)
    await town.carry()
    with pytest.raises(RefusedError):
        await town.agent("ann").edit(view.id, "piano lessons (you give): 0")
    assert "where: here; there" in (await town.view("bob")).space


async def test_a_free_proposal_is_a_draft_until_the_person_lets_their_agent_in(town: Town) -> None:
    bob = town.keys["bob"].agent_public
    made = await town.agent("ann").propose(bob, "", "a walk in the hills")
    assert town.letters == []
    assert (await town.view("ann")).id == made
    assert "a walk in the hills (bob gives): 0, 1, 2, 3" in (await town.view("ann")).space
    with pytest.raises(RefusedError):
        await town.agent("ann").propose(bob, " ", "")


async def test_where_someone_says_no_to_every_option_there_is_no_deal(town: Town) -> None:
    await town.publish_notes()
    for name in ("ann", "bob"):
        await town.agent(name).find()
        await town.agent(name).enter((await town.view(name)).id)
        await town.carry()
    for name in ("ann", "bob"):
        view = await town.view(name)
        numbers = [option.number for option in view.options]
        await town.agent(name).rank(
            view.id, numbers if name == "ann" else [], frozenset() if name == "ann" else frozenset(numbers)
        )
        await town.carry()
    assert {(await town.view(name)).state for name in ("ann", "bob")} == {"no deal"}
