"""The coordinator as notary and as a relay over one stream, over real gRPC and TLS."""

import asyncio
import contextlib
import secrets
from typing import Any

import pytest

from support.waiting import PATIENCE_S
from weal_node.errors import CommunityError, UnreachableError
from weal_node.outbound.community import Community
from weal_protocol import notary, signing
from weal_protocol.errors import ForgedError, UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2

pytestmark = pytest.mark.together


def ratification(person: Any, terms: bytes) -> negotiation_pb2.Ratify:
    signature = signing.sign(person.keys.ratification, "terms-human", terms + bytes(8))
    return negotiation_pb2.Ratify(terms_sha256=terms, signature=signature, ratified_ms=1)


async def test_a_ratification_is_logged_once_and_shown_to_whoever_knows_the_terms(community: Any) -> None:
    ada, bo, cy = [await community.person(name) for name in ("Ada", "Bo", "Cy")]
    terms, words = secrets.token_bytes(32), {}
    for person in (ada, bo):
        words[person.key] = ratification(person, terms)
        raw = words[person.key].SerializeToString()
        first = await person.community.notarise(raw)
        assert await person.community.notarise(raw) == first
        with pytest.raises(CommunityError, match="already"):
            await person.community.notarise(replace_signature(words[person.key]).SerializeToString())
    logged, now_ms = await cy.community.notarised(terms)
    assert now_ms >= max(stamp.logged_ms for _, stamp in logged.values())
    assert set(logged) == {ada.key, bo.key}
    for key, (raw, stamp) in logged.items():
        found = negotiation_pb2.Ratify.FromString(raw)
        assert found == words[key]
        found.stamp.CopyFrom(stamp)
        notary.check(ada.community.coordinator, found, stamp.logged_ms)
        with pytest.raises(UnlawfulMoveError, match="expired"):
            notary.check(ada.community.coordinator, found, stamp.logged_ms - 1)
        found.stamp.logged_ms -= 1
        with pytest.raises(ForgedError):
            notary.check(ada.community.coordinator, found, stamp.logged_ms)
    assert (await cy.community.notarised(secrets.token_bytes(32)))[0] == {}
    for bad in (b"", b"\xff", bytes(2_000), negotiation_pb2.Ratify(terms_sha256=terms).SerializeToString()):
        with pytest.raises(CommunityError):
            await ada.community.notarise(bad)


def replace_signature(ratify: negotiation_pb2.Ratify) -> negotiation_pb2.Ratify:
    other = negotiation_pb2.Ratify.FromString(ratify.SerializeToString())
    other.signature = bytes(64)
    return other


async def test_mail_comes_over_the_stream_until_it_is_acknowledged_whatever_breaks(community: Any) -> None:
    ada, bo = [await community.person(name) for name in ("Ada", "Bo")]
    waiting = asyncio.create_task(bo.community.fetch(20_000))
    await ada.community.put(bo.key, b"one" * 200)
    ((number, letter),) = await waiting
    assert letter == b"one" * 200
    assert await bo.community.fetch(20_000) == [(number, letter)]  # until it is acknowledged
    elsewhere = Community(bo.community.membership, await certificate(community), bo.keys)
    assert await elsewhere.fetch(20_000) == [(number, letter)]  # attaching anew ends the first connection
    await community.stop()
    for person in (ada, bo):
        with pytest.raises(UnreachableError):
            await person.community.put(bo.key, b"two" * 200)
    await community.start()
    async with asyncio.timeout(PATIENCE_S):
        assert await eventually(bo.community) == [(number, letter)]
    await bo.community.ack([number])
    while True:
        with contextlib.suppress(UnreachableError):
            await ada.community.put(bo.key, b"three" * 200)
            break
    async with asyncio.timeout(PATIENCE_S):
        news = await bo.community.fetch(20_000)
    assert [body for _, body in news][-1] == b"three" * 200
    await elsewhere.close()


async def eventually(reached: Community) -> list[tuple[int, bytes]]:
    """Fetch, again and again while gRPC waits before it connects anew."""
    while True:
        try:
            return await reached.fetch(20_000)
        except UnreachableError:
            await asyncio.sleep(0.1)


async def certificate(community: Any) -> bytes:
    return bytes(await asyncio.to_thread(community.place.certificate.read_bytes))


async def test_a_refusal_on_the_stream_has_its_words_and_ends_nothing(community: Any) -> None:
    ada, bo = [await community.person(name) for name in ("Ada", "Bo")]
    for recipient, size, words in ((bo.key, 300_000, "wrong size"), (b"n" * 32, 600, "not a member")):
        with pytest.raises(CommunityError, match=words):
            await ada.community.put(recipient, bytes(size))
    for _ in range(5):
        await ada.community.put(bo.key, bytes(600))
    with pytest.raises(CommunityError, match="mailbox full"):
        await ada.community.put(bo.key, bytes(600))
    assert community.waiting(bo) == 5
