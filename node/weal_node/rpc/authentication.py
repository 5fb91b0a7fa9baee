"""Who may ask a node: members of its community alone, each time anew, so that whoever leaves is out at once."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, Protocol, TypeVar

import grpc

from weal_protocol.door import Door
from weal_protocol.errors import ForgedError, PeerError, WealError
from weal_protocol.v1 import peer_pb2, peer_pb2_grpc

SESSION_S = 3_600
Response = TypeVar("Response")
Context = grpc.aio.ServicerContext[Any, Any]


class KnownMembers(Protocol):
    """What a door must know of the community."""

    def is_member(self, agent_key: bytes) -> bool:
        """Say whether this key is a member's, as of the last look."""

    async def member(self, agent_key: bytes) -> object:
        """Look again where it is unknown; CommunityError for someone who is none."""


class PeerService(peer_pb2_grpc.PeerServiceServicer):
    """See peer.proto."""

    def __init__(self, door: Door, directory: KnownMembers) -> None:
        self._door = door
        self._directory = directory

    async def GetChallenge(  # noqa: N802 -- gRPC's name
        self, request: peer_pb2.GetChallengeRequest, context: Context
    ) -> peer_pb2.GetChallengeResponse:
        """Begin; members and strangers get the same kind of answer."""
        if len(request.agent_key) != 32:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "an agent key is 32 bytes long")
        return peer_pb2.GetChallengeResponse(challenge=self._door.challenge(request.agent_key))

    async def OpenSession(self, request: peer_pb2.OpenSessionRequest, context: Context) -> peer_pb2.OpenSessionResponse:  # noqa: N802 -- gRPC's name
        """Let in who holds the key of a member's card."""
        try:
            self._door.check(request.agent_key, request.challenge, request.signature)
            await self._directory.member(request.agent_key)
            return peer_pb2.OpenSessionResponse(token=self._door.admit(request.agent_key, request.challenge))
        except WealError as fault:
            await _abort(context, grpc.StatusCode.PERMISSION_DENIED, str(fault))


def members_only(method: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """Let members call this method of a service with `door` and `directory`, with their agent key as a further argument."""

    @functools.wraps(method)
    async def answer(self: Any, request: Any, context: Context) -> Response:
        agent_key = self.door.member(context)
        if agent_key is None or not self.directory.is_member(agent_key):
            await _abort(context, grpc.StatusCode.UNAUTHENTICATED, "members only. Sign in first")
        try:
            return await method(self, request, agent_key)
        except WealError as fault:
            await _abort(context, _code(fault), str(fault))

    return answer


def _code(fault: WealError) -> grpc.StatusCode:
    if isinstance(fault, ForgedError):
        return grpc.StatusCode.PERMISSION_DENIED
    return grpc.StatusCode.INVALID_ARGUMENT if isinstance(fault, PeerError) else grpc.StatusCode.FAILED_PRECONDITION


async def _abort(context: Context, status: grpc.StatusCode, details: str) -> NoReturn:
    await context.abort(status, details)
    raise AssertionError("abort always raises")
