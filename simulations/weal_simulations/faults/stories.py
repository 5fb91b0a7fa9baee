"""Stories: how a wire may treat the letters of a deal: replay, reorder, repeat them; and a party that signs two, or a ratification that comes late."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace

from weal_node.store import letters
from weal_node.store.database import Database
from weal_protocol import deal, envelope, sealing
from weal_simulations.town.relay import Frame
from weal_simulations.town.town import DEAL, Table, TownSeat

ACTS = ("enter", "enter", "rank", "ratify", "fulfil", "rate")
Story = Callable[[Table, random.Random], Awaitable[bool]]


async def honest(table: Table, turn: Callable[[list[Frame]], Frame] | None = None) -> bool:
    """Carry a deal to its end, however often someone must act again; say whether everyone says it is fulfilled."""
    for act in (*ACTS, *ACTS):
        await table.do(act)
        await table.carry(turn)
    return set(await table.states()) == {"fulfilled"}


async def replay(table: Table, draw: random.Random) -> bool:
    """Before every frame, a few of those that were carried long ago come again, to anyone."""

    def turn(frames: list[Frame]) -> Frame:
        return frames.pop(0)

    for act in (*ACTS, *ACTS):
        await table.do(act)
        await table.carry(turn)
        for frame in draw.sample(table.wire.past, min(3, len(table.wire.past))):
            for seat in table.seats:
                await seat.take(frame)
    return set(await table.states()) == {"fulfilled"}


async def reorder(table: Table, draw: random.Random) -> bool:
    """Any frame that lies on the wire may come next."""
    return await honest(table, lambda frames: frames.pop(draw.randrange(len(frames))))


async def duplicate(table: Table, draw: random.Random) -> bool:
    """Every frame comes one to three times, the further ones at any later time."""
    seen = set[bytes]()

    def turn(frames: list[Frame]) -> Frame:
        frame = frames.pop(0)
        if frame.ciphertext not in seen:
            seen.add(frame.ciphertext)
            for _ in range(draw.randrange(3)):
                frames.insert(draw.randrange(len(frames) + 1), frame)
        return frame

    return await honest(table, turn)


async def equivocate(table: Table, draw: random.Random) -> bool:
    """At one place of its chain the first party's agent signs two letters for the last; both arrive. It must be found out."""
    liar, victim = table.seats[0], table.seats[-1]
    chosen, told = draw.randrange(1, 5), False

    async def lie(signed: bytes) -> None:
        letter, _ = envelope.read(signed, table.wire.now)
        key = bytes(reversed(letter.idempotency_key))
        body = letter.body + b"\x7a\x00"  # an unknown field: the same words, other bytes
        other = envelope.write(replace(letter, body=body, idempotency_key=key), liar.keys.agent)
        frame = sealing.seal(other, victim.keys.seal_public, victim.key)
        await victim.take(Frame(liar.key, victim.key, frame))

    for act in (*ACTS, *ACTS):
        await table.do(act)
        await table.carry()
        if not told and (signed := await _signed(liar, victim, chosen)) is not None:
            told = True
            await lie(signed)
    found = await store(victim).read(lambda connection: letters.equivocators(connection, DEAL))
    return found == (liar.key,)


async def late(table: Table, draw: random.Random) -> bool:
    """The last to ratify cannot reach the notary in time, with a clock that says otherwise: the deal has expired, or the first
    ratified too long ago."""
    for act in ACTS[:3]:
        await table.do(act)
        await table.carry()
    order = draw.sample(table.seats, len(table.seats))
    for seat in order[:-1]:
        await seat.act("ratify")
    await table.carry()
    table.wire.notary_answers = False
    await order[-1].act("ratify")  # dated in time by its own clock
    table.wire.now += draw.choice((8 * 24 * 3_600 * 1_000, deal.LONGEST_TO_RATIFY_MS + 1))
    table.wire.notary_answers = True
    await table.carry()
    return set(await table.states()) == {"expired"}


STORIES: dict[str, Story] = {
    "honest": lambda table, draw: honest(table),
    "replay": replay,
    "reorder": reorder,
    "duplicate": duplicate,
    "equivocate": equivocate,
    "late ratification": late,
}


async def _signed(sender: TownSeat, receiver: TownSeat, seq: int) -> bytes | None:
    return await store(receiver).read(lambda c: letters.at(c, DEAL, sender.key, receiver.key, seq))


def store(seat: TownSeat) -> Database:
    """Return the database of a node that runs; RuntimeError of one that does not."""
    if seat.database is None:
        raise RuntimeError("this node is not running")
    return seat.database
