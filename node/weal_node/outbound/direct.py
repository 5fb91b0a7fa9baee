"""Straight to the node of a member whose card has an address; where it does not answer, the relay is used for a while."""

import asyncio
import time
from collections.abc import Callable
from functools import partial

from weal_node.errors import CommunityError
from weal_node.keys import Keys
from weal_node.outbound.peer import Peer
from weal_protocol.cards import Member
from weal_protocol.v1 import envelope_pb2, mail_pb2, mail_pb2_grpc

REST_S = 60.0  # that a node which did not answer is left alone
PATIENCE_S = 2.0  # then the relay has it sooner


class DirectConnections:
    """Connections to other members' nodes, one each, opened when needed."""

    def __init__(self, keys: Keys, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._now = monotonic
        self._peers: dict[tuple[str, bytes], Peer] = {}
        self._resting: dict[bytes, float] = {}
        self.delivered = 0

    async def deliver(self, member: Member, ciphertext: bytes) -> bool:
        """Hand a frame to a member's own node; False where that cannot be done now."""
        if not member.address or self._resting.get(member.agent_key, 0.0) > self._now():
            return False
        frame = envelope_pb2.SealedFrame(recipient=member.agent_key, ciphertext=ciphertext)
        try:
            async with asyncio.timeout(PATIENCE_S):
                peer = await self._peer(member)
                stub = mail_pb2_grpc.MailServiceStub(peer.channel)
                await peer.as_member(partial(stub.Deliver, mail_pb2.DeliverRequest(frame=frame)))
        except (CommunityError, TimeoutError):
            self._resting[member.agent_key] = self._now() + REST_S
            return False
        self.delivered += 1
        return True

    async def _peer(self, member: Member) -> Peer:
        where = (member.address, member.certificate_sha256)
        if where not in self._peers:
            self._peers[where] = await Peer.reach(member, self._keys)
        return self._peers[where]

    async def close(self) -> None:
        """End all connections."""
        for peer in self._peers.values():
            await peer.close()
        self._peers.clear()
