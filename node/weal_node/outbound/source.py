"""Where records are pulled from: the coordinator, or a member's own node. Both speak the same three calls."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol

import grpc

from weal_node.outbound.community import Community
from weal_node.outbound.peer import Peer
from weal_protocol import buckets
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import sync_pb2, sync_pb2_grpc

WRONG_BUCKETS = "buckets of records are not those that were asked for"
Bucket = tuple[int, tuple[bytes, ...], tuple[int, ...]]  # number, ids, positions


class RecordFeed(Protocol):
    """What a pull needs. name: in words.  key: hex agent key of whoever answers."""

    name: str
    key: str

    async def digests(self, author: bytes, root: bytes) -> tuple[bytes, int]:
        """Return 256 x 32 bytes, or b"" where the root is the same; and the position up to which they go."""

    async def ids(self, author: bytes, numbers: bytes) -> list[Bucket]:
        """Return the buckets of these numbers."""

    async def records(self, ids: Sequence[bytes]) -> tuple[list[bytes], tuple[bytes, ...]]:
        """Return serialised records, the first of those asked for, as many as fit; and which are not there."""


class RecordSource:
    """A Source over gRPC."""

    def __init__(
        self,
        channel: grpc.aio.Channel,
        call: Callable[[Callable[..., Awaitable[Any]]], Awaitable[Any]],
        key: bytes,
        name: str,
    ) -> None:
        self.name, self.key = name, key.hex()
        self.received = 0  # bytes of answers so far
        self._call = call
        self._stub = sync_pb2_grpc.RecordSyncServiceStub(channel)

    @classmethod
    def of_community(cls, community: Community) -> "RecordSource":
        """The coordinator's copy of the commons."""
        return cls(community.channel, community.as_member, community.coordinator, community.name)

    @classmethod
    def of_peer(cls, peer: Peer) -> "RecordSource":
        """A member's own copy."""
        return cls(peer.channel, peer.as_member, peer.member.agent_key, f"the node of {peer.name}")

    async def digests(self, author: bytes, root: bytes) -> tuple[bytes, int]:
        """See Source."""
        answer = await self._call(partial(self._stub.GetDigests, sync_pb2.GetDigestsRequest(author=author, root=root)))
        self.received += answer.ByteSize()
        return bytes(answer.digests), int(answer.position)

    async def ids(self, author: bytes, numbers: bytes) -> list[Bucket]:
        """See Source. MalformedError where the answer is not one."""
        listed: list[Bucket] = []
        while len(listed) < len(numbers):
            request = sync_pb2.ListIdsRequest(author=author, buckets=numbers[len(listed) :])
            answer = await self._call(partial(self._stub.ListIds, request))
            self.received += answer.ByteSize()
            expected = numbers[len(listed) : len(listed) + len(answer.buckets)]
            if not expected or len(answer.buckets) != len(expected):
                raise MalformedError(WRONG_BUCKETS)
            for number, bucket in zip(expected, answer.buckets, strict=True):
                ids, positions = buckets.split(bucket.ids), tuple(bucket.positions)
                if bucket.number % 256 != number or len(ids) != len(positions):
                    raise MalformedError(WRONG_BUCKETS)
                listed.append((bucket.number, ids, positions))
        return listed

    async def records(self, ids: Sequence[bytes]) -> tuple[list[bytes], tuple[bytes, ...]]:
        """See Source."""
        answer = await self._call(partial(self._stub.GetRecords, sync_pb2.GetRecordsRequest(ids=b"".join(ids))))
        self.received += answer.ByteSize()
        return list(answer.records), buckets.split(answer.missing)
