"""A relay in memory: frames lie on it in the open until they are carried, in whatever order and however often; a directory and a notary."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_node.errors import CommunityError, RefusedError, UnreachableError
from weal_protocol import notary
from weal_protocol.cards import Member
from weal_protocol.v1 import negotiation_pb2

NOW = 1_700_000_000_000


@dataclass(frozen=True, slots=True)
class Frame:
    """A sealed letter on the wire."""

    sender: bytes
    recipient: bytes
    ciphertext: bytes


class TownRelay:
    """A relay that keeps frames in the open, a directory of whoever sits down, and a notary."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.past: list[Frame] = []
        self.now = NOW
        self.members: dict[bytes, Member] = {}
        self.notary = Ed25519PrivateKey.generate()
        self.log: dict[tuple[bytes, bytes], tuple[bytes, negotiation_pb2.Stamp]] = {}
        self.notary_answers = True

    def logged(self, agent_key: bytes, ratify: bytes) -> negotiation_pb2.Stamp:
        """Log a ratification as the coordinator does (coordinator/weal_coordinator/rpc/notary.py)."""
        if not self.notary_answers:
            raise UnreachableError("the notary cannot be reached")
        read = negotiation_pb2.Ratify.FromString(ratify)
        before = {key: one[1].logged_ms for (terms, key), one in self.log.items() if terms == read.terms_sha256}
        if agent_key not in before and notary.has_closed(before.values(), self.now):
            raise CommunityError("the time to ratify these terms has passed")
        found = self.log.setdefault((read.terms_sha256, agent_key), (ratify, notary.stamp(self.notary, read, self.now)))
        if found[0] != ratify:
            raise RefusedError("these terms were ratified already, in another way")
        return found[1]


class TownLine:
    """One member's end of the wire."""

    def __init__(self, wire: TownRelay, own: bytes) -> None:
        self._wire = wire
        self._own = own

    @property
    def coordinator(self) -> bytes:
        """The notary's key."""
        return self._wire.notary.public_key().public_bytes_raw()

    async def member(self, agent_key: bytes) -> Member:
        """Return a card."""
        return self._wire.members[agent_key]

    async def put(self, recipient: bytes, ciphertext: bytes) -> None:
        """Lay a frame on the wire."""
        self._wire.frames.append(Frame(self._own, recipient, ciphertext))

    async def fetch(self, wait_ms: int) -> list[tuple[int, bytes]]:
        """Nothing comes by itself: frames are carried."""
        return []

    async def ack(self, numbers: list[int]) -> None:
        """Nothing to acknowledge."""

    async def notarise(self, ratify: bytes) -> negotiation_pb2.Stamp:
        """Have it logged."""
        return self._wire.logged(self._own, ratify)

    async def notarised(self, terms_sha256: bytes) -> tuple[dict[bytes, tuple[bytes, negotiation_pb2.Stamp]], int]:
        """Return what was logged for these terms, and the notary's time."""
        if not self._wire.notary_answers:
            raise UnreachableError("the notary cannot be reached")
        found = {key: found for (terms, key), found in self._wire.log.items() if terms == terms_sha256}
        return found, self._wire.now
