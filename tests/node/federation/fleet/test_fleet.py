"""The adapter to Flower's Fleet API: what it refuses, and that Flower still has what it uses."""

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flwr.app import ConfigRecord, Message, Metadata, RecordDict
from flwr.app.message import make_message
from flwr.proto.fleet_pb2 import PushMessagesRequest
from flwr.supernode.fleet_http_client import FleetHttpClient

from weal_node.errors import RefusedError
from weal_node.federation.fleet import fleet
from weal_node.federation.fleet.fleet import Job, check

JOB = Job("127.0.0.1:1", Path("c.pem"), ec.generate_private_key(ec.SECP384R1()), 5, 2, "ab", np.zeros(7), 0.0)


def message(kind: str = "train", name: str = "round", **changes: Any) -> Message:
    said: dict[str, Any] = {"number": 2, "catalogue": "ab", "length": 7} | changes
    about = Metadata(
        run_id=1,
        message_id="m",
        src_node_id=1,
        dst_node_id=5,
        reply_to_message_id="",
        group_id="2",
        created_at=0.0,
        ttl=60.0,
        message_type=kind,
    )
    return make_message(metadata=about, content=RecordDict({name: ConfigRecord(said)}))


def test_the_message_of_this_round_is_answered() -> None:
    check(message(), JOB)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (message(number=3), "another round"),
        (message(catalogue="cd"), "another catalogue"),
        (message(length=8), "another catalogue"),
        (message(kind="evaluate"), "something else than statistics"),
        (message(kind="query"), "something else than statistics"),
        (message(name="config"), "other parts"),
    ],
)
def test_any_other_message_is_refused_by_name(wrong: Message, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        check(wrong, JOB)


def test_flower_still_has_the_calls_this_adapter_makes() -> None:
    """Not public API: this fails when an upgrade of Flower changes them, before a node in the field does."""
    for name in (
        "ActivateNode",
        "DeactivateNode",
        "PullMessages",
        "PullObject",
        "PushMessages",
        "PushObject",
        "SendNodeHeartbeat",
        "ConfirmMessageReceived",
    ):
        assert list(inspect.signature(getattr(FleetHttpClient, name)).parameters) == ["self", "request"]
    assert list(inspect.signature(FleetHttpClient.from_server_address).parameters)[:3] == [
        "server_address",
        "insecure",
        "root_certificates",
    ]
    fields = {field.name for field in PushMessagesRequest.DESCRIPTOR.fields}
    assert {"node", "messages_list", "message_object_trees", "clientapp_runtime_list"} <= fields


def test_a_pulled_message_is_kept_until_it_is_answered(tmp_path: Path) -> None:
    inbox = tmp_path / "round-2.inbox"
    assert fleet.kept_pulled(inbox) is None
    fleet.keep_pulled(inbox, 9, "id", {"part": b"\x00\xff"})
    assert fleet.kept_pulled(inbox) == (9, "id", {"part": b"\x00\xff"})
    assert b"pickle" not in inbox.read_bytes()
