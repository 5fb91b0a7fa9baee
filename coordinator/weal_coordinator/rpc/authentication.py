"""What a caller is told at the door: to sign in first, or which fault it was."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeVar

import grpc

from weal_coordinator.errors import CoordinatorError, DatabaseError, InviteError, MailboxFullError
from weal_protocol.door import CHALLENGE_S as CHALLENGE_S
from weal_protocol.door import Door as Door
from weal_protocol.errors import ForgedError, PeerError, QuotaError, UnknownParentError, WealError

Request = TypeVar("Request")
Response = TypeVar("Response")
Context = grpc.aio.ServicerContext[Any, Any]
Method = Callable[[Any, Request, Context], Awaitable[Response]]


def code(fault: WealError) -> grpc.StatusCode:
    """Return the gRPC status that names this fault."""
    match fault:
        case MailboxFullError() | QuotaError():
            return grpc.StatusCode.RESOURCE_EXHAUSTED
        case DatabaseError():
            return grpc.StatusCode.UNAVAILABLE  # says nothing about the call: whoever called tries again
        case InviteError():
            return grpc.StatusCode.PERMISSION_DENIED
        case ForgedError():
            return grpc.StatusCode.PERMISSION_DENIED  # UNAUTHENTICATED is kept for "sign in (again)"
        case UnknownParentError():
            return grpc.StatusCode.NOT_FOUND  # whoever sent it can send what it names first
        case PeerError():
            return grpc.StatusCode.INVALID_ARGUMENT
        case CoordinatorError():
            return grpc.StatusCode.FAILED_PRECONDITION
        case _:
            return grpc.StatusCode.INTERNAL


def anyone(method: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """Let anyone call this method; faults we name become gRPC statuses."""

    @functools.wraps(method)
    async def answer(self: Any, request: Any, context: Context) -> Response:
        try:
            return await method(self, request, context)
        except WealError as fault:
            await _abort(context, code(fault), str(fault))

    return answer


def members_only(method: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """Let members call this method, with their agent key as a further argument; others are told to sign in."""

    @functools.wraps(method)
    async def answer(self: Any, request: Any, context: Context) -> Response:
        agent_key = self.door.member(context)
        if agent_key is None:
            await _abort(context, grpc.StatusCode.UNAUTHENTICATED, "members only. Sign in first")
        try:
            return await method(self, request, agent_key)
        except WealError as fault:
            await _abort(context, code(fault), str(fault))
        except OverflowError:  # the wire's numbers reach twice as far as a database's
            await _abort(context, grpc.StatusCode.INVALID_ARGUMENT, "a number is out of range")

    return answer


async def _abort(context: Context, status: grpc.StatusCode, details: str) -> NoReturn:
    await context.abort(status, details)
    raise AssertionError("abort always raises")
