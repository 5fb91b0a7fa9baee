"""The facade: JSON-RPC over HTTP as A2A 1.0 has it, onto our own protocol. Plain HTTP on loopback: TLS negotiation in front of it.

Who asks shows a guest's token (`weal guest NAME`). A browser is turned away: it has nothing to do here.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from weal_node.a2a import tasks
from weal_node.a2a.card import VERSION, card
from weal_node.a2a.reading import NotJsonError, read
from weal_node.a2a.tasks import task
from weal_node.a2a.words import AFTERWARDS, said, said_afterwards
from weal_node.deals.guests import Guest, Visits, issues
from weal_node.errors import NotFoundError
from weal_protocol.errors import WealError
from weal_protocol.v1 import negotiation_pb2

MAX_BODY = 64 * 1024
PARSE, INVALID, NO_METHOD, BAD_PARAMS = -32700, -32600, -32601, -32602
NO_TASK, NOT_CANCELABLE, UNSUPPORTED, WRONG_VERSION = -32001, -32002, -32004, -32009
KNOWN_ELSEWHERE = frozenset(
    {"SendStreamingMessage", "SubscribeToTask", "GetExtendedAgentCard"}
)  # and push notifications
Params = dict[str, Any]


class RpcError(Exception):
    """An answer that is an error in JSON-RPC."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Facade:
    """The methods, for one node."""

    def __init__(self, visits: Visits, name: str, address: str) -> None:
        self._visits = visits
        self._name = name
        self._address = address

    def app(self) -> Starlette:
        """Return the ASGI app."""
        return Starlette(
            routes=[
                Route("/.well-known/agent-card.json", self._card, methods=["GET"]),
                Route("/a2a", self._answer, methods=["POST"]),
            ]
        )

    async def _card(self, request: Request) -> Response:
        return JSONResponse(card(self._name, self._address))

    async def _answer(self, request: Request) -> Response:
        if "origin" in request.headers or "sec-fetch-site" in request.headers:
            return JSONResponse({"error": "not for browsers"}, status_code=403)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        guest = await self._visits.book.by_token(token.strip()) if scheme.lower() == "bearer" and token else None
        if guest is None:
            return JSONResponse(
                {"error": "guests only"}, status_code=401, headers={"WWW-Authenticate": 'Bearer realm="weal"'}
            )
        number: object = None
        try:
            asked = await _object(request)
            if isinstance(asked.get("id"), bool | list | dict):
                raise RpcError(INVALID, "the id of a request is a text or a number")
            number = asked.get("id")
            if asked.get("jsonrpc") != "2.0" or not isinstance(asked.get("method"), str):
                raise RpcError(INVALID, "this is no JSON-RPC 2.0 request")
            if request.headers.get("a2a-version", VERSION) != VERSION:
                raise RpcError(WRONG_VERSION, f"only version {VERSION} is spoken here")
            result = await self._call(guest, asked["method"], asked.get("params") or {})
        except RpcError as fault:
            return _error(number, fault.code, str(fault))
        except NotFoundError as fault:
            return _error(number, NO_TASK, fault.what)
        except WealError as fault:
            return _error(number, BAD_PARAMS, fault.what)
        return JSONResponse({"jsonrpc": "2.0", "id": number, "result": result})

    async def _call(self, guest: Guest, method: str, params: Params) -> object:
        methods: dict[str, Callable[[Guest, Params], Awaitable[object]]] = {
            "SendMessage": self._send,
            "GetTask": self._get,
            "ListTasks": self._list,
            "CancelTask": self._cancel,
        }
        if method in methods:
            if not isinstance(params, dict):
                raise RpcError(BAD_PARAMS, "parameters are an object")
            return await methods[method](guest, params)
        if method in KNOWN_ELSEWHERE or method.endswith(("PushNotificationConfig", "PushNotificationConfigs")):
            raise RpcError(UNSUPPORTED, f"{method} is not supported here")
        raise RpcError(NO_METHOD, "there is no such method")

    async def _send(self, guest: Guest, params: Params) -> object:
        message = params.get("message")
        if not isinstance(message, dict):
            raise RpcError(BAD_PARAMS, "there is no message")
        data = data_of(message)
        if message.get("taskId"):
            deal = _id(message["taskId"])
            negotiation = await self._visits.deal(guest, deal)
            if tasks.has_ended(negotiation):
                raise RpcError(UNSUPPORTED, "this task has ended; what became of its deal is said in its context")
            await self._visits.say(guest, deal, *said(data, negotiation))
        elif data.get("weal") in AFTERWARDS:
            return {"message": await self._afterwards(guest, message, data)}
        else:
            deal = await self._invite(guest, data)
        return {"task": task(deal, await self._visits.deal(await self._again(guest), deal), self._visits.now_ms())}

    async def _afterwards(self, guest: Guest, message: Params, data: Params) -> object:
        """Take a word on what became of a deal: its task has ended, its context has not."""
        named = message.get("referenceTaskIds") or [message.get("contextId")]
        if not isinstance(named, list) or len(named) != 1 or message.get("contextId", named[0]) != named[0]:
            raise RpcError(BAD_PARAMS, "what became of a deal is said in its context, which is the deal's id")
        deal = _id(named[0])
        await self._visits.say(guest, deal, *said_afterwards(data, await self._visits.deal(guest, deal)))
        words = tasks.message(deal, await self._visits.deal(guest, deal), self._visits.now_ms())
        del words["taskId"]
        return words | {"referenceTaskIds": [deal.hex()]}

    async def _invite(self, guest: Guest, data: Params) -> bytes:
        if data.get("weal") != "invite":
            raise RpcError(BAD_PARAMS, "a deal begins with an invitation; the agent card says how")
        keys = (bytes_of_hex(data.get("agent_key")), bytes_of_hex(data.get("ratification_key")))
        subject = data.get("subject", "")
        if not isinstance(subject, str):
            raise RpcError(BAD_PARAMS, "a subject is a text")
        return await self._visits.invite(guest, keys, subject[:200], issues(data.get("issues")))

    async def _again(self, guest: Guest) -> Guest:
        """Return the guest with the keys that an invitation may just have named."""
        return next((known for known in await self._visits.book.all() if known.token == guest.token), guest)

    async def _get(self, guest: Guest, params: Params) -> object:
        deal = _id(params.get("id"))
        return task(deal, await self._visits.deal(guest, deal), self._visits.now_ms())

    async def _list(self, guest: Guest, params: Params) -> object:
        now_ms = self._visits.now_ms()
        listed = [task(deal, negotiation, now_ms) for deal, negotiation in await self._visits.deals(guest)]
        return {"tasks": listed, "nextPageToken": "", "pageSize": len(listed), "totalSize": len(listed)}

    async def _cancel(self, guest: Guest, params: Params) -> object:
        deal = _id(params.get("id"))
        negotiation = await self._visits.deal(guest, deal)
        if not tasks.can_cancel(negotiation):
            raise RpcError(NOT_CANCELABLE, f"a deal that is {negotiation.deal.state.value} cannot be cancelled by you")
        await self._visits.say(guest, deal, "cancel", negotiation_pb2.Cancel().SerializeToString())
        return task(deal, await self._visits.deal(guest, deal), self._visits.now_ms())


def data_of(message: Params) -> Params:
    """Return the data that a message carries. RpcError unless it is one object."""
    parts = message.get("parts")
    carried = [part["data"] for part in _objects(parts) if isinstance(part.get("data"), dict)]
    if len(carried) != 1:
        raise RpcError(BAD_PARAMS, "a message carries exactly one data part; the agent card says which")
    if not isinstance(carried[0].get("weal"), str):
        raise RpcError(BAD_PARAMS, 'the data says in "weal" what it is; the agent card says how')
    return dict(_whole(carried[0]))


def _objects(parts: object) -> list[Params]:
    """Return the objects of a list; none where it is no list."""
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _whole(value: Any) -> Any:
    """Return the same with whole numbers as such: a protobuf Struct knows floating ones only."""
    if isinstance(value, dict):
        return {name: _whole(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _id(given: object) -> bytes:
    deal = bytes_of_hex(given)
    if len(deal) != 16:
        raise RpcError(NO_TASK, "there is no such task")
    return deal


def bytes_of_hex(given: object) -> bytes:
    """Return the bytes of a text in hex; none for anything else."""
    try:
        return bytes.fromhex(given) if isinstance(given, str) else b""
    except ValueError:
        return b""


async def _object(request: Request) -> Params:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise RpcError(INVALID, f"a request has at most {MAX_BODY // 1024} KiB")
    try:
        asked = read(bytes(body))
    except NotJsonError as fault:
        raise RpcError(PARSE, str(fault)) from fault
    if not isinstance(asked, dict):
        raise RpcError(INVALID, "this is no JSON-RPC 2.0 request")
    return asked


def _error(number: object, code: int, message: str) -> Response:
    error = {"code": code, "message": message}
    return JSONResponse({"jsonrpc": "2.0", "id": number, "error": error})
