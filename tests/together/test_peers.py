"""Two nodes speak directly: the certificate on the card is the trust, and only members pass the door."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest

from support.commons import Directory
from weal_node import certificate
from weal_node import keys as keyring
from weal_node.errors import CommunityError, NodeError, UnreachableError
from weal_node.outbound.channel import connect
from weal_node.outbound.peer import Peer
from weal_node.rpc.authentication import members_only
from weal_node.rpc.server import serve
from weal_protocol.cards import Member
from weal_protocol.door import Door
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import peer_pb2, peer_pb2_grpc, release_pb2, release_pb2_grpc

pytestmark = pytest.mark.together
ADA, BO = keyring.new(), keyring.new()


class Answers(release_pb2_grpc.ReleaseServiceServicer):
    """Any service behind the door: it says who asks, in a field of bytes."""

    def __init__(self, door: Door, directory: Directory) -> None:
        self.door, self.directory = door, directory

    @members_only
    async def GetRelease(self, request: Any, agent_key: bytes) -> release_pb2.GetReleaseResponse:  # noqa: N802
        if request.number:
            raise MalformedError("there is no such release")
        return release_pb2.GetReleaseResponse(release=release_pb2.Release(manifest=agent_key))


class House:
    def __init__(self, member: Member, directory: Directory) -> None:
        self.member, self.directory = member, directory


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    directory, shown = Directory(BO.agent_public), certificate.at(tmp_path, 1_764_000_000_000)

    def add(server: grpc.aio.Server, door: Door) -> None:
        release_pb2_grpc.add_ReleaseServiceServicer_to_server(Answers(door, directory), server)  # type: ignore[abstract]  # one method is enough

    server, port = await serve("127.0.0.1:0", shown, directory, (add,))
    keys = (ADA.agent_public, ADA.ratification_public, ADA.seal_public, ADA.fleet_public)
    with pytest.raises(NodeError, match="taken"):
        await serve(f"127.0.0.1:{port}", shown, directory, ())
    yield House(Member(*keys, "Ada", "none", 1, f"127.0.0.1:{port}", shown.sha256), directory)
    await server.stop(0)


async def ask(peer: Peer, number: int = 0) -> bytes:
    stub = release_pb2_grpc.ReleaseServiceStub(peer.channel)
    answer = await peer.as_member(partial(stub.GetRelease, release_pb2.GetReleaseRequest(number=number)))
    return bytes(answer.release.manifest)


async def test_a_member_is_answered_until_they_leave(house: House) -> None:
    peer = await Peer.reach(house.member, BO)
    assert await ask(peer) == BO.agent_public
    with pytest.raises(CommunityError, match="no such release"):
        await ask(peer, 7)
    house.directory.keys.clear()
    with pytest.raises(CommunityError, match="no member"):
        await ask(peer)
    await peer.close()


async def test_a_stranger_is_told_so(house: House) -> None:
    peer = await Peer.reach(house.member, ADA)
    with pytest.raises(CommunityError, match="this key belongs to no member"):
        await ask(peer)
    await peer.close()


async def test_without_a_session_there_is_nothing(house: House) -> None:
    peer = await Peer.reach(house.member, BO)
    with pytest.raises(grpc.aio.AioRpcError, match="members only"):
        await release_pb2_grpc.ReleaseServiceStub(peer.channel).GetRelease(release_pb2.GetReleaseRequest())
    with pytest.raises(grpc.aio.AioRpcError, match="32 bytes"):
        await peer_pb2_grpc.PeerServiceStub(peer.channel).GetChallenge(peer_pb2.GetChallengeRequest(agent_key=b"x"))
    await peer.close()


async def test_another_certificate_than_the_cards_is_not_spoken_to(house: House, tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="another certificate"):
        await Peer.reach(replace(house.member, certificate_sha256=bytes(32)), BO)
    other = tmp_path / "other"
    other.mkdir()
    forged = connect(house.member.address, certificate.at(other, 1_764_000_000_000).public)
    with pytest.raises(grpc.aio.AioRpcError):
        await peer_pb2_grpc.PeerServiceStub(forged).GetChallenge(peer_pb2.GetChallengeRequest(agent_key=bytes(32)))
    await forged.close()


async def test_nobody_there_is_named(house: House) -> None:
    with pytest.raises(UnreachableError, match="does not answer"):
        await Peer.reach(replace(house.member, address="127.0.0.1:1"), BO)
