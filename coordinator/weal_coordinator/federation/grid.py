"""A run's way to the nodes: Flower's Grid over its Runtime API, in few requests and without patience for one bad reply.

Flower's own `pull_messages` waits up to two hours for a part that a member announced and does not send, raises on one reply that cannot be read and with it
loses all others, and believes the sender's own word on who they are. Its `HttpGrid` makes seven requests for each member, and repeats what fails for ever.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flwr.app import Message, RecordDict
from flwr.app.message import remove_content_from_message
from flwr.common.constant import SUPERLINK_NODE_ID, ErrorCode
from flwr.common.serde import message_to_proto
from flwr.proto.message_pb2 import (
    ConfirmMessageReceivedRequest,
    ConfirmMessageReceivedResponse,
    PullObjectRequest,
    PullObjectResponse,
    PushObjectRequest,
    PushObjectResponse,
)
from flwr.proto.node_pb2 import Node
from flwr.proto.runtime_pb2 import (
    GetNodesRequest,
    GetNodesResponse,
    PullAppMessagesRequest,
    PullAppMessagesResponse,
    PushAppMessagesRequest,
    PushAppMessagesResponse,
)
from flwr.serverapp import Grid
from flwr.supercore.inflatable.inflatable_object import (
    get_all_nested_objects,
    get_object_tree,
    iterate_object_tree,
    no_object_id_recompute,
)
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents

from weal_coordinator.federation.calls import Calls

RUNTIME = "/v1/runtime/"
MAX_PARTS = 16  # objects of one reply; ours has five
LOOK_S = 0.3


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for a message. node: the SuperLink's id of who was asked. message: None when it cannot be read.

    gone: nobody was there to take what was asked, says the SuperLink.
    """

    asked: str
    node: int
    message: Message | None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class _Announced:
    node: int
    identity: str
    ids: list[str]
    parts: dict[str, bytes]


class RoundGrid(Grid):
    """The nodes of one run. LostError when the SuperLink is lost."""

    def __init__(self, calls: Calls, run: Any) -> None:
        self._calls = calls
        self._run = run
        self._node = Node(node_id=SUPERLINK_NODE_ID)
        self._asked: dict[str, int] = {}
        self._announced: dict[str, _Announced] = {}

    def set_run(self, run: Any) -> None:
        """Name the run."""
        self._run = run

    @property
    def run(self) -> Any:
        """The run."""
        return self._run

    def create_message(
        self, content: RecordDict, message_type: str, dst_node_id: int, group_id: str, ttl: float | None = None
    ) -> Message:
        """Make a message."""
        return Message(content, dst_node_id, message_type, ttl=ttl, group_id=group_id)

    def get_node_ids(self) -> Iterable[int]:
        """Return the nodes that are attached."""
        found = self._calls.ask(RUNTIME + "get-nodes", GetNodesRequest(), GetNodesResponse)
        return [int(node.node_id) for node in found.nodes]

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Send messages; return the id of each, "" for one that was not taken."""
        messages = list(messages)
        if not messages:
            return []
        request, parts = PushAppMessagesRequest(), dict[str, Any]()
        nodes = [int(message.metadata.dst_node_id) for message in messages]
        with no_object_id_recompute():
            for message in messages:
                message.metadata.__dict__["_message_id"] = message.object_id
                request.messages_list.append(message_to_proto(remove_content_from_message(message)))
                request.message_object_trees.append(get_object_tree(message))
                parts |= get_all_nested_objects(message)
            given = self._calls.ask(RUNTIME + "push-messages", request, PushAppMessagesResponse)
            pushed = [
                PushObjectRequest(
                    node=self._node,
                    run_id=self._run.run_id,
                    object_id=name,
                    object_content=parts[name].deflate(),
                    session_id=given.session_id,
                )
                for name in given.objects_to_push
            ]
        self._calls.many(RUNTIME + "push-object", pushed, PushObjectResponse)
        names = [str(name) for name in given.message_ids]
        self._asked |= {name: node for name, node in zip(names, nodes, strict=True) if name}
        return names

    def take(self, asked: Mapping[str, int]) -> list[Reply]:
        """Return the replies to these messages (id to the node asked) that are complete by now; never waits."""
        waiting = [identity for identity in asked if identity not in self._announced]
        if waiting:
            request = PullAppMessagesRequest(message_ids=waiting)
            found = self._calls.ask(RUNTIME + "pull-messages", request, PullAppMessagesResponse)
            for said, tree in zip(found.messages_list, found.message_object_trees, strict=True):
                ids = [part.object_id for part in iterate_object_tree(tree)]
                to = str(said.metadata.reply_to_message_id)
                if to not in asked:  # an answer to nothing that was asked here
                    continue
                self._announced[to] = _Announced(asked[to], str(said.metadata.message_id), ids, {})
        complete = self._pull()
        confirmed = [
            ConfirmMessageReceivedRequest(
                node=self._node, run_id=self._run.run_id, message_object_id=self._announced[name].identity
            )
            for name in complete
        ]
        self._calls.many(RUNTIME + "confirm-message-received", confirmed, ConfirmMessageReceivedResponse)
        return [_reply(name, self._announced.pop(name)) for name in complete]

    def _pull(self) -> list[str]:
        """Fetch what is there of the announced replies; return those of which no more is to be waited for."""
        wanted = [
            (asked, name)
            for asked, coming in self._announced.items()
            if 0 < len(coming.ids) <= MAX_PARTS
            for name in coming.ids
            if name not in coming.parts
        ]
        requests = [PullObjectRequest(node=self._node, run_id=self._run.run_id, object_id=name) for _, name in wanted]
        later = set()
        found = self._calls.many(RUNTIME + "pull-object", requests, PullObjectResponse)
        for (asked, name), part in zip(wanted, found, strict=True):
            if part.object_available:
                self._announced[asked].parts[name] = bytes(part.object_content)
            elif part.object_found:  # announced, and on its way; what is not even announced any more never comes
                later.add(asked)
        return [asked for asked in self._announced if asked not in later]

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Return the replies to these messages that are complete and can be read."""
        asked = {name: self._asked[name] for name in message_ids}
        return [reply.message for reply in self.take(asked) if reply.message is not None]

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Send, and return what has come back by the timeout (seconds; None: until everyone has answered)."""
        names = self.push_messages(messages)
        waiting = {name: self._asked[name] for name in names if name}
        came, until = list[Message](), time.monotonic() + timeout if timeout is not None else float("inf")
        while waiting and time.monotonic() < until:
            for reply in self.take(waiting):
                del waiting[reply.asked]
                came += [reply.message] if reply.message is not None else []
            time.sleep(LOOK_S if waiting else 0.0)
        return came


def _reply(asked: str, coming: _Announced) -> Reply:
    message = _inflated(coming)
    gone = message is not None and message.has_error() and message.error.code == ErrorCode.NODE_UNAVAILABLE
    return Reply(asked, coming.node, message, gone)


def _inflated(coming: _Announced) -> Message | None:
    try:
        message = inflate_object_from_contents(coming.identity, dict(coming.parts))
    except Exception:  # noqa: BLE001 -- whatever a member's bytes do to Flower's reader, it costs their reply only
        return None
    if not isinstance(message, Message):
        return None
    message.metadata.__dict__["_src_node_id"] = coming.node  # who was asked, not who the reply says it is from
    return message
