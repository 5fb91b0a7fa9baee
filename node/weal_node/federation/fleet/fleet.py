"""Flower's Fleet API, spoken by ourselves: attach, pull one message, push the prepared statistics, detach.

The only file that touches Flower's Fleet classes, which are not public API (flwr is pinned; a contract test
fails when they change). Bundles are not fetched: the request for one is not even imported.
"""

import base64
import contextlib
import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.asymmetric import ec
from flwr.app import Array, ArrayRecord, Message, RecordDict
from flwr.app.message import remove_content_from_message
from flwr.common.serde import message_to_proto
from flwr.proto.fleet_pb2 import ActivateNodeRequest, DeactivateNodeRequest, PullMessagesRequest, PushMessagesRequest
from flwr.proto.heartbeat_pb2 import SendNodeHeartbeatRequest
from flwr.proto.message_pb2 import ConfirmMessageReceivedRequest, PullObjectRequest, PushObjectRequest
from flwr.proto.node_pb2 import Node
from flwr.supercore.inflatable.inflatable_object import (
    get_all_nested_objects,
    get_object_tree,
    iterate_object_tree,
    no_object_id_recompute,
)
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents
from flwr.supercore.interceptors.http.runtime_version import RuntimeVersionHttpInterceptor
from flwr.supercore.primitives.asymmetric import public_key_to_bytes
from flwr.supernode.fleet_http_client import FleetHttpClient
from flwr.supernode.node_auth_http_interceptor import NodeAuthHttpInterceptor

from weal_node.errors import CommunityError, RefusedError

HEARTBEAT_S = 30.0
POLL_S = 0.3
LONGEST_PAUSE_S = 8.0
MAX_OBJECT_BYTES = 64 * 1024  # of one part of a round's message, which only says which round it is
MAX_OBJECTS = 16
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """One round to answer. address: host:port.  certificate: path of the pinned PEM.  statistics: the clipped flat
    array.  node: our id at the SuperLink.  deadline: Unix seconds.  inbox: where a pulled message is kept until it is answered, so that a killed
    process answers it when started again; None keeps it in memory."""

    address: str
    certificate: Path
    key: ec.EllipticCurvePrivateKey
    node: int
    number: int
    catalogue: str
    statistics: npt.NDArray[np.float64]
    deadline: float
    inbox: Path | None = None


class Fleet:
    """One identity attached to the SuperLink, with a heartbeat for as long as the block lasts."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._key = public_key_to_bytes(job.key.public_key())
        interceptors: list[Any] = [
            RuntimeVersionHttpInterceptor(component_name="SuperNode"),
            NodeAuthHttpInterceptor(job.key, job.key.public_key()),
        ]
        self.client = FleetHttpClient.from_server_address(
            job.address, False, str(job.certificate), interceptors=interceptors
        )
        self.node = Node()

    def __enter__(self) -> "Fleet":
        request = ActivateNodeRequest(public_key=self._key, heartbeat_interval=HEARTBEAT_S)
        try:
            self.node = Node(node_id=self._patiently(lambda: self.client.ActivateNode(request)).node_id)
        except httpx.HTTPStatusError as fault:
            # Refused while the SuperLink still counts us as attached, from a round just before or a killed process:
            # then a heartbeat under our known id is accepted, and we simply go on.
            self.node = Node(node_id=self.job.node)
            if not self._is_known():
                self.client.close()
                raise CommunityError(
                    "the SuperLink does not know this node", "Was it removed from the community?"
                ) from fault
        except BaseException:
            self.client.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Detach only when nothing was answered: the SuperLink drops replies of nodes that are gone when it looks for
        them. After an answer our heartbeat simply runs out."""
        if kind is not None:
            with contextlib.suppress(httpx.HTTPError):
                self.client.DeactivateNode(DeactivateNodeRequest(node_id=self.node.node_id))
        self.client.close()

    def _is_known(self) -> bool:
        try:
            return self.beat()
        except httpx.HTTPError:
            return False

    def beat(self) -> bool:
        """Say that we are still there; False when we are not known."""
        request = SendNodeHeartbeatRequest(node=self.node, heartbeat_interval=HEARTBEAT_S)
        return bool(self.client.SendNodeHeartbeat(request).success)

    def pull(self) -> tuple[int, str, dict[str, bytes]]:
        """Wait for a message; return run, message id and its parts, once they are safe in the inbox."""
        last_beat = time.monotonic()
        while True:
            self._check_time()
            response = self._patiently(lambda: self.client.PullMessages(PullMessagesRequest(node=self.node)))
            if response.messages_list:
                break
            if time.monotonic() - last_beat > HEARTBEAT_S / 3:
                self._patiently(self.beat)
                last_beat = time.monotonic()
            time.sleep(POLL_S)
        metadata = response.messages_list[0].metadata
        ids = [part.object_id for part in iterate_object_tree(response.message_object_trees[0])]
        if len(ids) > MAX_OBJECTS:
            raise RefusedError("a round's message has too many parts")
        parts = {name: self._part(int(metadata.run_id), name) for name in ids}
        pulled = int(metadata.run_id), str(metadata.message_id), parts
        keep_pulled(self.job.inbox, *pulled)
        confirm = ConfirmMessageReceivedRequest(node=self.node, run_id=pulled[0], message_object_id=pulled[1])
        self._patiently(lambda: self.client.ConfirmMessageReceived(confirm))
        return pulled

    def _part(self, run: int, name: str) -> bytes:
        request = PullObjectRequest(node=self.node, run_id=run, object_id=name)
        while True:  # the other side may still be uploading it
            self._check_time()
            response = self._patiently(lambda: self.client.PullObject(request))
            if response.object_available:
                if len(response.object_content) > MAX_OBJECT_BYTES:
                    raise RefusedError("a part of a round's message is too large")
                return bytes(response.object_content)
            time.sleep(POLL_S)

    def push(self, run: int, reply: Message) -> None:
        """Send the reply and its parts."""
        with no_object_id_recompute():
            parts, tree = get_all_nested_objects(reply), get_object_tree(reply)
            request = PushMessagesRequest(
                node=self.node,
                messages_list=[message_to_proto(remove_content_from_message(reply))],
                message_object_trees=[tree],
                clientapp_runtime_list=[0.0],
            )
            response = self._patiently(lambda: self.client.PushMessages(request))
            for name in response.objects_to_push:
                part = PushObjectRequest(
                    node=self.node,
                    run_id=run,
                    object_id=name,
                    object_content=parts[name].deflate(),
                    session_id=response.session_id,
                )
                self._patiently(lambda part=part: self.client.PushObject(part))  # type: ignore[misc]  # bound now

    def _patiently(self, call: Callable[[], T]) -> T:
        """Repeat a call on a broken connection or an answer of 5xx, with jitter, until the deadline."""
        pause = 0.5
        while True:
            try:
                return call()
            except httpx.HTTPStatusError as fault:
                if fault.response.status_code < 500:
                    raise
            except httpx.TransportError:
                pass
            self._check_time()
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 -- jitter
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def _check_time(self) -> None:
        if time.time() > self.job.deadline:
            raise RefusedError("the round's deadline has passed")


def answer(job: Job) -> None:
    """Answer the round of this job. RefusedError for a message that is not of this round, CommunityError for a lost way."""
    try:
        with Fleet(job) as fleet:
            run, identity, parts = kept_pulled(job.inbox) or fleet.pull()
            message: Any = inflate_object_from_contents(identity, dict(parts))
            message.metadata.__dict__["_message_id"] = identity
            check(message, job)
            array = Array(np.ascontiguousarray(job.statistics, np.float64))
            content = RecordDict({"statistics": ArrayRecord({"flat": array})})
            reply = Message(content, reply_to=message)
            reply.metadata.__dict__["_message_id"] = reply.object_id
            fleet.push(run, reply)
    except httpx.HTTPError as fault:
        raise CommunityError(
            f"the SuperLink refused or was lost ({type(fault).__name__})", "It may be restarting"
        ) from fault
    if job.inbox is not None:
        job.inbox.unlink(missing_ok=True)


def check(message: Any, job: Job) -> None:
    """Refuse a message that is not the one this job was made for, by a named reason."""
    if message.metadata.message_type != "train" or message.has_error():
        raise RefusedError("a message that asks for something else than statistics")
    records: Mapping[str, Mapping[str, object]] = message.content.config_records
    if set(message.content) != {"round"} or set(records) != {"round"}:
        raise RefusedError("a message with other parts than a round's")
    terms = dict(records["round"])
    if terms.get("number") != job.number:
        raise RefusedError("a message of another round")
    if terms.get("catalogue") != job.catalogue or terms.get("length") != len(job.statistics):
        raise RefusedError("a message about another catalogue")


def keep_pulled(inbox: Path | None, run: int, identity: str, parts: dict[str, bytes]) -> None:
    """Write down what was pulled, before it is answered."""
    if inbox is None:
        return
    packed = {"run": run, "message": identity, "parts": {k: base64.b64encode(v).decode() for k, v in parts.items()}}
    temporary = inbox.with_suffix(".tmp")
    with temporary.open("w") as file:
        file.write(json.dumps(packed))
        file.flush()
        os.fsync(file.fileno())  # the SuperLink forgets the message once we confirm it
    temporary.replace(inbox)


def kept_pulled(inbox: Path | None) -> tuple[int, str, dict[str, bytes]] | None:
    """Return what was pulled and not answered: run, message and its parts; None where there is nothing."""
    if inbox is None or not inbox.exists():
        return None
    packed = json.loads(inbox.read_text())
    return int(packed["run"]), str(packed["message"]), {k: base64.b64decode(v) for k, v in packed["parts"].items()}
