"""One TLS server with the community's services."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import grpc

from weal_coordinator import keys
from weal_coordinator.community.charter import Charter
from weal_coordinator.config import Home, Settings
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.rpc.authentication import Door
from weal_coordinator.rpc.commons import CommonsService
from weal_coordinator.rpc.directory import DirectoryService
from weal_coordinator.rpc.notary import NotaryService
from weal_coordinator.rpc.record_sync import RecordSyncService
from weal_coordinator.rpc.relay import RelayService
from weal_coordinator.rpc.release import ReleaseService
from weal_coordinator.store.database import Database
from weal_protocol.threshold import Limits, Threshold
from weal_protocol.v1 import (
    commons_pb2_grpc,
    directory_pb2_grpc,
    notary_pb2_grpc,
    relay_pb2_grpc,
    release_pb2_grpc,
    sync_pb2_grpc,
)

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
STREAMS = 32  # calls at once of one connection; a client keeps further ones to itself
STRANGERS = Limits(strangers=192, per_address=128, per_member=16)
MAX_CALLS = 16_384  # at once, waiting ones too: what all strangers can hold (STREAMS of each) is less than half of it
OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", 2 * MAX_MESSAGE_BYTES),
    ("grpc.max_concurrent_streams", STREAMS),
    # Without this a client that keeps its connection alive is dropped for "too many pings".
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
)


@dataclass(frozen=True, slots=True)
class Served:
    """A running server, and who stands before it."""

    server: grpc.aio.Server
    threshold: Threshold

    async def wait_for_termination(self) -> None:
        """Wait until it was stopped."""
        await self.server.wait_for_termination()

    async def stop(self, grace: float | None) -> None:
        """Take no more calls, let those in progress go on for so long, then hang up."""
        await self.server.stop(grace)
        await self.threshold.close()


async def serve(
    place: Home, settings: Settings, charter: Charter, database: Database, own_card: bytes, clock: Callable[[], int]
) -> tuple[Served, int]:
    """Start the server; return it and its port."""
    secret = (place.keys / "tls.pem").read_bytes()
    credentials = grpc.ssl_server_credentials([(secret, place.certificate.read_bytes())])
    threshold = Threshold(STRANGERS)
    door = Door(keys.fingerprint(place), settings.session_s, time.monotonic, threshold.admit)
    server = grpc.aio.server(options=OPTIONS, maximum_concurrent_rpcs=MAX_CALLS)
    directory_pb2_grpc.add_DirectoryServiceServicer_to_server(
        DirectoryService(database, door, charter, own_card, settings.session_s, clock), server
    )
    relay_pb2_grpc.add_RelayServiceServicer_to_server(RelayService(database, door, settings, clock), server)
    commons_pb2_grpc.add_CommonsServiceServicer_to_server(
        CommonsService(database, door, settings, charter.jury), server
    )
    sync_pb2_grpc.add_RecordSyncServiceServicer_to_server(RecordSyncService(database, door), server)
    release_pb2_grpc.add_ReleaseServiceServicer_to_server(
        ReleaseService(database, door, charter.aggregation, clock), server
    )
    notary_pb2_grpc.add_NotaryServiceServicer_to_server(
        NotaryService(database, door, keys.load(place).agent, clock), server
    )
    inside = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        port = await threshold.listen(settings.host, settings.grpc_port, inside)
    except OSError as fault:
        await server.stop(0)
        raise CoordinatorError(
            f"port {settings.grpc_port} of {settings.host} is taken, or is not ours to serve",
            "Set host and grpc_port in coordinator.toml, 0 for any port",
        ) from fault
    return Served(server, threshold), port
