"""Letters on a wire that reorders, repeats and lies: each act has its effect once, and whoever equivocates is found out."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weal_node import keys as keyring
from weal_node.errors import SwitchedOffError
from weal_node.mail.outbox import Outbox
from weal_node.store import letters, mail
from weal_node.store.database import Database
from weal_protocol import envelope, sealing
from weal_protocol.cards import Member
from weal_protocol.envelope import Envelope
from weal_simulations.town.relay import TownLine, TownRelay

SESSION, NOW = b"s" * 16, 1_700_000_000_000


class Pair:
    """Ann writes, Bob takes."""

    def __init__(self, folder: Path) -> None:
        self.off = False
        self.now = NOW
        self.keys = [keyring.new(), keyring.new()]
        self.wire = TownRelay()
        for one in self.keys:
            keys = (one.agent_public, one.ratification_public, one.seal_public, b"")
            self.wire.members[one.agent_public] = Member(*keys, "x", "light", 1)
        self.stores = [Database(folder / f"{name}.db") for name in ("ann", "bob")]
        self.sides = [
            Outbox(store, keys, TownLine(self.wire, keys.agent_public), lambda: self.now, self.check_on)
            for store, keys in zip(self.stores, self.keys, strict=True)
        ]
        self.got: list[bytes] = []

    def check_on(self) -> None:
        if self.off:
            raise SwitchedOffError("everything is switched off")

    async def write(self, *bodies: bytes, sender: int = 0) -> list[bytes]:
        """Sign and seal letters; return the frames."""
        self.wire.frames.clear()
        other = self.keys[1 - sender].agent_public
        for body in bodies:
            await self.sides[sender].send(other, SESSION, "invite", body, NOW + 1_000)
        await self.sides[sender].send_waiting()
        return [frame.ciphertext for frame in self.wire.frames]

    async def take(self, frame: bytes, receiver: int = 1) -> None:
        async def keep(letter: Envelope) -> None:
            self.got.append(letter.body)

        await self.sides[receiver].take(frame, {"invite": keep})

    def close(self) -> None:
        for store in self.stores:
            store.close()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    yield made
    made.close()


counter = itertools.count()


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(6)), repeats=st.lists(st.integers(0, 5), max_size=6))
def test_whatever_the_order_and_however_often_each_act_counts_once(
    tmp_path: Path, order: list[int], repeats: list[int]
) -> None:
    async def story() -> None:
        pair = Pair(tmp_path / str(next(counter)))
        frames = await pair.write(*(b"%d" % number for number in range(6)))
        for number in (*order, *repeats):
            await pair.take(frames[number])
        assert pair.got == [b"%d" % number for number in range(6)]
        pair.close()

    asyncio.run(story())


async def test_after_the_first_letters_only_keys_of_the_session_open_and_then_nothing_does(pair: Pair) -> None:
    (first,) = await pair.write(b"hello")
    await pair.take(first)
    (back,) = await pair.write(b"and back", sender=1)
    await pair.take(back, receiver=0)
    (second,) = await pair.write(b"secret")
    ann, bob = pair.keys
    assert sealing.unseal(first, bob.seal, bob.agent_public)
    for frame, keys in ((back, ann), (second, bob)):
        with pytest.raises(Exception, match="not sealed"):
            sealing.unseal(frame, keys.seal, keys.agent_public)
    await pair.take(second)
    assert pair.got == [b"hello", b"and back", b"secret"]
    await pair.stores[1].write(lambda connection: letters.erase(connection, NOW + 1_001))
    await pair.take(second)
    assert await pair.sides[1].refusals() == {"ForgedError: a frame was not sealed to this node": 1}


async def test_who_signs_two_letters_for_one_place_is_found_out_with_the_proof(pair: Pair) -> None:
    ann, bob = pair.keys
    one, two = [
        envelope.write(
            Envelope(SESSION, ann.agent_public, bob.agent_public, 1, bytes(32), NOW, key * 16, "invite", key), ann.agent
        )
        for key in (b"x", b"y")
    ]
    for signed in (one, two, one):
        await pair.take(sealing.seal(signed, bob.seal_public, bob.agent_public))
    assert pair.got == [b"x"]
    assert await pair.stores[1].read(lambda c: letters.equivocators(c, SESSION)) == (ann.agent_public,)
    assert await pair.stores[1].read(lambda c: letters.at(c, SESSION, ann.agent_public, bob.agent_public, 1)) == one
    assert await pair.sides[1].refusals() == {
        "EquivocatedError: envelope # came with two contents": 1,
        "ReplayedError: envelope # came again": 1,
    }


async def test_the_same_act_under_another_number_has_no_second_effect(pair: Pair) -> None:
    (first,) = await pair.write(b"pay")
    await pair.take(first)
    ann, bob = pair.keys
    (signed,) = await pair.stores[0].read(lambda connection: letters.of(connection, SESSION))
    letter, digest = envelope.read(signed, NOW)
    again = envelope.write(replace(letter, seq=2, prev_hash=digest), ann.agent)
    await pair.take(sealing.seal(again, bob.seal_public, bob.agent_public))
    assert pair.got == [b"pay"]
    assert await pair.sides[1].refusals() == {}


async def test_switched_off_nothing_is_sent_and_nothing_taken_and_nothing_is_lost(pair: Pair) -> None:
    (first,) = await pair.write(b"before")
    pair.off = True
    with pytest.raises(SwitchedOffError):
        await pair.take(first)
    assert await pair.write(b"during") == []
    assert len(await pair.stores[0].read(mail.outgoing)) == 1
    pair.off = False
    (second,) = await pair.write()
    for frame in (first, second):
        await pair.take(frame)
    assert pair.got == [b"before", b"during"]


async def test_too_many_letters_before_their_turn_are_refused(pair: Pair) -> None:
    frames = await pair.write(*(b"%d" % number for number in range(letters.MOST_EARLY + 3)))
    for frame in frames[1:]:
        await pair.take(frame)
    assert await pair.sides[1].refusals() == {"EarlyError: envelope # came where # was due": 2}
    await pair.take(frames[0])
    assert len(pair.got) == letters.MOST_EARLY + 1
