"""The directory: joining by invite, signing in, who is a member, changing one's card, leaving."""

import asyncio
from collections.abc import Callable

from weal_coordinator.community.charter import Charter
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.rpc.authentication import Context, Door, anyone, members_only
from weal_coordinator.store import expulsions, invites, members, rounds
from weal_coordinator.store.database import Database
from weal_coordinator.store.expelling import Community, check_welcome, keys_of, told
from weal_protocol import cards, charters, signing
from weal_protocol import expulsions as wire
from weal_protocol.errors import ForgedError, MalformedError
from weal_protocol.v1 import directory_pb2, directory_pb2_grpc

MAX_LIST = 1_024  # cards, of at most 2 KiB each
STRANGER = "this key belongs to no member"


class DirectoryService(directory_pb2_grpc.DirectoryServiceServicer):
    """See directory.proto."""

    def __init__(
        self,
        database: Database,
        door: Door,
        charter: Charter,
        own_card: bytes,
        session_s: int,
        clock: Callable[[], int],
    ) -> None:
        self.door = door
        self._database = database
        self._charter = charter
        self._chain = charter.chain  # what this process runs by: it is amended while none runs
        self._own_card = own_card
        self._session_s = session_s
        self._clock = clock
        self._own = cards.known(own_card).agent_key
        self._community = Community(charter.community, self._own)

    @anyone
    async def Join(self, request: directory_pb2.JoinRequest, context: Context) -> directory_pb2.JoinResponse:  # noqa: N802 -- gRPC's name
        """Use an invite up and enter the member, in one transaction."""
        raw = request.member.SerializeToString()
        member = cards.read(raw)
        await asyncio.to_thread(self._enter, request.code, member, raw, request.person_proof)
        return directory_pb2.JoinResponse(
            community=self._charter.community,
            coordinator=directory_pb2.SignedMemberCard.FromString(self._own_card),
            charter=self._charter.text,
            first_charter=self._chain.texts[0] if self._chain.amendments else "",
            amendments=map(directory_pb2.SignedCharter.FromString, self._chain.amendments),
        )

    def _enter(self, code: str, member: cards.Member, raw: bytes, proof: bytes) -> None:
        with self._database.write() as connection:
            check_welcome(connection, member, self._community)
            invites.use(connection, code, member.agent_key)
            if members.is_member(connection, member.agent_key):
                return
            known = members.ever(connection)
            # Whoever copied another member's key would take their place in rounds, and could not answer for them.
            if any(cards.fleet_key_of(row.card) == member.fleet_key for row in known if not row.left):
                raise ForgedError("the key for rounds on this card is another member's")
            before = [cards.known(row.card) for row in known if row.agent_key == member.agent_key.hex()]
            if any(keys_of(one) != keys_of(member) for one in before):  # nobody's node would write to the new ones
                raise ForgedError(
                    "this key was here before, with other keys beside it", "Join with keys that are all new"
                )
            devices = {row.agent_key for row in known if cards.person_of(row.card) == member.ratification_key}
            if devices - {member.agent_key.hex()}:  # another device of someone who is, or was, here
                signing.verify(member.ratification_key, "same-person", raw, proof)
            members.add(connection, member.agent_key, raw, self._clock())
            rounds.share_account(connection, sorted(devices | {member.agent_key.hex()}))

    @anyone
    async def Challenge(  # noqa: N802 -- gRPC's name
        self, request: directory_pb2.ChallengeRequest, context: Context
    ) -> directory_pb2.ChallengeResponse:
        """Begin a sign-in. Members and strangers get the same kind of answer."""
        if len(request.agent_key) != 32:
            raise MalformedError("an agent key is 32 bytes long")
        return directory_pb2.ChallengeResponse(challenge=self.door.challenge(request.agent_key))

    @anyone
    async def SignIn(self, request: directory_pb2.SignInRequest, context: Context) -> directory_pb2.SignInResponse:  # noqa: N802 -- gRPC's name
        """Finish a sign-in."""
        self.door.check(request.agent_key, request.challenge, request.signature)
        if why := await asyncio.to_thread(self._why_not, request.agent_key):  # only the key's owner is told
            raise ForgedError(why, "Join with an invite first" if why == STRANGER else "Ask whoever runs the community")
        token = self.door.admit(request.agent_key, request.challenge)
        return directory_pb2.SignInResponse(token=token, expires_ms=self._clock() + self._session_s * 1_000)

    def _why_not(self, agent_key: bytes) -> str:
        with self._database.read() as connection:
            if members.is_member(connection, agent_key):
                return ""
            return told(connection, self._community, agent_key) or STRANGER

    @members_only
    async def ListMembers(  # noqa: N802 -- gRPC's name
        self, request: directory_pb2.ListMembersRequest, agent_key: bytes
    ) -> directory_pb2.ListMembersResponse:
        """Answer with what came into the directory's log after a position, as many cards as fit one message."""
        return await asyncio.to_thread(self._list, request)

    def _list(self, request: directory_pb2.ListMembersRequest) -> directory_pb2.ListMembersResponse:
        with self._database.read() as connection:
            rows = members.after(connection, request.after, MAX_LIST)
            gone = members.gone(connection)
            expelled = expulsions.after(connection, request.after_expulsion, wire.PAGE)
        begin = request.next_charter or len(self._chain.entries)
        new = self._chain.entries[begin : begin + charters.PAGE]
        return directory_pb2.ListMembersResponse(
            members=[directory_pb2.SignedMemberCard.FromString(row.card) for row in rows],
            position=rows[-1].position if rows else request.after,
            left=[bytes.fromhex(key) for key in gone],
            expulsions=[directory_pb2.SignedExpulsion.FromString(raw) for raw in expelled],
            charters=[directory_pb2.SignedCharter.FromString(entry.raw) for entry in new],
            charter_head=self._chain.last.sha256 if request.next_charter else b"",
        )

    @members_only
    async def EndExpelled(  # noqa: N802 -- gRPC's name
        self, request: directory_pb2.EndExpelledRequest, agent_key: bytes
    ) -> directory_pb2.EndExpelledResponse:
        """End what is open of everybody who was expelled; only the coordinator's own key may ask."""
        if agent_key != self._own:
            raise ForgedError("only the coordinator ends what others have open")
        number, gone = await asyncio.to_thread(self._expelled)
        ended = sum(self.door.end(key) for key in gone)
        return directory_pb2.EndExpelledResponse(number=number, ended=ended)

    def _expelled(self) -> tuple[int, tuple[bytes, ...]]:
        with self._database.read() as connection:
            return expulsions.count(connection), tuple(map(bytes.fromhex, expulsions.agent_keys(connection)))

    @members_only
    async def Leave(self, request: directory_pb2.LeaveRequest, agent_key: bytes) -> directory_pb2.LeaveResponse:  # noqa: N802 -- gRPC's name
        """Let a member go. What they spent of their privacy budget stays on the ledger."""
        if agent_key == self._own:
            raise CoordinatorError("the coordinator cannot leave its own community")
        await asyncio.to_thread(self._leave, agent_key)
        self.door.end(agent_key)
        return directory_pb2.LeaveResponse()

    def _leave(self, agent_key: bytes) -> None:
        with self._database.write() as connection:
            members.leave(connection, agent_key, self._clock())

    @members_only
    async def Renew(self, request: directory_pb2.RenewRequest, agent_key: bytes) -> directory_pb2.RenewResponse:  # noqa: N802 -- gRPC's name
        """Replace a member's own card. Keys stay: who would change them must come anew."""
        raw = request.member.SerializeToString()
        await asyncio.to_thread(self._renew, agent_key, cards.read(raw), raw)
        return directory_pb2.RenewResponse()

    def _renew(self, agent_key: bytes, card: cards.Member, raw: bytes) -> None:
        if card.agent_key != agent_key:
            raise ForgedError("this card is another member's")
        with self._database.write() as connection:
            row = members.get(connection, agent_key)
            if row is None or row.left:
                raise ForgedError("this key belongs to no member", "Join with an invite first")
            known = cards.known(row.card)
            if keys_of(known) != keys_of(card):
                raise ForgedError("the keys on this card are not those that joined", "Leave, and join with an invite")
            if card.issued_ms <= known.issued_ms:
                raise MalformedError("this card is older than the one that is known", "Issue a new one")
            members.renew(connection, agent_key, raw)
