"""The node's side of a community: joining, signing in, and its services over pinned TLS. Every call has a deadline."""

import asyncio
import hashlib
import logging
from bisect import bisect_right
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

import grpc

from weal_node.errors import CommunityError, NoMemberError
from weal_node.keys import Keys
from weal_node.outbound.attachment import Attachment
from weal_node.outbound.channel import TIMEOUT_S, connect, named, pinned_certificate
from weal_node.outbound.directory import Directory
from weal_node.outbound.membership import Membership, invited, keep, kept, of_response
from weal_protocol import record, release_log, signing
from weal_protocol.cards import Member
from weal_protocol.errors import WealError
from weal_protocol.invite import Invite
from weal_protocol.record import Record
from weal_protocol.v1 import (
    commons_pb2,
    commons_pb2_grpc,
    directory_pb2,
    directory_pb2_grpc,
    negotiation_pb2,
    notary_pb2,
    notary_pb2_grpc,
    relay_pb2,
    relay_pb2_grpc,
    release_pb2,
    release_pb2_grpc,
)

log = logging.getLogger(__name__)
LIST = 256
PUBLISH = 256  # records a message
MOST_RELEASES = 20_000  # of a log, which are read at once
PUBLISH_BYTES = 3 * 1024 * 1024  # a message is refused from 4 MiB
T = TypeVar("T")


class Community(Directory):
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
        super().__init__(membership)
        self.certificate_path = certificate_path
        self.keys = keys
        self._fingerprint = bytes.fromhex(membership.certificate_sha256)
        self._shared = channel is not None
        self.channel = channel or connect(membership.grpc, certificate)
        self.directory = directory_pb2_grpc.DirectoryServiceStub(self.channel)
        self._relay = relay_pb2_grpc.RelayServiceStub(self.channel)
        self._commons = commons_pb2_grpc.CommonsServiceStub(self.channel)
        self._releases = release_pb2_grpc.ReleaseServiceStub(self.channel)
        self._notary = notary_pb2_grpc.NotaryServiceStub(self.channel)
        self.attachment: Attachment | None = None
        self._attaching = asyncio.Lock()
        self.token = ""
        self._signing_in = asyncio.Lock()
        self._position = 0

    @classmethod
    def open(cls, folder: Path, keys: Keys) -> "Community":
        """Return the joined community of this folder; CommunityError when there is none. Connects on first use."""
        membership, certificate = kept(folder)
        return cls(membership, certificate, keys, folder / "certificate.pem")

    @classmethod
    async def join(cls, invite: Invite, keys: Keys, card: bytes, folder: Path) -> Membership:
        """Use an invite with our signed card, and keep what is needed to come back. The caller wrote the disclosure."""
        certificate = await asyncio.to_thread(pinned_certificate, invite)
        membership = await cls.enrol(invite, keys, card, certificate)
        await asyncio.to_thread(keep, folder, membership, certificate)
        return membership

    @classmethod
    async def enrol(
        cls, invite: Invite, keys: Keys, card: bytes, certificate: bytes, channel: grpc.aio.Channel | None = None
    ) -> Membership:
        """Use an invite with our signed card over a connection to the pinned certificate; nothing is written."""
        community = cls(invited(invite), certificate, keys, channel=channel)
        try:
            request = directory_pb2.JoinRequest(
                code=invite.code,
                member=directory_pb2.SignedMemberCard.FromString(card),
                person_proof=signing.sign(keys.ratification, "same-person", card),
            )
            response = await community._call(lambda: community.directory.Join(request, timeout=TIMEOUT_S))
        finally:
            await community.close()
        return of_response(invite, response)

    async def refresh(self) -> None:
        """Fetch what is new in the directory. A card that cannot be used, or changes the keys of somebody known, is set aside, and whatever
        was known of them holds: everybody else's comes in."""
        while True:
            expulsions_heard, charters_heard = len(self._expulsions), len(self.chain.entries)
            request = directory_pb2.ListMembersRequest(
                after=self._position, after_expulsion=expulsions_heard, next_charter=charters_heard
            )
            response = await self.as_member(partial(self.directory.ListMembers, request))
            for signed in response.members:
                self._take_in(signed.SerializeToString())
            for notice in response.expulsions:
                self.hear(notice.SerializeToString())
            self.hear_charters([signed.SerializeToString() for signed in response.charters], response.charter_head)
            self._left = frozenset(response.left)
            gone = set(map(bytes.hex, response.left))
            for expulsion in self._expulsions:
                gone.update(map(bytes.hex, expulsion.agent_keys))
            self._former |= {key: self._members.pop(key) for key in gone if key in self._members}
            news = len(self._expulsions) > expulsions_heard or len(self.chain.entries) > charters_heard
            if response.position <= self._position and not news:
                return
            self._position = max(self._position, response.position)  # there may be more than fitted one message

    async def member(self, agent_key: bytes) -> Member:
        """Return a member's card; CommunityError for someone who is none."""
        if agent_key.hex() not in self._members:
            await self.refresh()
        try:
            return self._members[agent_key.hex()]
        except KeyError:
            raise NoMemberError("this key belongs to no member", "They may have left") from None

    async def publish(self, records: list[Record]) -> int:
        """Publish signed records, as many messages as it takes; return the commons' position."""
        position, waiting = 0, [commons_pb2.Record.FromString(sent.raw) for sent in records]
        while waiting:
            fitting = list(accumulate(sent.ByteSize() for sent in waiting[:PUBLISH]))
            number = max(1, bisect_right(fitting, PUBLISH_BYTES))
            request = commons_pb2.PublishRequest(records=waiting[:number])
            position = int((await self.as_member(partial(self._commons.Publish, request))).position)
            waiting = waiting[number:]
        return position

    async def records(self, after: int) -> tuple[list[Record], int]:
        """Return verified records after a position, and the position to go on from. Those that do not verify are left out."""
        request = commons_pb2.ListRecordsRequest(after=after, limit=LIST)
        response = await self.as_member(partial(self._commons.ListRecords, request))
        verified = []
        for sent in response.records:
            try:
                verified.append(record.read(sent.SerializeToString()))
            except WealError:
                continue  # the coordinator should have refused it; it harms no one here
        return verified, int(response.position)

    async def put(self, recipient: bytes, ciphertext: bytes) -> None:
        """Hand a sealed frame to the relay; on its disk when this returns."""
        await (await self._attach()).put(recipient, ciphertext)

    async def fetch(self, wait_ms: int, limit: int = 16) -> list[tuple[int, bytes]]:
        """Return letters (number, ciphertext) that were not acknowledged, waiting up to `wait_ms` for one; 0: what is there."""
        if not wait_ms:
            request = relay_pb2.FetchRequest(limit=limit)
            response = await self.as_member(partial(self._relay.Fetch, request))
            return [(int(letter.number), bytes(letter.ciphertext)) for letter in response.mail]
        return await (await self._attach()).fetch(wait_ms, limit)

    async def ack(self, numbers: list[int]) -> None:
        """Tell the relay that these letters arrived."""
        await (await self._attach()).ack(numbers)

    async def _attach(self) -> Attachment:
        async with self._attaching:
            if self.attachment is None or self.attachment.over:
                self.attachment = await self.as_member(self._attached)
            return self.attachment

    async def _attached(self, metadata: tuple[tuple[str, str], ...], timeout: float) -> Attachment:  # noqa: ASYNC109 -- as a stub's method
        return await Attachment.open(self._relay, self.name, metadata[0][1])

    async def notarise(self, ratify: bytes) -> negotiation_pb2.Stamp:
        """Have the coordinator log a serialised Ratify; return its stamp. The caller wrote the disclosure."""
        request = notary_pb2.NotariseRequest(ratify=ratify)
        return (await self.as_member(partial(self._notary.Notarise, request))).stamp

    async def notarised(self, terms_sha256: bytes) -> tuple[dict[bytes, tuple[bytes, negotiation_pb2.Stamp]], int]:
        """Return, by agent key, each serialised Ratify of these terms that was logged, with its stamp; and the notary's time
        before it looked (ms)."""
        request = notary_pb2.ListNotarisedRequest(terms_sha256=terms_sha256)
        response = await self.as_member(partial(self._notary.ListNotarised, request))
        return {entry.agent_key: (entry.ratify, entry.stamp) for entry in response.entries}, response.now_ms

    async def catalogue(self, digest: bytes) -> tuple[str, ...]:
        """Return the items of a round, checked against the digest."""
        request = release_pb2.GetCatalogueRequest(catalogue_sha256=digest)
        response = await self.as_member(partial(self._releases.GetCatalogue, request))
        content = response.catalogue.SerializeToString(deterministic=True)
        if hashlib.sha256(content).digest() != digest:
            raise CommunityError("a round's catalogue is not the one that was announced", "The coordinator is at fault")
        return tuple(map(bytes.hex, response.catalogue.items))

    async def release(self, number: int = 0) -> release_pb2.Release | None:
        """Return a release as it came, not yet verified, or None while there is none."""
        request = release_pb2.GetReleaseRequest(number=number)
        response = await self.as_member(partial(self._releases.GetRelease, request))
        return response.release if response.HasField("release") else None

    async def manifests(self, after: int) -> tuple[release_log.Entry, ...]:
        """Return the log of releases after this number, oldest first, each entry verified. PeerError for one that is not the coordinator's."""
        entries: list[release_log.Entry] = []
        while len(entries) < MOST_RELEASES:
            request = release_pb2.ListManifestsRequest(after=entries[-1].number if entries else after)
            page = (await self.as_member(partial(self._releases.ListManifests, request))).manifests
            entries += [release_log.read(manifest, self.coordinator, bytes.fromhex(self.id)) for manifest in page]
            if len(page) < release_log.PAGE:
                break
        return tuple(entries)

    async def account(self) -> release_pb2.GetAccountResponse:
        """Return what the coordinator's ledger says of us."""
        return await self.as_member(partial(self._releases.GetAccount, release_pb2.GetAccountRequest()))

    async def report_answers(self, since_round: int) -> None:
        """Say that there are enough new answers here. The caller wrote the disclosure."""
        request = release_pb2.ReportAnswersRequest(since_round=since_round)
        await self.as_member(partial(self._releases.ReportAnswers, request))

    async def renew(self, card: bytes) -> None:
        """Replace our card in the directory. The caller wrote the disclosure."""
        request = directory_pb2.RenewRequest(member=directory_pb2.SignedMemberCard.FromString(card))
        await self.as_member(partial(self.directory.Renew, request))

    async def leave(self) -> None:
        """Leave the community."""
        await self.as_member(partial(self.directory.Leave, directory_pb2.LeaveRequest()))

    async def close(self) -> None:
        """End the connection, unless it is shared."""
        if self.attachment is not None:
            await self.attachment.close()
        if not self._shared:
            await self.channel.close()

    async def as_member(self, call: Callable[..., Awaitable[T]], extra_s: float = 0.0) -> T:
        """Call a stub's method with our session; sign in first, and once more when the session has ended."""
        for attempt in (1, 2):
            token = self.token or await self._sign_in("")
            try:
                return await call(metadata=(("weal-session", token),), timeout=TIMEOUT_S + extra_s)
            except grpc.aio.AioRpcError as fault:
                if fault.code() == grpc.StatusCode.UNAUTHENTICATED and attempt == 1:
                    await self._sign_in(token)
                    continue
                raise named(fault, self.name) from fault
        raise CommunityError(f"{self.name} does not let us in", "Are you still a member?")

    async def _sign_in(self, stale: str) -> str:
        async with self._signing_in:
            if self.token and self.token != stale:
                return self.token  # another call has just done it
            own = self.keys.agent_public
            challenge = (
                await self._call(
                    lambda: self.directory.Challenge(directory_pb2.ChallengeRequest(agent_key=own), timeout=TIMEOUT_S)
                )
            ).challenge
            signature = signing.sign(self.keys.agent, "sign-in", challenge + self._fingerprint)
            request = directory_pb2.SignInRequest(agent_key=own, challenge=challenge, signature=signature)
            self.token = (await self._call(lambda: self.directory.SignIn(request, timeout=TIMEOUT_S))).token
            return self.token

    async def _call(self, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await call()
        except grpc.aio.AioRpcError as fault:
            raise named(fault, self.name) from fault
