"""The wire to another member's node: the certificate on their card is the whole of the trust."""

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeVar

import grpc

from weal_node.errors import UnreachableError
from weal_node.keys import Keys
from weal_node.outbound.channel import TIMEOUT_S, connect, named
from weal_protocol import signing
from weal_protocol.cards import Member
from weal_protocol.v1 import peer_pb2, peer_pb2_grpc

T = TypeVar("T")
REACH_S = 5.0


class Peer:
    """A connection to the node of a member whose card has an address. Use from one event loop, then close."""

    def __init__(self, member: Member, certificate: bytes, keys: Keys) -> None:
        self.member = member
        self.name = member.name
        self.channel = connect(member.address, certificate)
        self._keys = keys
        self._door = peer_pb2_grpc.PeerServiceStub(self.channel)
        self._token = ""
        self._signing_in = asyncio.Lock()

    @classmethod
    async def reach(cls, member: Member, keys: Keys) -> "Peer":
        """Fetch the certificate shown at the card's address and compare it; UnreachableError where it is another, or none."""
        return cls(member, await asyncio.to_thread(_pinned, member), keys)

    async def as_member(self, call: Callable[..., Awaitable[T]]) -> T:
        """Call a stub's method with our session; sign in first, and once more when the session has ended."""
        stale = ""
        for attempt in (1, 2):
            try:
                token = await self._session(stale)
                return await call(metadata=(("weal-session", token),), timeout=TIMEOUT_S)
            except grpc.aio.AioRpcError as fault:
                if fault.code() is not grpc.StatusCode.UNAUTHENTICATED or attempt == 2:
                    raise named(fault, f"the node of {self.name}") from fault
                stale = self._token
        raise AssertionError("the second attempt returns or raises")

    async def _session(self, stale: str) -> str:
        async with self._signing_in:
            if self._token and self._token != stale:
                return self._token
            own = self._keys.agent_public
            response = await self._door.GetChallenge(peer_pb2.GetChallengeRequest(agent_key=own), timeout=TIMEOUT_S)
            signature = signing.sign(self._keys.agent, "sign-in", response.challenge + self.member.certificate_sha256)
            request = peer_pb2.OpenSessionRequest(agent_key=own, challenge=response.challenge, signature=signature)
            self._token = (await self._door.OpenSession(request, timeout=TIMEOUT_S)).token
            return self._token

    async def close(self) -> None:
        """End the connection."""
        await self.channel.close()


def _pinned(member: Member) -> bytes:
    host, _, port = member.address.rpartition(":")
    try:
        pem = ssl.get_server_certificate((host.strip("[]"), int(port)), timeout=REACH_S)
    except (OSError, ValueError) as fault:
        raise UnreachableError(
            f"the node of {member.name} does not answer at {member.address}", "It is tried again by itself"
        ) from fault
    if hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).digest() != member.certificate_sha256:
        raise UnreachableError(
            f"the address of {member.name} shows another certificate than their card names",
            "Someone may be in between, or the card is old; it is tried again by itself",
        )
    return pem.encode()
