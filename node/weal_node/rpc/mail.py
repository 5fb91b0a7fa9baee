"""Mail that other members' nodes bring themselves: the same frames that would come through the relay."""

from collections.abc import Awaitable, Callable

import grpc

from weal_node.errors import RefusedError, SwitchedOffError, UnreachableError
from weal_node.rpc.authentication import KnownMembers, members_only
from weal_node.rpc.server import Service
from weal_protocol.door import Door
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import mail_pb2, mail_pb2_grpc

MAX_FRAME_BYTES = 256 * 1024


class MailService(mail_pb2_grpc.MailServiceServicer):
    """See mail.proto. take: gives a frame to the correspondence; UnreachableError or SwitchedOffError: not now."""

    def __init__(self, door: Door, directory: KnownMembers, take: Callable[[bytes], Awaitable[None]]) -> None:
        self.door = door
        self.directory = directory
        self._take = take

    @members_only
    async def Deliver(self, request: mail_pb2.DeliverRequest, agent_key: bytes) -> mail_pb2.DeliverResponse:  # noqa: N802 -- gRPC's name
        """Take a frame; whoever brought it goes by the relay when this fails."""
        if len(request.frame.ciphertext) > MAX_FRAME_BYTES:
            raise MalformedError("a frame has the wrong size")
        try:
            await self._take(request.frame.ciphertext)
        except (UnreachableError, SwitchedOffError) as fault:
            raise RefusedError("not now", "Bring it to the relay") from fault
        return mail_pb2.DeliverResponse()


def mail(directory: KnownMembers, take: Callable[[bytes], Awaitable[None]]) -> Service:
    """Return the service, to be added to a node's server."""

    def add(server: grpc.aio.Server, door: Door) -> None:
        mail_pb2_grpc.add_MailServiceServicer_to_server(MailService(door, directory, take), server)

    return add
