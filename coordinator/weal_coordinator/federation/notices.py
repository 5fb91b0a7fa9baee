"""Tell those who were drawn: a sealed letter from the coordinator, through its own relay, like any member's."""

import hashlib
import logging
import secrets
from types import TracebackType

import grpc

from weal_coordinator import keys
from weal_coordinator.config import Home
from weal_coordinator.errors import RoundError
from weal_protocol import cards, envelope, sealing, signing
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import directory_pb2, directory_pb2_grpc, envelope_pb2, relay_pb2, relay_pb2_grpc, release_pb2

TIMEOUT_S = 20.0
_THEIRS = (
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.INVALID_ARGUMENT,
)  # a fault of this member's mailbox or card
log = logging.getLogger(__name__)


class Noticeboard:
    """A signed-in connection of the coordinator to its own relay."""

    def __init__(self, place: Home, address: str) -> None:
        self._keys = keys.load(place)
        self._fingerprint = keys.fingerprint(place)
        self._channel = grpc.secure_channel(
            address,
            grpc.ssl_channel_credentials(place.certificate.read_bytes()),
            options=(("grpc.enable_http_proxy", 0),),  # it is this machine
        )
        self.relay = relay_pb2_grpc.RelayServiceStub(self._channel)
        self._directory = directory_pb2_grpc.DirectoryServiceStub(self._channel)
        self._metadata: tuple[tuple[str, str], ...] = ()

    def __enter__(self) -> "Noticeboard":
        directory, own = self._directory, self._keys.agent_public
        try:
            challenge = directory.Challenge(directory_pb2.ChallengeRequest(agent_key=own), timeout=TIMEOUT_S).challenge
            signature = signing.sign(self._keys.agent, "sign-in", challenge + self._fingerprint)
            request = directory_pb2.SignInRequest(agent_key=own, challenge=challenge, signature=signature)
            self._metadata = (("weal-session", directory.SignIn(request, timeout=TIMEOUT_S).token),)
        except grpc.RpcError as fault:
            raise RoundError("the relay cannot be reached", "Is `weal-coordinator up` running?") from fault
        return self

    def send(self, member: cards.Member, notice: release_pb2.RoundNotice) -> bool:
        """Send one notice; False when the member's mailbox is full, they are none any more, or nothing can be sealed to their key: they
        take part another time, and nobody else's notice waits for it."""
        session = hashlib.sha256(b"weal/round/" + notice.number.to_bytes(8, "big") + member.agent_key).digest()[:16]
        letter = envelope.Envelope(
            session,
            self._keys.agent_public,
            member.agent_key,
            1,
            envelope.START,
            notice.deadline_ms,
            secrets.token_bytes(16),
            "round",
            notice.SerializeToString(deterministic=True),
        )
        try:
            sealed = sealing.seal(envelope.write(letter, self._keys.agent), member.seal_key, member.agent_key)
        except MalformedError as fault:
            log.warning("no notice to %s: %s", member.agent_key.hex()[:16], fault.what)
            return False
        frame = envelope_pb2.SealedFrame(recipient=member.agent_key, ciphertext=sealed)
        try:
            self.relay.Put(relay_pb2.PutRequest(frame=frame), metadata=self._metadata, timeout=TIMEOUT_S)
        except grpc.RpcError as fault:
            if fault.code() in _THEIRS:
                log.warning("no notice to %s: %s", member.agent_key.hex()[:16], fault.details())
                return False
            raise RoundError("a notice could not be sent", "See the coordinator's log") from fault
        return True

    def end_expelled(self) -> int:
        """Let the running services end what those who were expelled hold open; return the newest expulsion's number there. RoundError
        where they do not answer."""
        try:
            request = directory_pb2.EndExpelledRequest()
            return int(self._directory.EndExpelled(request, metadata=self._metadata, timeout=TIMEOUT_S).number)
        except grpc.RpcError as fault:
            raise RoundError(
                "the running services do not answer", "Start them again: sessions end with them"
            ) from fault

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._channel.close()
