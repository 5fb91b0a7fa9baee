"""The life of a deal, as all parties must see it: every rule about what may follow what is in the table below.

Two parties or more, the first being the one that invited; all speak in turn, so that everyone has the same transcript.
In each exchange all but the last are bound by a commitment before the last opens, so nobody can answer what it has seen
(decisions/0001). What binds is not here: it is `effective`, all signatures in time.
The file knows nothing about sockets, stores or clocks.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from google.protobuf.message import DecodeError

from weal_protocol import signing
from weal_protocol.errors import MalformedError, UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2

MAX_PARTIES = 12
LONGEST_TO_RATIFY_MS = (
    48 * 3_600 * 1_000
)  # from the first ratification to the last: who is last holds an option so long


class DealState(StrEnum):
    """Where a deal stands."""

    DRAFT = "draft"
    INVITED = "invited"
    SEED_ANSWERED = "seed answered"
    SCORING = "scoring"
    SCORED = "scored"
    OFFERING = "offering"  # where agents offer and accept instead of scoring
    MENU = "menu"
    MENU_BOUND = "menu bound"
    MENU_ANSWERED = "menu answered"
    AGREED = "agreed"  # the agents have: no human is bound
    HALF_RATIFIED = "half ratified"  # by some
    RATIFIED = "ratified"
    FULFILLED = "fulfilled"  # everyone says that the others did their part
    DISPUTED = "disputed"  # someone says that they did not
    DECLINED = "declined"
    CANCELLED = "cancelled"
    NO_DEAL = "no deal"  # nothing was found that is better than no deal for everyone


class Move(StrEnum):
    """What a party may say."""

    INVITE = "invite"
    DECLINE = "decline"
    BIND = "bind"  # of those between the first and the last: a commitment to what they will open
    SEED = "seed"
    SCORE = "score"
    OPEN = "open"  # of those between: what they were bound to
    LAST_SCORE = "last score"
    LAST_SCORE_NO_DEAL = "last score, no deal"
    OFFER = "offer"
    ACCEPT = "accept"
    LAST_ACCEPT = "last accept"
    GIVE_UP = "give up"
    BIND_MENU = "bind menu"
    RANK = "rank"
    OPEN_MENU = "open menu"
    OPEN_MENU_NO_DEAL = "open menu, no deal"  # people said no to every option
    RATIFY = "ratify"
    CANCEL = "cancel"
    FULFIL = "fulfil"  # a receipt: the others did their part
    DISPUTE = "dispute"
    OUTCOME = "outcome"


class Who(StrEnum):
    """Whose turn a move is."""

    FIRST = "first"
    BETWEEN = "between"  # each party but the first and the last, once, in their order, before the first or last goes on
    LAST = "last"
    NEXT = "next"  # the party after the one that spoke last, round and round
    OTHERS = "others"  # any but the first
    ANY = "any"


MOVES: Mapping[DealState, Mapping[Move, tuple[Who, DealState]]] = MappingProxyType(
    {
        DealState.DRAFT: {Move.INVITE: (Who.FIRST, DealState.INVITED)},
        DealState.INVITED: {
            Move.BIND: (Who.BETWEEN, DealState.INVITED),
            Move.SEED: (Who.LAST, DealState.SEED_ANSWERED),
            Move.OFFER: (Who.NEXT, DealState.OFFERING),
            Move.DECLINE: (Who.OTHERS, DealState.DECLINED),
            Move.CANCEL: (Who.ANY, DealState.CANCELLED),
        },
        DealState.SEED_ANSWERED: {
            Move.OPEN: (Who.BETWEEN, DealState.SEED_ANSWERED),
            Move.SEED: (Who.FIRST, DealState.SCORING),
            Move.CANCEL: (Who.ANY, DealState.CANCELLED),
        },
        DealState.SCORING: {
            Move.BIND: (Who.BETWEEN, DealState.SCORING),
            Move.SCORE: (Who.LAST, DealState.SCORED),
            Move.CANCEL: (Who.ANY, DealState.CANCELLED),
        },
        DealState.SCORED: {
            Move.OPEN: (Who.BETWEEN, DealState.SCORED),
            Move.SCORE: (Who.FIRST, DealState.SCORING),
            Move.LAST_SCORE: (Who.FIRST, DealState.MENU),
            Move.LAST_SCORE_NO_DEAL: (Who.FIRST, DealState.NO_DEAL),
            Move.CANCEL: (Who.ANY, DealState.CANCELLED),
        },
        DealState.OFFERING: {
            Move.OFFER: (Who.NEXT, DealState.OFFERING),
            Move.ACCEPT: (Who.NEXT, DealState.OFFERING),
            Move.LAST_ACCEPT: (Who.NEXT, DealState.AGREED),
            Move.GIVE_UP: (Who.NEXT, DealState.NO_DEAL),
            Move.CANCEL: (Who.ANY, DealState.CANCELLED),
        },
        DealState.MENU: {
            Move.BIND_MENU: (Who.FIRST, DealState.MENU_BOUND),
            Move.CANCEL: (Who.ANY, DealState.CANCELLED),
        },
        DealState.MENU_BOUND: {
            Move.BIND: (Who.BETWEEN, DealState.MENU_BOUND),
            Move.RANK: (Who.LAST, DealState.MENU_ANSWERED),
            Move.CANCEL: (Who.ANY, DealState.CANCELLED),
        },
        DealState.MENU_ANSWERED: {
            Move.OPEN: (Who.BETWEEN, DealState.MENU_ANSWERED),
            Move.OPEN_MENU: (Who.FIRST, DealState.AGREED),
            Move.OPEN_MENU_NO_DEAL: (Who.FIRST, DealState.NO_DEAL),
            Move.CANCEL: (Who.ANY, DealState.CANCELLED),
        },
        DealState.AGREED: {
            Move.RATIFY: (Who.ANY, DealState.HALF_RATIFIED),
            Move.CANCEL: (Who.ANY, DealState.CANCELLED),
        },
        DealState.HALF_RATIFIED: {
            Move.RATIFY: (Who.ANY, DealState.RATIFIED),
            Move.CANCEL: (Who.ANY, DealState.CANCELLED),
        },
        DealState.RATIFIED: {
            Move.FULFIL: (Who.ANY, DealState.RATIFIED),
            Move.DISPUTE: (Who.ANY, DealState.DISPUTED),
            Move.OUTCOME: (Who.ANY, DealState.RATIFIED),
        },
        DealState.DISPUTED: {
            Move.FULFIL: (Who.ANY, DealState.DISPUTED),
            Move.DISPUTE: (Who.ANY, DealState.DISPUTED),
            Move.OUTCOME: (Who.ANY, DealState.DISPUTED),
        },
        DealState.FULFILLED: {Move.OUTCOME: (Who.ANY, DealState.FULFILLED)},
        DealState.DECLINED: {},
        DealState.CANCELLED: {},
        DealState.NO_DEAL: {},
    }
)
ONCE = frozenset({Move.RATIFY, Move.FULFIL, Move.DISPUTE, Move.OUTCOME})  # by each party, at most
FINAL = {Move.CANCEL: Move.RATIFY, Move.DISPUTE: Move.FULFIL}  # not by a party that has said the other (decisions/0002)
IN_FORCE = frozenset({DealState.RATIFIED, DealState.DISPUTED, DealState.FULFILLED})


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal is a value: a move returns the next one. moves: (party, move), in order.  spoken: how many of those
    between have had their turn in this state."""

    parties: int = 2
    state: DealState = DealState.DRAFT
    moves: tuple[tuple[int, Move], ...] = ()
    spoken: int = 0

    @property
    def turn(self) -> int | None:
        """The party whose turn it is; None where any may speak, or none."""
        whose = {who for who, _ in MOVES[self.state].values()} - {Who.ANY, Who.OTHERS}
        if whose == {Who.NEXT}:
            return (self.moves[-1][0] + 1) % self.parties
        if Who.BETWEEN in whose and self.spoken < self.parties - 2:
            return 1 + self.spoken
        if Who.LAST in whose:
            return self.parties - 1
        return 0 if Who.FIRST in whose else None

    def after(self, move: Move, party: int) -> "Deal":
        """Return the deal after this move of this party, or raise UnlawfulMoveError."""
        who, state = MOVES[self.state].get(move, (None, self.state))
        if who is None or not 0 <= party < self.parties:
            raise UnlawfulMoveError(f"{move.value} is not allowed when a deal is {self.state.value}")
        if not self._may(who, party):
            raise UnlawfulMoveError(f"{move.value} is another party's turn when a deal is {self.state.value}")
        if move in ONCE and (party, move) in self.moves:
            raise UnlawfulMoveError(f"this party has said {move.value} already")
        if (party, FINAL.get(move)) in self.moves:
            raise UnlawfulMoveError(f"this party has given its word and cannot {move.value} any more")
        moves = (*self.moves, (party, move))
        if move is Move.RATIFY and sum(one is Move.RATIFY for _, one in moves) < self.parties:
            state = DealState.HALF_RATIFIED
        if move in {Move.FULFIL, Move.DISPUTE}:
            state = _performed(moves, self.parties)
        return Deal(self.parties, state, moves, self.spoken + 1 if who is Who.BETWEEN else 0)

    def _may(self, who: Who, party: int) -> bool:
        match who:
            case Who.ANY:
                return True
            case Who.OTHERS:
                return party > 0
            case Who.NEXT:
                return party == (self.moves[-1][0] + 1) % self.parties
            case Who.BETWEEN:
                return self.spoken < self.parties - 2 and party == 1 + self.spoken
            case _:
                return self.spoken == self._between and party == (0 if who is Who.FIRST else self.parties - 1)

    @property
    def _between(self) -> int:
        """How many must have spoken before the first or the last goes on."""
        waits = any(who is Who.BETWEEN for who, _ in MOVES[self.state].values())
        return self.parties - 2 if waits else 0

    @property
    def over(self) -> bool:
        """Whether nothing more can be said."""
        return not MOVES[self.state]


def _performed(moves: tuple[tuple[int, Move], ...], parties: int) -> DealState:
    """Return how a deal in force stands by everyone's last word: a dispute ends with its party's receipt."""
    content = {party for party, move in moves if move is Move.FULFIL}
    if len(content) == parties:
        return DealState.FULFILLED
    return (
        DealState.DISPUTED if {party for party, move in moves if move is Move.DISPUTE} - content else DealState.RATIFIED
    )


def receipt(terms_sha256: bytes, fulfilled: bool, at_ms: int) -> bytes:
    """Return the bytes a human's key signs under a receipt or a dispute."""
    return terms_sha256 + bytes([fulfilled]) + at_ms.to_bytes(8, "big")


def terms_hash(terms: bytes) -> bytes:
    """Return what agents sign and humans ratify: SHA-256 of the serialised Terms, domain-separated."""
    return hashlib.sha256(b"weal/1/terms\0" + terms).digest()


def ratification(terms_sha256: bytes, ratified_ms: int) -> bytes:
    """Return the bytes a human's key signs."""
    return terms_sha256 + ratified_ms.to_bytes(8, "big")


def ratified_at(ratify: negotiation_pb2.Ratify) -> int:
    """Return when a ratification counts as made: when the notary had it; for one without a stamp, when its human says."""
    return ratify.stamp.logged_ms if ratify.HasField("stamp") else ratify.ratified_ms


def ratify_by(ratified: Iterable[negotiation_pb2.Ratify], within_ms: int, expires_ms: int) -> int:
    """Return the Unix time by which everyone must have ratified, once these have. within_ms: of each other; 0: no such bound."""
    first = min((ratified_at(one) for one in ratified), default=expires_ms)
    return min(expires_ms, first + within_ms) if within_ms else expires_ms


def check_together(ratified: Iterable[negotiation_pb2.Ratify], within_ms: int) -> None:
    """Raise UnlawfulMoveError unless these ratifications came within so long of each other, in whatever order they are heard."""
    times = [ratified_at(one) for one in ratified]
    if within_ms and max(times) - min(times) > within_ms:
        raise UnlawfulMoveError("a ratification came too long after the first, or before the last")


def check_effective(agreement: negotiation_pb2.Agreement, agents: Sequence[bytes], humans: Sequence[bytes]) -> bytes:
    """Return the agreement's SHA-256 when it binds: every agent signed and every human ratified these terms in time.

    Stamps are checked by `notary.check`. agents, humans: their keys in the order of the parties. Raises UnlawfulMoveError, ForgedError or, for terms that are
    none, MalformedError otherwise.
    """
    try:
        terms = negotiation_pb2.Terms.FromString(agreement.terms)
    except DecodeError as fault:
        raise MalformedError("an agreement's terms cannot be read") from fault
    digest = terms_hash(agreement.terms)
    if list(terms.space.parties) != list(agents) or not len(agreement.signed) == len(agreement.ratified) == len(agents):
        raise UnlawfulMoveError("an agreement lacks a party's signature")
    for agent, human, signed, ratified in zip(agents, humans, agreement.signed, agreement.ratified, strict=True):
        if signed.terms_sha256 != digest or ratified.terms_sha256 != digest:
            raise UnlawfulMoveError("a party signed other terms")
        if not 0 < ratified.ratified_ms <= terms.expires_ms:
            raise UnlawfulMoveError("a party ratified after the deal had expired")
        signing.verify(agent, "terms-agent", digest, signed.signature)
        signing.verify(human, "terms-human", ratification(digest, ratified.ratified_ms), ratified.signature)
    check_together(agreement.ratified, terms.ratify_within_ms)
    return agreement_hash(agreement)


def agreement_hash(agreement: negotiation_pb2.Agreement) -> bytes:
    """Return the SHA-256 that names an agreement: the same on both sides."""
    return hashlib.sha256(agreement.SerializeToString(deterministic=True)).digest()
