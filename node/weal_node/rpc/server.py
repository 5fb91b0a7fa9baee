"""One TLS server for other members' nodes. Each service adds itself; see `Service`."""

import time
from collections.abc import Callable, Sequence

import grpc

from weal_node.certificate import Certificate
from weal_node.errors import NodeError
from weal_node.rpc.authentication import SESSION_S, Directory, PeerService
from weal_protocol.door import Door
from weal_protocol.v1 import peer_pb2_grpc

MAX_MESSAGE_BYTES = 1024 * 1024  # in: questions are short; answers are as large as their service says
MAX_ANSWER_BYTES = 8 * 1024 * 1024
MAX_CALLS = 64  # at once; more are told RESOURCE_EXHAUSTED before anything is read
OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_ANSWER_BYTES),
    ("grpc.so_reuseport", 0),  # a second server on the same port must fail, not share it
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
)

# Adds one service to a server; its methods are behind the door (authentication.members_only).
Service = Callable[[grpc.aio.Server, Door], None]


async def serve(
    listen: str, certificate: Certificate, directory: Directory, services: Sequence[Service]
) -> tuple[grpc.aio.Server, int]:
    """Start the server at host:port (0: any); return it and its port. NodeError where the port cannot be had."""
    door = Door(certificate.sha256, SESSION_S, time.monotonic)
    server = grpc.aio.server(options=OPTIONS, maximum_concurrent_rpcs=MAX_CALLS)
    peer_pb2_grpc.add_PeerServiceServicer_to_server(PeerService(door, directory), server)
    for add in services:
        add(server, door)
    credentials = grpc.ssl_server_credentials([(certificate.private, certificate.public)])
    try:
        port = server.add_secure_port(listen, credentials)
    except RuntimeError as fault:
        raise NodeError(f"{listen} is taken, or is not ours to serve", "Set peer_listen in weal.toml") from fault
    await server.start()
    return server, port
