"""Mail when something is wrong: what keeps one letter keeps no other, and nothing is lost that was not refused."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from support.waiting import until_async
from weal_node.errors import CommunityError, RefusedError, UnreachableError
from weal_node.mail import outbox
from weal_node.mail.outbox import Handler
from weal_node.store import disclosures, mail
from weal_protocol import record, sealing
from weal_protocol.envelope import Envelope

pytestmark = pytest.mark.together
SESSION = b"s" * 16


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "RETRY_S", 0.1)
    monkeypatch.setattr(outbox, "LONGEST_RETRY_S", 0.1)


def soon() -> int:
    return time.time_ns() // 1_000_000 + 60_000


@contextlib.asynccontextmanager
async def living(person: Any, handler: Handler | None = None) -> AsyncIterator[list[Envelope]]:
    """Let someone send and receive; yields what came."""
    came: list[Envelope] = []

    async def keep(letter: Envelope) -> None:
        came.append(letter)

    running = asyncio.create_task(person.letters.run({"invite": handler or keep}))
    try:
        yield came
        assert not running.done(), running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_full_mailbox_holds_up_no_one_else(community: Any) -> None:
    ada, bo, cy = [await community.person(name) for name in ("Ada", "Bo", "Cy")]
    async with living(ada), living(bo) as to_bo:
        for number in range(8):  # five fit
            await ada.letters.send(cy.key, SESSION, "invite", b"%d" % number, soon())
        await ada.letters.send(bo.key, SESSION, "invite", b"hello", soon())
        await until_async(lambda: len(to_bo) == 1)
        assert community.waiting(cy) == 5
        waiting = await ada.database.read(mail.outgoing)
        assert [one.recipient for one in waiting] == [cy.key] * 3
        async with living(cy) as to_cy:
            await until_async(lambda: len(to_cy) == 8)
        assert [letter.body for letter in to_cy] == [b"%d" % number for number in range(8)]
        assert await cy.letters.refusals() == {}
        told = await ada.database.read(disclosures.all_of)
        assert len(told) == 9  # each once, however often it was tried


async def test_a_letter_too_late_is_dropped_and_those_to_no_member_wait(community: Any) -> None:
    ada, bo = [await community.person(name) for name in ("Ada", "Bo")]
    await ada.letters.send(b"n" * 32, SESSION, "invite", b"to nobody", soon())
    await ada.letters.send(bo.key, SESSION, "invite", b"too late", 1)
    await ada.letters.send(bo.key, b"t" * 16, "invite", b"in time", soon())
    async with living(ada), living(bo) as to_bo:
        await until_async(lambda: len(to_bo) == 1)
        assert to_bo[0].body == b"in time"
    assert [one.recipient for one in await ada.database.read(mail.outgoing)] == [b"n" * 32]


async def test_a_fault_of_the_network_refuses_no_letter(community: Any) -> None:
    ada, bo = [await community.person(name) for name in ("Ada", "Bo")]
    tried, taken = [], []

    async def asks_the_community(letter: Envelope) -> None:
        tried.append(letter)
        if len(tried) == 1:
            raise UnreachableError("commons cannot be reached")
        taken.append(letter)

    await ada.letters.send(bo.key, SESSION, "invite", b"hello", soon())
    async with living(ada):
        with pytest.raises(ExceptionGroup):
            await bo.letters.run({"invite": asks_the_community})
        assert community.waiting(bo) == 1  # not acknowledged, not refused: supervision starts again
        async with living(bo, asks_the_community):
            await until_async(lambda: len(taken) == 1)
            await until_async(lambda: community.waiting(bo) == 0)
    assert await bo.letters.refusals() == {}


async def test_a_refused_letter_and_a_fault_of_our_own_stop_nothing(community: Any) -> None:
    ada, bo = [await community.person(name) for name in ("Ada", "Bo")]
    taken = []

    async def particular(letter: Envelope) -> None:
        match letter.body:
            case b"unwanted":
                raise RefusedError("not 12345 times")
            case b"poison":
                raise KeyError("private words")
        taken.append(letter.body)

    for body in (b"first", b"unwanted", b"poison", b"poison", b"last"):
        await ada.letters.send(bo.key, SESSION, "invite", body, soon())
    await ada.letters.send(bo.key, b"t" * 16, "invite", b"unwanted", soon())
    await ada.letters.send(bo.key, b"t" * 16, "invite", b"goes on from nothing", soon())
    await ada.letters.send(bo.key, SESSION, "cancel", b"no handler", soon())
    async with living(ada), living(bo, particular):
        await until_async(lambda: b"last" in taken)
        await until_async(lambda: community.waiting() == 0)
        await until_async(lambda: not ada.database.read_now(mail.outgoing))
        await until_async(lambda: community.waiting() == 0)
    assert taken == [b"first", b"last"]
    assert await bo.letters.refusals() == {
        "CommunityError: no one here answers letters of this kind": 1,
        "KeyError: a fault of our own": 2,
        "RefusedError: not # times": 2,
    }


async def test_what_can_never_be_sealed_is_dropped_and_counted(community: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    weak = bytes(32)  # a point of low order
    with pytest.raises(CommunityError, match="no key that anybody could hold"):
        await community.person("Weak", seal_key=weak)
    ada, bo, odd = [await community.person(name) for name in ("Ada", "Bo", "Odd")]
    seal = sealing.seal

    def refusing(signed: bytes, key: bytes, *further: Any) -> bytes:
        # No such key comes in any more; a letter that was written before may have one.
        return seal(signed, weak if key == odd.keys.seal_public else key, *further)

    monkeypatch.setattr(sealing, "seal", refusing)
    await ada.letters.send(odd.key, SESSION, "invite", b"x", soon())
    await ada.letters.send(bo.key, SESSION, "invite", b"hello", soon())
    async with living(ada), living(bo) as to_bo:
        await until_async(lambda: len(to_bo) == 1)
    assert await ada.letters.refusals() == {"MalformedError: a key to seal to is no key that anybody could hold": 1}
    assert await ada.database.read(mail.outgoing) == ()


async def test_more_records_than_fit_one_message(community: Any) -> None:
    ada, bo = [await community.person(name) for name in ("Ada", "Bo")]
    long = [b"%d " % number + b"x" * 250_000 for number in range(20)]  # 5 MB
    short = [b"short %d" % number for number in range(300)]
    made = [
        record.make(
            "note", body, author=ada.keys.agent, salt=b"s" * 16, written_ms=1, note=secrets.token_bytes(16), path="n.md"
        )
        for body in long + short
    ]
    assert await ada.community.publish(made) == 320
    assert await ada.community.publish(made[:30]) == 320
    assert await ada.community.publish([]) == 0
    found, position = [], 0
    while position < 320:
        some, position = await bo.community.records(position)
        found += some
    assert found == made


async def test_more_mail_than_fits_one_message(community: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weal_coordinator.rpc.relay.FETCH_BYTES", 1_500)
    ada, bo = [await community.person(name) for name in ("Ada", "Bo")]
    for number in range(5):
        await ada.letters.send(bo.key, SESSION, "invite", b"%d" % number * 600, soon())
    async with living(ada):
        await until_async(lambda: community.waiting(bo) == 5)
    assert len(await bo.community.fetch(0)) == 1
    async with living(bo) as to_bo:
        await until_async(lambda: len(to_bo) == 5)
