"""The finer points of membership over real TLS: what a server may not change, and what a stranger may not learn."""

import asyncio
from dataclasses import replace
from typing import Any

import grpc
import pytest

from weal_coordinator.config import Settings
from weal_coordinator.rpc.server import MAX_MESSAGE_BYTES
from weal_node import keys
from weal_node.errors import CommunityError, UnreachableError
from weal_node.outbound.community import Community
from weal_protocol import cards
from weal_protocol.v1 import directory_pb2, directory_pb2_grpc

pytestmark = pytest.mark.together


async def test_an_invite_used_twice_is_named(community: Any) -> None:
    given, ada, bo = community.invite(), keys.new(), keys.new()
    card = community_card(ada, "Ada")
    await Community.join(given, ada, card, community.folder / "ada")
    with pytest.raises(CommunityError, match="invite already used") as caught:
        await Community.join(given, bo, community_card(bo, "Bo"), community.folder / "bo")
    assert "ask for a new one" in str(caught.value)
    assert not (community.folder / "bo").exists()
    await Community.join(given, ada, card, community.folder / "ada")  # the same person, whose answer was lost


async def test_another_coordinator_than_the_invites_is_named(community: Any) -> None:
    ada = keys.new()
    wrong = replace(community.invite(), coordinator="ab" * 32)
    with pytest.raises(CommunityError, match="not the one that the invite names"):
        await Community.join(wrong, ada, community_card(ada, "Ada"), community.folder / "ada")


async def test_a_certificate_exchanged_later_is_named(community: Any, tmp_path: Any) -> None:
    ada = await community.person("Ada")
    other = type(community)(tmp_path / "other", Settings(grpc_port=0))
    await other.start()
    try:
        moved = replace(ada.community.membership, grpc=f"127.0.0.1:{other.settings.grpc_port}")
        pinned = (community.folder / "Ada" / "certificate.pem").read_bytes()
        astray = Community(moved, pinned, ada.keys)
        with pytest.raises(UnreachableError, match="another certificate than the one that was pinned"):
            await astray.refresh()
        await astray.close()
    finally:
        await other.stop()


async def test_a_signature_is_needed_to_learn_who_is_a_member(community: Any) -> None:
    ada = await community.person("Ada")
    channel = await community.channel()
    directory = directory_pb2_grpc.DirectoryServiceStub(channel)
    said = set()
    for key in (ada.key, keys.new().agent_public):
        challenge = (await directory.Challenge(directory_pb2.ChallengeRequest(agent_key=key))).challenge
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await directory.SignIn(directory_pb2.SignInRequest(agent_key=key, challenge=challenge, signature=b"s" * 64))
        said.add((caught.value.code(), caught.value.details()))
    assert len(said) == 1
    await channel.close()


async def test_a_message_too_large_is_refused_before_anyone_is_asked_for(community: Any) -> None:
    channel = await community.channel()
    call = channel.unary_unary("/weal_protocol.v1.RelayService/Put")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(bytes(MAX_MESSAGE_BYTES + 1), timeout=10)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    await channel.close()


async def test_a_session_that_ended_is_begun_again(community: Any) -> None:
    ada = await community.person("Ada")
    await ada.community.refresh()
    await community.stop()
    await community.start()  # sessions are in memory
    await asyncio.gather(ada.community.refresh(), ada.community.release(), ada.community.fetch(0))


async def test_changed_keys_of_a_member_stop_everything(community: Any) -> None:
    ada, bo = await community.person("Ada"), await community.person("Bo")
    await ada.community.refresh()
    eve = keys.new()
    changed = cards.read(community_card(bo.keys, "Bo", seal_key=eve.seal_public))
    with pytest.raises(CommunityError, match="keys of Bo have changed"):
        ada.community.enter(changed)
    assert (await ada.community.member(bo.key)).seal_key == bo.keys.seal_public


async def test_more_members_than_fit_one_message(community: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weal_coordinator.rpc.directory.MAX_LIST", 2)
    people = [await community.person(name) for name in ("Ada", "Bo", "Cy", "Di")]
    await people[0].community.refresh()
    assert len(people[0].community.members()) == 5


def community_card(own: keys.Keys, name: str, **changes: object) -> bytes:
    whole = cards.Member(
        own.agent_public, own.ratification_public, own.seal_public, own.fleet_public, name, "light", 1_700_000_000_000
    )
    return cards.issue(replace(whole, **changes), own.agent)  # type: ignore[arg-type]  # fields of a Member
