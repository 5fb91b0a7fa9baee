"""The notary: it says when it had a ratification, to whoever knows the terms' hash. It never sees terms."""

import asyncio
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import DecodeError

from weal_coordinator.errors import CoordinatorError
from weal_coordinator.rpc.authentication import Door, members_only
from weal_coordinator.store import notary as log
from weal_coordinator.store.database import Database
from weal_protocol import notary
from weal_protocol.errors import MalformedError, QuotaError
from weal_protocol.v1 import negotiation_pb2, notary_pb2, notary_pb2_grpc

MOST_BYTES = 1_024


class NotaryService(notary_pb2_grpc.NotaryServiceServicer):
    """See notary.proto."""

    def __init__(self, database: Database, door: Door, key: Ed25519PrivateKey, clock: Callable[[], int]) -> None:
        self.door = door
        self._database = database
        self._key = key
        self._clock = clock

    @members_only
    async def Notarise(self, request: notary_pb2.NotariseRequest, agent_key: bytes) -> notary_pb2.NotariseResponse:  # noqa: N802 -- gRPC's name
        """Log a ratification; on disk when this answers."""
        ratify = read(request.ratify)
        entry = await asyncio.to_thread(self.enter, ratify.terms_sha256, agent_key, request.ratify)
        return notary_pb2.NotariseResponse(stamp=self._stamp(entry))

    def enter(self, terms_sha256: bytes, agent_key: bytes, ratify: bytes) -> log.RatificationEntry:
        """Return the entry of this member's ratification, made now unless there is one. CoordinatorError when it is too late, QuotaError when it is one too many."""
        now = self._clock()
        with self._database.write() as connection:
            before = log.of(connection, terms_sha256)
            known = any(one.agent_key == agent_key for one in before)
            if not known and notary.has_closed([one.logged_ms for one in before], now):
                raise CoordinatorError("the time to ratify these terms has passed", "Begin a new deal")
            if not known:
                log.expire(connection, now)
                lately, kept = log.room(connection, agent_key, now)
                if lately >= log.MOST_A_DAY or kept >= log.MOST_KEPT:
                    raise QuotaError(
                        f"the notary logs at most {log.MOST_A_DAY} ratifications of one member a day, and keeps {log.MOST_KEPT}",
                        "Try again tomorrow",
                    )
            entry = log.log(connection, terms_sha256, agent_key, ratify, now)
        if entry is None:
            raise CoordinatorError("too many have ratified these terms")
        if entry.ratify != ratify:
            raise CoordinatorError("you have ratified these terms already, in another way")
        return entry

    @members_only
    async def ListNotarised(  # noqa: N802 -- gRPC's name
        self, request: notary_pb2.ListNotarisedRequest, agent_key: bytes
    ) -> notary_pb2.ListNotarisedResponse:
        """Answer with what was logged for these terms."""
        if len(request.terms_sha256) != 32:
            raise MalformedError("a hash of terms has 32 bytes")
        response = notary_pb2.ListNotarisedResponse(
            now_ms=self._clock()
        )  # before the log is read: what is logged later is not late
        for entry in await asyncio.to_thread(self._entries, request.terms_sha256):
            response.entries.add(agent_key=entry.agent_key, ratify=entry.ratify, stamp=self._stamp(entry))
        return response

    def _entries(self, terms_sha256: bytes) -> tuple[log.RatificationEntry, ...]:
        with self._database.read() as connection:
            return log.of(connection, terms_sha256)

    def _stamp(self, entry: log.RatificationEntry) -> negotiation_pb2.Stamp:
        return notary.stamp(self._key, read(entry.ratify), entry.logged_ms)


def read(ratify: bytes) -> negotiation_pb2.Ratify:
    """Return a ratification. MalformedError for anything beside one."""
    try:
        found = negotiation_pb2.Ratify.FromString(ratify if len(ratify) <= MOST_BYTES else b"")
    except DecodeError as fault:
        raise MalformedError("this is no ratification") from fault
    if len(found.terms_sha256) != 32 or len(found.signature) != 64 or found.HasField("stamp"):
        raise MalformedError("a ratification to log has the wrong size")
    bare = negotiation_pb2.Ratify()
    bare.CopyFrom(found)
    bare.DiscardUnknownFields()
    if bare != found or len(found.signed.terms_sha256) not in (0, 32) or len(found.signed.signature) not in (0, 64):
        raise MalformedError("a ratification to log holds something besides")
    return found
