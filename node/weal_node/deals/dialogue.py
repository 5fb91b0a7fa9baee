"""Converse: what is said in a deal goes into the store and the outbox in one transaction, and so does the answer it calls for.

A node that is killed anywhere goes on where it was: state is replayed from what is stored.
"""

import contextlib
import sqlite3
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from google.protobuf.message import Message

from weal_node.deals.drafts import drafted
from weal_node.errors import NotFoundError, RefusedError
from weal_node.keys import Keys
from weal_node.negotiation import space, speak
from weal_node.negotiation.negotiation import Negotiation, OwnSide, Statement
from weal_node.negotiation.replay import replay
from weal_node.store import deals
from weal_protocol import signing
from weal_protocol.cards import Member
from weal_protocol.deal import IN_FORCE, Move
from weal_protocol.deal import DealState as Standing
from weal_protocol.errors import PeerError, UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2

VALID_MS = 7 * 24 * 3_600 * 1_000
HELD_KINDS = frozenset({"reveal", "offer", "accept", "ratify", "receipt", "outcome"})


class Post(Protocol):
    """What of the correspondence is needed here."""

    @property
    def notary(self) -> bytes:
        """The key by which the community's notary signs."""

    def enclose(
        self,
        connection: sqlite3.Connection,
        recipient: bytes,
        session: bytes,
        kind: str,
        body: bytes,
        deadline_ms: int,
        bits: float,
    ) -> None:
        """Put a signed letter into the outbox, inside the caller's transaction."""

    def wake(self) -> None:
        """Send what is in the outbox."""

    def member(self, agent_key: bytes) -> Awaitable[Member]:
        """Return a member's card, or what stands for a guest's."""

    def is_guest(self, agent_key: bytes) -> bool:
        """Say whether this key is a guest's: they look for themselves, nothing is sent to them."""

    def notarise(self, ratify: bytes) -> Awaitable[negotiation_pb2.Stamp]:
        """Have a serialised Ratify logged by the notary."""

    def notarised(self, terms_sha256: bytes) -> Awaitable[tuple[dict[bytes, tuple[bytes, negotiation_pb2.Stamp]], int]]:
        """Return what was logged for these terms, by agent key, and the notary's time before it looked (ms)."""


class Conversation:
    """Speaks and listens for one node; every method works inside the caller's transaction."""

    def __init__(self, keys: Keys, post: Post) -> None:
        self._keys = keys
        self._post = post

    def tell(
        self, connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation, kind: str, body: Message
    ) -> None:
        """Say something that the person decided."""
        self.say(connection, row, stands, Statement(row.party, kind, body.SerializeToString(deterministic=True)))

    def say(self, connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation, one: Statement) -> None:
        """Say one message to every other party."""
        after = replay((*stands.said, one))  # what the table forbids is refused here, before it is said
        deals.say(connection, row.id, one.party, one.kind, one.body)
        bits = after.bits_told(row.party) - (stands.bits_told(row.party) if stands.space else 0.0)
        for party in after.known().parties:
            if party != self._keys.agent_public:
                self._post.enclose(connection, party, row.id, one.kind, one.body, after.expires_ms + VALID_MS, bits)

    def advance(self, connection: sqlite3.Connection, deal: bytes) -> None:
        """Say whatever our agent has to say by itself."""
        while (row := deals.get(connection, deal)) is not None and row.utilities is not None:
            stands = replayed(row)
            one = speak.after(stands, self.own(row))
            if one is None:
                return
            self.say(connection, row, stands, one)

    def hear(self, connection: sqlite3.Connection, deal: bytes, sender: bytes, kind: str, body: bytes) -> None:
        """Take a letter, then those that waited for it, and answer; a PeerError names what is wrong with it."""
        self._take(connection, deal, sender, kind, body)
        while True:
            self.advance(connection, deal)
            row = deals.get(connection, deal)
            if row is None:
                return
            stands, waiting = replayed(row), deals.held(connection, deal)
            due = [one for one in waiting if not self._early(row, stands, one[1], one[2])]
            if not due:
                return
            number, sender, kind, body = due[0]
            deals.release(connection, deal, number)
            with contextlib.suppress(PeerError):  # it was lawful to wait, and is not lawful now: as if it never came
                self._take(connection, deal, sender, kind, body)

    def _take(self, connection: sqlite3.Connection, deal: bytes, sender: bytes, kind: str, body: bytes) -> None:
        """Add a letter to the transcript, or hold it when what comes before it has not come yet."""
        row = deals.get(connection, deal)
        stands = replayed(row) if row else Negotiation()
        if row is None or self._early(row, stands, sender, kind):
            known = row is not None or kind in HELD_KINDS
            if known and (sender, kind, body) not in [one[1:] for one in deals.held(connection, deal)]:
                known = deals.hold(connection, deal, sender, kind, body)
            if not known:
                raise UnlawfulMoveError("a letter of a deal that is not known here")
            return
        parties = self.parties(row, stands)
        if sender not in parties or sender == self._keys.agent_public:
            raise UnlawfulMoveError("a letter of a deal is not by another party")
        one = Statement(parties.index(sender), kind, body)
        if kind != "offer" and (one.party, one.kind, one.body) in row.said:
            return  # taken before a crash, and not marked as seen
        replay((*stands.said, one))  # raises before anything is written; remembered for what follows
        deals.say(connection, deal, one.party, one.kind, one.body)

    def _early(self, row: deals.DealRow, stands: Negotiation, sender: bytes, kind: str) -> bool:
        """Whether a letter waits for others that are still on their way; among two, nothing can overtake anything."""
        parties, state = self.parties(row, stands), stands.deal.state
        if len(parties) == 2 or kind not in HELD_KINDS or sender not in parties or stands.deal.over:
            return False
        if kind == "ratify":
            return state not in {Standing.AGREED, Standing.HALF_RATIFIED, *IN_FORCE}
        if kind in {"receipt", "outcome"}:
            return state not in IN_FORCE
        return stands.deal.turn != parties.index(sender)

    def parties(self, row: deals.DealRow, stands: Negotiation) -> tuple[bytes, ...]:
        """Return the agent keys of all parties, the inviter's first."""
        return stands.space.parties if stands.space else drafted(row, self._keys.agent_public).parties

    def own(self, row: deals.DealRow) -> OwnSide:
        """Return what only this side knows."""
        if row.utilities is None:
            raise RefusedError("the person has not let their agent negotiate yet")
        return OwnSide(row.party, row.utilities, row.secret, self.sign, row.places, row.floor)

    def sign(self, digest: bytes) -> bytes:
        """Return the agent's signature over a hash of terms; it binds no one."""
        return signing.sign(self._keys.agent, "terms-agent", digest)


def loaded(connection: sqlite3.Connection, deal_id: str) -> tuple[deals.DealRow, Negotiation]:
    """Return a deal by its id in hex, and where it stands; NotFoundError where there is none."""
    try:
        key = bytes.fromhex(deal_id)
    except ValueError:
        key = b""
    row = deals.get(connection, key)
    if row is None:
        raise NotFoundError("there is no such deal", "It may have been dismissed")
    return row, replayed(row)


def replayed(row: deals.DealRow) -> Negotiation:
    """Return where a deal stands."""
    return replay(tuple(Statement(*one) for one in row.said))


@dataclass(frozen=True, slots=True)
class Stand:
    """The little of a session that is asked of every deal there is. option: the chosen outcome's index, None before.
    given: the hours that each party gives by it.  expires_ms: by when all must have ratified.  issues: of its space."""

    state: Standing
    moves: tuple[tuple[int, Move], ...]
    parties: tuple[bytes, ...]
    over: bool
    option: int | None
    given: tuple[float, ...]
    expires_ms: int
    issues: tuple[space.Issue, ...]


def stand(row: deals.DealRow) -> Stand:
    """Return how a deal stands, remembered for as many deals as a person will ever have."""
    return _stand(row.said)


@lru_cache(maxsize=4_096)
def _stand(said: tuple[tuple[int, str, bytes], ...]) -> Stand:
    at = replay(tuple(Statement(*one) for one in said))
    parties = at.space.parties if at.space else ()
    option, given = at.chosen(), tuple[float, ...]()
    if option is not None:
        chosen = space.option(at.known(), option)
        given = tuple(space.state(at.known(), chosen, party).hours_given for party in range(len(parties)))
    return Stand(
        at.deal.state,
        at.deal.moves,
        parties,
        at.deal.over,
        option,
        given,
        at.expires_ms,
        at.space.issues if at.space else (),
    )
