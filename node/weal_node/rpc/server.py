"""One TLS server for other members' nodes. Each service adds itself; see `Service`."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import grpc

from weal_node.certificate import Certificate
from weal_node.errors import NodeError
from weal_node.rpc.authentication import SESSION_S, KnownMembers, PeerService
from weal_protocol.door import Door
from weal_protocol.threshold import Limits, Threshold
from weal_protocol.v1 import peer_pb2_grpc

MAX_MESSAGE_BYTES = 1024 * 1024  # in: questions are short; answers are as large as their service says
MAX_ANSWER_BYTES = 8 * 1024 * 1024
STREAMS = 16  # calls at once of one connection; a client keeps further ones to itself
STRANGERS = Limits(strangers=64, per_address=48, per_member=8)
MAX_CALLS = 2_048  # at once: what all strangers can hold is half of it
OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_ANSWER_BYTES),
    ("grpc.max_concurrent_streams", STREAMS),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
)

# Adds one service to a server; its methods are behind the door (authentication.members_only).
Service = Callable[[grpc.aio.Server, Door], None]


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
    listen: str, certificate: Certificate, directory: KnownMembers, services: Sequence[Service]
) -> tuple[Served, int]:
    """Start the server at host:port (0: any); return it and its port. NodeError where the port cannot be had."""
    threshold = Threshold(STRANGERS)
    door = Door(certificate.sha256, SESSION_S, time.monotonic, threshold.admit)
    server = grpc.aio.server(options=OPTIONS, maximum_concurrent_rpcs=MAX_CALLS)
    peer_pb2_grpc.add_PeerServiceServicer_to_server(PeerService(door, directory), server)
    for add in services:
        add(server, door)
    credentials = grpc.ssl_server_credentials([(certificate.private, certificate.public)])
    inside = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    host, _, wanted = listen.rpartition(":")
    try:
        port = await threshold.listen(host, int(wanted), inside)
    except (OSError, ValueError, OverflowError) as fault:
        await server.stop(0)
        raise NodeError(f"{listen} is taken, or is not ours to serve", "Set peer_listen in weal.toml") from fault
    return Served(server, threshold), port
