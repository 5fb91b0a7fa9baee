"""The wire to a community: one pinned certificate is the whole of the trust, and every fault has a name.

The certificate's SHA-256 came with the invite. The certificate is fetched once, compared, kept, and from then on the only root
of trust for this community.
"""

import hashlib
import ssl

import grpc

from weal_node.errors import CommunityError, UnknownParentsError, UnreachableError
from weal_protocol.invite import Invite

TIMEOUT_S = 15.0
OPTIONS = (
    ("grpc.ssl_target_name_override", "localhost"),  # the pinned certificate is the identity, not the address
    ("grpc.max_receive_message_length", 8 * 1024 * 1024),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    # A channel's connection is its own: gRPC would give all channels of a process to one address the same, and a server takes few calls of one.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_http_proxy", 0),  # a proxy of the environment would learn whom we deal with, and knows no loopback
)
_NO_ANSWER = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}
_FAILED = {grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL}


def connect(address: str, certificate: bytes) -> grpc.aio.Channel:
    """Return a channel that trusts this certificate alone."""
    return grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(certificate), options=OPTIONS)


def named(fault: grpc.aio.AioRpcError, name: str) -> CommunityError:
    """Return the fault of a call to the community of this name, in words; UnreachableError when it says nothing about the call."""
    what, code = (fault.details() or fault.code().name).removesuffix("."), fault.code()
    if code is grpc.StatusCode.UNAVAILABLE and "CERTIFICATE_VERIFY_FAILED" in what:
        return UnreachableError(
            f"the address of {name} shows another certificate than the one that was pinned",
            "Someone may be in between, or the community was founded anew; ask for a new invite",
        )
    if code in _NO_ANSWER:
        return UnreachableError(f"{name} cannot be reached", "Check the network; it is tried again by itself")
    if code in _FAILED:
        return UnreachableError(f"{name} has a fault of its own", "Tell whoever runs it; it is tried again by itself")
    if code is grpc.StatusCode.NOT_FOUND:
        return UnknownParentsError(f"{name} says: {what}")
    return CommunityError(f"{name} says: {what}")


def pinned_certificate(invite: Invite) -> bytes:
    """Fetch the server's certificate and compare it with the invite's fingerprint; return it as PEM."""
    host, _, port = invite.grpc.rpartition(":")
    try:
        pem = ssl.get_server_certificate((host.strip("[]"), int(port)), timeout=TIMEOUT_S)
    except (OSError, ValueError) as fault:
        raise CommunityError(
            f"{invite.grpc} cannot be reached", "Is the community running, and its address right?"
        ) from fault
    if hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest() != invite.certificate_sha256:
        raise CommunityError(
            f"{invite.grpc} shows another certificate than the invite names",
            "Someone may be in between; ask for a new invite",
        )
    return pem.encode()
