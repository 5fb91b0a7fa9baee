"""What a round asks of the SuperLink a thousand times, without Flower's web framework: its own checks and handlers, called one after the other.

Routing, dependencies and two changes of threads take nine tenths of such a request. Here the same functions of Flower run in the same order: media
type, bytes to message, who signed (or whose task it is), handler, faults to named answers. A test asks both ways and compares. All other paths go
through Flower's app as they are.
"""

import inspect
import logging
from collections.abc import Callable
from typing import Any

from flwr.proto.fleet_pb2 import PushMessagesRequest
from flwr.proto.message_pb2 import ObjectTree
from flwr.supercore.constant import TASK_TOKEN_HEADER
from flwr.supercore.dependencies.task import authenticate_task
from flwr.supercore.dependencies.version import VersionDependency
from flwr.supercore.error import http_error_translator
from flwr.supercore.protobuf.constants import PROTOBUF_MEDIA_TYPE
from flwr.supercore.protobuf.translation import PROTOBUF_REQUEST_TYPES, ProtobufTranslationMiddleware
from flwr.superlink.dependencies.linkstate import get_linkstate
from flwr.superlink.routers.fleet.node_auth import authenticate_node
from flwr.superlink.servicer.fleet import fleet_handlers
from flwr.superlink.servicer.runtime import runtime_handlers
from google.protobuf.message import DecodeError
from starlette.requests import Request
from starlette.responses import Response

from weal_coordinator.federation.grid import MAX_PARTS, RUNTIME
from weal_coordinator.federation.guard import FLEET, PUBLIC
from weal_coordinator.federation.parcel import MANY, pack, unpack

OFTEN = frozenset(
    RUNTIME + name
    for name in (
        "confirm-message-received",
        "get-nodes",
        "pull-messages",
        "pull-object",
        "push-messages",
        "push-object",
    )
)
Handler = Callable[[Request, Any], Any]
log = logging.getLogger(__name__)
_version = VersionDependency(component_name="SuperLink", connection_name="Caller <-> SuperLink Runtime API")


class Direct:
    """ASGI: answers members' requests, and those a round's own process makes for each of them; passes on all others."""

    def __init__(self, app: Any) -> None:
        self.flower = app
        self._handlers = {path: _of_a_member(path) for path in PUBLIC} | {path: _of_a_round(path) for path in OFTEN}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request."""
        known = scope["type"] == "http" and scope["method"] == "POST"
        if not known or (scope["path"] not in self._handlers and scope["path"] != MANY):
            await self.flower(scope, receive, send)
            return
        request = Request({**scope, "app": self.flower, "state": {}}, receive)
        response = await http_error_translator(request, self._answered)
        if response.status_code == 401:
            log.warning("%s refused: not signed by a registered node", scope["path"])
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        ProtobufTranslationMiddleware._check_request_media_type(request)
        path, body = request.scope["path"], await request.body()
        if path == MANY:
            first, *parts = unpack(body)
            found = pack(self._call(request, first.decode(), part) for part in parts)
        else:
            found = self._call(request, path, body)
        return Response(found, media_type=PROTOBUF_MEDIA_TYPE)

    def _call(self, request: Request, path: str, body: bytes) -> bytes:
        message = ProtobufTranslationMiddleware._parse_request(body, PROTOBUF_REQUEST_TYPES["POST", path])
        request.state.protobuf_request = message
        return bytes(self._handlers[path](request, message).SerializeToString())


def _of_a_member(path: str) -> Handler:
    act = getattr(fleet_handlers, path.removeprefix(FLEET).replace("-", "_"))
    with_store = "store" in inspect.signature(act).parameters

    def handler(request: Request, message: Any) -> Any:
        authenticate_node(request)
        state = get_linkstate(request)
        return act(message, state, state.object_store) if with_store else act(message, state)

    return handler


def _of_a_round(path: str) -> Handler:
    act = getattr(runtime_handlers, path.removeprefix(RUNTIME).replace("-", "_"))

    def handler(request: Request, message: Any) -> Any:
        _version(request)
        state = get_linkstate(request)
        return act(message, state, authenticate_task(request, request.headers.get(TASK_TOKEN_HEADER), state))

    return handler


def lawful(body: bytes) -> bool:
    """Say whether a pushed reply comes from the one who signed the request, alone and in few parts."""
    try:
        request = PushMessagesRequest.FromString(body)
    except DecodeError:
        return False
    if len(request.messages_list) != 1 or len(request.message_object_trees) != 1:
        return False
    if request.messages_list[0].metadata.src_node_id != request.node.node_id:
        return False
    return _few(request.message_object_trees[0])


def _few(tree: ObjectTree) -> bool:
    """Count with repetitions, and refuse a name that stands for two trees: Flower would unfold it without end."""
    waiting, seen = [tree], dict[str, tuple[str, ...]]()
    while waiting:
        part = waiting.pop()
        children = tuple(child.object_id for child in part.children)
        if seen.setdefault(part.object_id, children) != children or len(seen) > MAX_PARTS:
            return False
        waiting += part.children
        if len(waiting) > MAX_PARTS:
            return False
    return True
