"""The node's side of a community: joining, signing in, and its services over pinned TLS.

The certificate's SHA-256 came with the invite. It is fetched once, compared, kept, and from then on the only root
of trust for this community. Every call has a deadline.
"""

import asyncio
import hashlib
import json
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import grpc

from weal_node.errors import CommunityError
from weal_node.keys import Keys
from weal_protocol import cards, record, signing
from weal_protocol.cards import Member
from weal_protocol.errors import WealError
from weal_protocol.invite import Invite
from weal_protocol.record import Record
from weal_protocol.v1 import (
    commons_pb2,
    commons_pb2_grpc,
    directory_pb2,
    directory_pb2_grpc,
    envelope_pb2,
    relay_pb2,
    relay_pb2_grpc,
    release_pb2,
    release_pb2_grpc,
)

TIMEOUT_S = 15.0
LIST = 256
OPTIONS = (
    ("grpc.ssl_target_name_override", "localhost"),  # the pinned certificate is the identity, not the address
    ("grpc.max_receive_message_length", 8 * 1024 * 1024),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Membership:
    """What is kept of a joined community. id: hex SHA-256 of its charter.  coordinator: hex agent key."""

    id: str
    name: str
    grpc: str
    fleet: str
    certificate_sha256: str
    coordinator: str
    charter: str


class Community:
    """A connection that signs in when needed. Use from one event loop."""

    def __init__(
        self,
        membership: Membership,
        certificate: bytes,
        keys: Keys,
        certificate_path: Path | None = None,
        channel: grpc.aio.Channel | None = None,
    ) -> None:
        """Connect on first use; a given channel is shared, and left open by `close`."""
        self.membership = membership
        self.certificate_path = certificate_path
        self._keys = keys
        self._fingerprint = bytes.fromhex(membership.certificate_sha256)
        self._shared = channel is not None
        self._channel = channel or connect(membership.grpc, certificate)
        self._directory = directory_pb2_grpc.DirectoryServiceStub(self._channel)
        self._relay = relay_pb2_grpc.RelayServiceStub(self._channel)
        self._commons = commons_pb2_grpc.CommonsServiceStub(self._channel)
        self._releases = release_pb2_grpc.ReleaseServiceStub(self._channel)
        self._token = ""
        self._signing_in = asyncio.Lock()
        self._members: dict[str, Member] = {}
        self._position = 0

    @classmethod
    def open(cls, folder: Path, keys: Keys) -> "Community":
        """Return the joined community of this folder; CommunityError when there is none. Connects on first use."""
        try:
            membership = Membership(**json.loads((folder / "membership.json").read_text()))
            certificate = (folder / "certificate.pem").read_bytes()
        except (OSError, ValueError, TypeError) as fault:
            raise CommunityError("this node has joined no community", "Run `weal join INVITE`") from fault
        return cls(membership, certificate, keys, folder / "certificate.pem")

    @classmethod
    async def join(cls, invite: Invite, keys: Keys, card: bytes, folder: Path) -> Membership:
        """Use an invite with our signed card, and keep what is needed to come back. The caller wrote the disclosure."""
        certificate = await asyncio.to_thread(pinned_certificate, invite)
        membership = await cls.enrol(invite, keys, card, certificate)
        await asyncio.to_thread(_keep, folder, membership, certificate)
        return membership

    @classmethod
    async def enrol(
        cls, invite: Invite, keys: Keys, card: bytes, certificate: bytes, channel: grpc.aio.Channel | None = None
    ) -> Membership:
        """Use an invite with our signed card over a connection to the pinned certificate; nothing is written."""
        where = (invite.community, invite.grpc, invite.fleet, invite.certificate_sha256, invite.coordinator)
        community = cls(Membership("", *where, ""), certificate, keys, channel=channel)
        try:
            request = directory_pb2.JoinRequest(
                code=invite.code, member=directory_pb2.SignedMemberCard.FromString(card)
            )
            response = await community._call(lambda: community._directory.Join(request, timeout=TIMEOUT_S))
        finally:
            await community.close()
        coordinator = cards.read(response.coordinator.SerializeToString())
        if coordinator.agent_key.hex() != invite.coordinator:
            raise CommunityError("this coordinator is not the one that the invite names", "Ask for a new invite")
        community_id = hashlib.sha256(response.charter.encode()).digest()
        if community_id != response.community:
            raise CommunityError("the charter is not the one that names this community", "Ask whoever runs it")
        return Membership(community_id.hex(), *where, response.charter)

    @property
    def id(self) -> str:
        """Hex SHA-256 of the charter."""
        return self.membership.id

    @property
    def name(self) -> str:
        """The community's name."""
        return self.membership.name

    @property
    def coordinator(self) -> bytes:
        """The coordinator's agent key, as the invite named it."""
        return bytes.fromhex(self.membership.coordinator)

    def members(self) -> list[Member]:
        """Return the members as of the last refresh, by name."""
        return sorted(self._members.values(), key=lambda member: (member.name, member.agent_key))

    def name_of(self, agent_key: bytes) -> str:
        """Return a member's name, or the first letters of an unknown key."""
        known = self._members.get(agent_key.hex())
        return known.name if known else agent_key.hex()[:8]

    async def refresh(self) -> None:
        """Fetch what is new in the directory. A card that changes a known member's keys is refused."""
        request = directory_pb2.ListMembersRequest(after=self._position)
        response = await self._as_member(lambda how: self._directory.ListMembers(request, **how))
        for signed in response.members:
            member = cards.read(signed.SerializeToString())
            known = self._members.get(member.agent_key.hex())
            if known is not None and (known.seal_key, known.ratification_key) != (
                member.seal_key,
                member.ratification_key,
            ):
                raise CommunityError(
                    f"the keys of {known.name} have changed", "Ask them, by another way, before you go on"
                )
            self._members[member.agent_key.hex()] = member
        self._position = response.position
        for key in response.left:
            self._members.pop(key.hex(), None)

    async def member(self, agent_key: bytes) -> Member:
        """Return a member's card; CommunityError for someone who is none."""
        if agent_key.hex() not in self._members:
            await self.refresh()
        try:
            return self._members[agent_key.hex()]
        except KeyError:
            raise CommunityError(f"{agent_key.hex()[:8]} is not a member", "They may have left") from None

    async def publish(self, records: list[Record]) -> int:
        """Publish signed records; return the commons' position."""
        request = commons_pb2.PublishRequest(records=[commons_pb2.Record.FromString(one.raw) for one in records])
        return int((await self._as_member(lambda how: self._commons.Publish(request, **how))).position)

    async def records(self, after: int) -> tuple[list[Record], int]:
        """Return verified records after a position, and the position to go on from. Those that do not verify are left out."""
        request = commons_pb2.ListRecordsRequest(after=after, limit=LIST)
        response = await self._as_member(lambda how: self._commons.ListRecords(request, **how))
        found = []
        for one in response.records:
            try:
                found.append(record.read(one.SerializeToString()))
            except WealError:
                continue  # the coordinator should have refused it; it harms no one here
        return found, int(response.position)

    async def put(self, recipient: bytes, ciphertext: bytes) -> None:
        """Hand a sealed frame to the relay; on its disk when this returns."""
        frame = envelope_pb2.SealedFrame(recipient=recipient, ciphertext=ciphertext)
        await self._as_member(lambda how: self._relay.Put(relay_pb2.PutRequest(frame=frame), **how))

    async def fetch(self, wait_ms: int, limit: int = 16) -> list[tuple[int, bytes]]:
        """Return letters (number, ciphertext) that wait, waiting up to `wait_ms` for one."""
        request = relay_pb2.FetchRequest(wait_ms=wait_ms, limit=limit)
        extra = wait_ms / 1_000
        response = await self._as_member(lambda how: self._relay.Fetch(request, **how), extra)
        return [(int(one.number), bytes(one.ciphertext)) for one in response.mail]

    async def ack(self, numbers: list[int]) -> None:
        """Tell the relay that these letters arrived."""
        await self._as_member(lambda how: self._relay.Ack(relay_pb2.AckRequest(numbers=numbers), **how))

    async def catalogue(self, digest: bytes) -> tuple[str, ...]:
        """Return the items of a round, checked against the digest."""
        request = release_pb2.GetCatalogueRequest(catalogue_sha256=digest)
        response = await self._as_member(lambda how: self._releases.GetCatalogue(request, **how))
        content = response.catalogue.SerializeToString(deterministic=True)
        if hashlib.sha256(content).digest() != digest:
            raise CommunityError("a round's catalogue is not the one that was announced", "The coordinator is at fault")
        return tuple(item.hex() for item in response.catalogue.items)

    async def release(self, number: int = 0) -> release_pb2.Release | None:
        """Return a release as it came, not yet verified, or None while there is none."""
        request = release_pb2.GetReleaseRequest(number=number)
        response = await self._as_member(lambda how: self._releases.GetRelease(request, **how))
        return response.release if response.HasField("release") else None

    async def leave(self) -> None:
        """Leave the community."""
        await self._as_member(lambda how: self._directory.Leave(directory_pb2.LeaveRequest(), **how))

    async def close(self) -> None:
        """End the connection, unless it is shared."""
        if not self._shared:
            await self._channel.close()

    async def _as_member(self, call: Callable[[dict[str, Any]], Awaitable[T]], extra_s: float = 0.0) -> T:
        """Call with our session; sign in first, and once more when the session has ended."""
        for attempt in (1, 2):
            token = self._token or await self._sign_in("")
            how = {"metadata": (("weal-session", token),), "timeout": TIMEOUT_S + extra_s}
            try:
                return await call(how)
            except grpc.aio.AioRpcError as fault:
                if fault.code() == grpc.StatusCode.UNAUTHENTICATED and attempt == 1:
                    await self._sign_in(token)
                    continue
                raise _named(fault, self.name) from fault
        raise CommunityError(f"{self.name} does not let us in", "Are you still a member?")

    async def _sign_in(self, stale: str) -> str:
        async with self._signing_in:
            if self._token and self._token != stale:
                return self._token  # another call has just done it
            own = self._keys.agent_public
            challenge = (
                await self._call(
                    lambda: self._directory.Challenge(directory_pb2.ChallengeRequest(agent_key=own), timeout=TIMEOUT_S)
                )
            ).challenge
            signature = signing.sign(self._keys.agent, "sign-in", challenge + self._fingerprint)
            request = directory_pb2.SignInRequest(agent_key=own, challenge=challenge, signature=signature)
            self._token = (await self._call(lambda: self._directory.SignIn(request, timeout=TIMEOUT_S))).token
            return self._token

    async def _call(self, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await call()
        except grpc.aio.AioRpcError as fault:
            raise _named(fault, self.name) from fault


def connect(address: str, certificate: bytes) -> grpc.aio.Channel:
    """Return a channel that trusts this certificate alone."""
    return grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(certificate), options=OPTIONS)


def _keep(folder: Path, membership: Membership, pem: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "certificate.pem").write_bytes(pem)
    temporary = folder / "membership.tmp"
    temporary.write_text(json.dumps(asdict(membership)))
    temporary.replace(folder / "membership.json")  # last: its presence says that the node has joined


def _named(fault: grpc.aio.AioRpcError, name: str) -> CommunityError:
    what = (fault.details() or fault.code().name).removesuffix(".")
    if fault.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}:
        return CommunityError(f"{name} cannot be reached", "Check the network; it is tried again by itself")
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
