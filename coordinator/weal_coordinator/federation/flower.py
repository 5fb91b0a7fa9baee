"""The one file here that touches parts of Flower that are not public API: its SuperLink app and Control API.

flwr is pinned to one minor version; a contract test fails when an upgrade changes what is used.

Replies are taken here, not by `Grid.pull_messages`: that waits up to two hours for a part that a member announced and
does not send, raises on one reply that cannot be read and with it loses all others, and believes the sender's own word on who
they are.
"""

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import httpx
from flwr.app import Message
from flwr.cli.build import build_fab_from_files
from flwr.common.constant import ErrorCode
from flwr.common.serde import fab_to_proto, user_config_to_proto
from flwr.proto.control_pb2 import (
    ListNodesRequest,
    ListRunsRequest,
    RegisterNodeRequest,
    StartRunRequest,
    StopRunRequest,
    UnregisterNodeRequest,
)
from flwr.proto.fleet_pb2 import PushMessagesRequest
from flwr.proto.message_pb2 import ConfirmMessageReceivedRequest, ObjectTree, PullObjectRequest
from flwr.proto.runtime_pb2 import PullAppMessagesRequest
from flwr.serverapp import Grid
from flwr.supercore.control import ControlHttpClient
from flwr.supercore.fab import Fab
from flwr.supercore.inflatable.inflatable_object import iterate_object_tree
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents
from google.protobuf.message import DecodeError

P = ParamSpec("P")
T = TypeVar("T")
MAX_PARTS = 16  # objects of one reply; ours has five


class LostError(Exception):
    """The SuperLink does not answer, or has forgotten the run: it was started again."""


def _unless_lost(call: Callable[P, T]) -> Callable[P, T]:
    @functools.wraps(call)
    def guarded(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return call(*arguments, **named)
        except (httpx.HTTPError, KeyError) as fault:
            raise LostError from fault

    return guarded


class Control:
    """The private Control API of our own SuperLink, on loopback. LostError when it does not answer."""

    def __init__(self, address: str, certificate: Path) -> None:
        self._client = ControlHttpClient.from_server_address(address, False, certificate.read_bytes(), interceptors=[])

    def __enter__(self) -> "Control":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @_unless_lost
    def register(self, keys: dict[str, bytes]) -> dict[int, str]:
        """Make these people's keys (name to PEM) known to the SuperLink; return node ids to names."""
        known = {
            bytes(node.public_key): int(node.node_id)
            for node in self._client.ListNodes(ListNodesRequest()).nodes_info
            if node.status != "unregistered"
        }
        found = {}
        for name, key in keys.items():
            node = known.get(key)
            if node is None:
                node = int(self._client.RegisterNode(RegisterNodeRequest(public_key=key)).node_id)
            found[node] = name
        return found

    @_unless_lost
    def revoke(self, allowed: set[bytes]) -> int:
        """Make the SuperLink forget every node whose key (PEM) is not one of these; return how many there were."""
        gone = [
            int(node.node_id)
            for node in self._client.ListNodes(ListNodesRequest()).nodes_info
            if node.status != "unregistered" and bytes(node.public_key) not in allowed
        ]
        for node in gone:
            self._client.UnregisterNode(UnregisterNodeRequest(node_id=node))
        return len(gone)

    @_unless_lost
    def start(self, bundle: bytes, settings: dict[str, Any]) -> int:
        """Submit a run of our bundle; return its id."""
        fab = Fab(hashlib.sha256(bundle).hexdigest(), bundle, {})
        request = StartRunRequest(fab=fab_to_proto(fab), override_config=user_config_to_proto(settings))
        return int(self._client.StartRun(request).run_id)

    @_unless_lost
    def status(self, run: int) -> tuple[str, str, str]:
        """Return a run's status, how it ended ("" while it runs), and details."""
        known = self._client.ListRuns(ListRunsRequest(run_id=run)).run_dict
        if run not in known:
            raise KeyError(run)
        status = known[run].status
        return status.status, status.sub_status, status.details

    @_unless_lost
    def stop(self, run: int) -> None:
        """Stop a run."""
        self._client.StopRun(StopRunRequest(run_id=run))


def build_bundle(settings: bytes) -> bytes:
    """Return a Flower bundle that holds settings only (a pyproject.toml): its components name installed packages."""
    return build_fab_from_files({"pyproject.toml": settings})[0]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for a message. node: the SuperLink's id of who was asked. message: None when it cannot be read.

    gone: nobody was there to take what was asked, says the SuperLink.
    """

    asked: str
    node: int
    message: Message | None
    gone: bool = False


class Replies:
    """Takes replies as they become complete; never waits, and one bad reply costs that reply alone."""

    def __init__(self, grid: Grid) -> None:
        inner: Any = grid
        self._client = inner._runtime_client
        self._node = inner.node
        self._run = int(inner.run.run_id)
        self._announced: dict[str, _Announced] = {}

    def take(self, asked: Mapping[str, int]) -> list[Reply]:
        """Return the replies to these messages (id to the node asked) that are complete by now."""
        waiting = [identity for identity in asked if identity not in self._announced]
        if waiting:
            response = self._client.PullMessages(PullAppMessagesRequest(message_ids=waiting))
            for said, tree in zip(response.messages_list, response.message_object_trees, strict=True):
                ids = [part.object_id for part in iterate_object_tree(tree)]
                to = str(said.metadata.reply_to_message_id)
                self._announced[to] = _Announced(asked[to], str(said.metadata.message_id), ids, {})
        found = [self._complete(identity) for identity in tuple(self._announced)]
        return [reply for reply in found if reply is not None]

    def _complete(self, asked: str) -> Reply | None:
        coming = self._announced[asked]
        if 0 < len(coming.ids) <= MAX_PARTS:
            for name in coming.ids:
                if name in coming.parts:
                    continue
                request = PullObjectRequest(node=self._node, run_id=self._run, object_id=name)
                response = self._client.PullObject(request)
                if not response.object_found:
                    break
                if not response.object_available:
                    return None
                coming.parts[name] = bytes(response.object_content)
        del self._announced[asked]
        confirm = ConfirmMessageReceivedRequest(node=self._node, run_id=self._run, message_object_id=coming.identity)
        self._client.ConfirmMessageReceived(confirm)
        message = _inflated(coming)
        gone = message is not None and message.has_error() and message.error.code == ErrorCode.NODE_UNAVAILABLE
        return Reply(asked, coming.node, message, gone)


@dataclass(frozen=True, slots=True)
class _Announced:
    node: int
    identity: str
    ids: list[str]
    parts: dict[str, bytes]


def _inflated(coming: _Announced) -> Message | None:
    try:
        message = inflate_object_from_contents(coming.identity, dict(coming.parts))
    except Exception:  # noqa: BLE001 -- whatever a member's bytes do to Flower's reader, it costs their reply only
        return None
    if not isinstance(message, Message):
        return None
    message.metadata.__dict__["_src_node_id"] = coming.node  # who was asked, not who the reply says it is from
    return message


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
