"""One TLS server with the community's services."""

import time
from collections.abc import Callable

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
from weal_protocol.v1 import (
    commons_pb2_grpc,
    directory_pb2_grpc,
    notary_pb2_grpc,
    relay_pb2_grpc,
    release_pb2_grpc,
    sync_pb2_grpc,
)

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
MAX_CALLS = 8_192  # at once, waiting ones too; more are told RESOURCE_EXHAUSTED before anything is read
OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", 2 * MAX_MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),  # a second server on the same port must fail, not share it
    # Without this a client that keeps its connection alive is dropped for "too many pings".
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
)


async def serve(
    place: Home, settings: Settings, charter: Charter, database: Database, own_card: bytes, clock: Callable[[], int]
) -> tuple[grpc.aio.Server, int]:
    """Start the server; return it and its port."""
    secret = (place.keys / "tls.pem").read_bytes()
    credentials = grpc.ssl_server_credentials([(secret, place.certificate.read_bytes())])
    door = Door(keys.fingerprint(place), settings.session_s, time.monotonic)
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
    try:
        port = server.add_secure_port(f"{settings.host}:{settings.grpc_port}", credentials)
    except RuntimeError as fault:
        raise CoordinatorError(
            f"port {settings.grpc_port} of {settings.host} is taken, or is not ours to serve",
            "Set host and grpc_port in coordinator.toml, 0 for any port",
        ) from fault
    await server.start()
    return server, port
