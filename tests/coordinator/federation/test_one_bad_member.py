"""One member's card, reply or record that cannot be used costs a round, a bundle or a start nothing but its own place."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import grpc
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flwr.proto.fleet_pb2 import PushMessagesRequest
from flwr.proto.message_pb2 import Message as WireMessage
from flwr.proto.message_pb2 import Metadata, ObjectTree
from flwr.proto.node_pb2 import Node
from sqlalchemy import text

from weal_coordinator import setup
from weal_coordinator.bundles import heads
from weal_coordinator.config import Home, Settings
from weal_coordinator.federation.direct import lawful
from weal_coordinator.federation.guard import PUSH, FleetOnly
from weal_coordinator.federation.notices import Noticeboard
from weal_coordinator.federation.strategy import PrivateSum
from weal_coordinator.store import members, records
from weal_coordinator.store.database import Database
from weal_protocol import cards, record
from weal_protocol.contribution import LIGHT, length
from weal_protocol.v1 import release_pb2

WRITER = Ed25519PrivateKey.from_private_bytes(b"w" * 32)


def pushed(sender: int, said: int) -> bytes:
    message = WireMessage(metadata=Metadata(src_node_id=said, message_id="m"))
    tree = ObjectTree(object_id="m")
    return PushMessagesRequest(
        node=Node(node_id=sender), messages_list=[message], message_object_trees=[tree]
    ).SerializeToString()


async def test_a_reply_in_anothers_name_never_reaches_the_rounds() -> None:
    """The one control between a member and the statistics of another: whoever signed the request is who the reply says it is from."""
    assert lawful(pushed(7, 7))
    assert not lawful(pushed(7, 8))
    reached: list[bytes] = []

    async def behind(scope: dict[str, Any], receive: Any, send: Any) -> None:
        reached.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    guard = FleetOnly(behind, lawful)
    for body in (pushed(7, 8), pushed(7, 7)):
        told: list[dict[str, Any]] = []

        async def receive(body: bytes = body) -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(event: dict[str, Any], told: list[dict[str, Any]] = told) -> None:
            told.append(event)

        size = [(b"content-length", str(len(body)).encode())]
        await guard({"type": "http", "path": PUSH, "method": "POST", "headers": size}, receive, send)
        assert told[0]["status"] == (200 if body == pushed(7, 7) else 400)
    assert reached == [pushed(7, 7)]


class Relay:
    """Stands for the relay: it refuses the first that it is given by each of these codes, and takes the rest."""

    def __init__(self, *codes: grpc.StatusCode) -> None:
        self.codes = list(codes)
        self.taken = 0

    def Put(self, request: Any, **_: Any) -> None:  # noqa: N802 -- gRPC's name
        if self.codes:
            raise Refusal(self.codes.pop(0))
        self.taken += 1


class Refusal(grpc.RpcError):
    def __init__(self, code: grpc.StatusCode) -> None:
        self._code = code

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return "the receiver is not a member"


@pytest.fixture
def place(tmp_path: Path) -> Home:
    made = Home(tmp_path / "community")
    setup.found(made, "commons", Settings())
    return made


def test_a_notice_that_cannot_be_sealed_or_delivered_keeps_nobody_elses(place: Home) -> None:
    database = Database(f"sqlite:///{place.database}")
    with database.read() as connection:
        good = cards.read(members.everyone(connection)[0].card)
    database.close()
    board = Noticeboard(place, "127.0.0.1:1")
    relay = Relay(grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.RESOURCE_EXHAUSTED)
    board.relay = relay  # type: ignore[assignment]  # a server of gRPC is not what is looked at
    notice = release_pb2.RoundNotice(number=1, deadline_ms=9)
    assert not board.send(replace(good, seal_key=bytes(32)), notice)  # a card of before such keys were refused
    assert [board.send(good, notice) for _ in range(3)] == [False, False, True]
    assert relay.taken == 1


class Reply:
    """Stands for a Message whose content falls apart in its reader's hands: no lawful one can be made so."""

    def __init__(self, node: int) -> None:
        self.metadata = type("Metadata", (), {"src_node_id": node})()

    def has_error(self) -> bool:
        return False

    @property
    def content(self) -> Any:
        raise KeyError("arrays")


def test_a_reply_that_breaks_its_reader_and_one_of_somebody_expelled_count_as_zero() -> None:
    strategy = PrivateSum(1, "", 2, 1.0, 1.0, 9.0, {1: "aa", 2: "bb"}, expelled=frozenset({"bb"}))
    strategy.noise = lambda steps, sigma, clip: np.zeros(length(2, LIGHT))
    strategy.aggregate_train(1, cast(Any, [Reply(1), Reply(2)]))
    assert strategy.used == 0
    assert strategy.refused == {"cannot be read: KeyError": 1, "from somebody who was expelled": 1}


def test_a_record_that_cannot_be_read_any_more_stops_neither_a_start_nor_a_bundle(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/commons.db")
    note = record.make("note", b"bread", author=WRITER, salt=bytes(16), written_ms=1, note=bytes(16))
    with database.write() as connection:
        records.add(connection, note, "")
        connection.execute(
            text("INSERT INTO records (position, id, kind, author, raw) VALUES (2, 'bad', 'note', 'x', :raw)"),
            {"raw": note.raw[:-1] + b"?"},
        )
        assert [one.id for one in heads(connection)] == [note.id]
        connection.execute(text("UPDATE records SET author = ''"))
        records.complete(connection)
        found = connection.execute(text("SELECT author FROM records ORDER BY position")).scalars().all()
    assert found == [WRITER.public_key().public_bytes_raw().hex(), ""]
    database.close()
