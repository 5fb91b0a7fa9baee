"""The life of a deal, as both sides must see it: every rule about what may follow what is in the table below.

Two parties, the first being the one that invited. In each exchange the first is bound by a commitment before the second
opens, so neither can answer what it has seen. What binds is not here: it is `effective`, all signatures in time.
The file knows nothing about sockets, stores or clocks.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from google.protobuf.message import DecodeError

from weal_protocol import signing
from weal_protocol.errors import MalformedError, UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2 as pb


class State(StrEnum):
    """Where a deal stands."""

    DRAFT = "draft"
    INVITED = "invited"
    SEED_ANSWERED = "seed answered"
    SCORING = "scoring"
    SCORED = "scored"
    MENU = "menu"
    MENU_BOUND = "menu bound"
    MENU_ANSWERED = "menu answered"
    AGREED = "agreed"  # the agents have: no human is bound
    HALF_RATIFIED = "half ratified"
    RATIFIED = "ratified"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    NO_DEAL = "no deal"  # nothing was found that is better than no deal for both


class Move(StrEnum):
    """What a party may say."""

    INVITE = "invite"
    DECLINE = "decline"
    SEED = "seed"
    SCORE = "score"
    LAST_SCORE = "last score"
    LAST_SCORE_NO_DEAL = "last score, no deal"
    BIND_MENU = "bind menu"
    RANK = "rank"
    OPEN_MENU = "open menu"
    RATIFY = "ratify"
    CANCEL = "cancel"
    OUTCOME = "outcome"


class Who(StrEnum):
    """Whose turn a move is."""

    FIRST = "first"
    SECOND = "second"
    EITHER = "either"


MOVES: Mapping[State, Mapping[Move, tuple[Who, State]]] = MappingProxyType(
    {
        State.DRAFT: {Move.INVITE: (Who.FIRST, State.INVITED)},
        State.INVITED: {
            Move.SEED: (Who.SECOND, State.SEED_ANSWERED),
            Move.DECLINE: (Who.SECOND, State.DECLINED),
            Move.CANCEL: (Who.EITHER, State.CANCELLED),
        },
        State.SEED_ANSWERED: {Move.SEED: (Who.FIRST, State.SCORING), Move.CANCEL: (Who.EITHER, State.CANCELLED)},
        State.SCORING: {Move.SCORE: (Who.SECOND, State.SCORED), Move.CANCEL: (Who.EITHER, State.CANCELLED)},
        State.SCORED: {
            Move.SCORE: (Who.FIRST, State.SCORING),
            Move.LAST_SCORE: (Who.FIRST, State.MENU),
            Move.LAST_SCORE_NO_DEAL: (Who.FIRST, State.NO_DEAL),
            Move.CANCEL: (Who.EITHER, State.CANCELLED),
        },
        State.MENU: {Move.BIND_MENU: (Who.FIRST, State.MENU_BOUND), Move.CANCEL: (Who.EITHER, State.CANCELLED)},
        State.MENU_BOUND: {Move.RANK: (Who.SECOND, State.MENU_ANSWERED), Move.CANCEL: (Who.EITHER, State.CANCELLED)},
        State.MENU_ANSWERED: {Move.OPEN_MENU: (Who.FIRST, State.AGREED), Move.CANCEL: (Who.EITHER, State.CANCELLED)},
        State.AGREED: {Move.RATIFY: (Who.EITHER, State.HALF_RATIFIED), Move.CANCEL: (Who.EITHER, State.CANCELLED)},
        State.HALF_RATIFIED: {Move.RATIFY: (Who.EITHER, State.RATIFIED), Move.CANCEL: (Who.EITHER, State.CANCELLED)},
        State.RATIFIED: {Move.OUTCOME: (Who.EITHER, State.RATIFIED)},
        State.DECLINED: {},
        State.CANCELLED: {},
        State.NO_DEAL: {},
    }
)
ONCE = frozenset({Move.RATIFY, Move.OUTCOME})  # by each party, at most


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal is a value: a move returns the next one. moves: (first's or not, move), in order."""

    state: State = State.DRAFT
    moves: tuple[tuple[bool, Move], ...] = ()

    def after(self, move: Move, by_first: bool) -> "Deal":
        """Return the deal after this move of this party, or raise UnlawfulMoveError."""
        who, state = MOVES[self.state].get(move, (None, self.state))
        if who is None:
            raise UnlawfulMoveError(f"{move.value} is not allowed when a deal is {self.state.value}")
        if who is not Who.EITHER and (who is Who.FIRST) != by_first:
            raise UnlawfulMoveError(f"{move.value} is the other party's turn when a deal is {self.state.value}")
        if move in ONCE and (by_first, move) in self.moves:
            raise UnlawfulMoveError(f"this party has said {move.value} already")
        return Deal(state, (*self.moves, (by_first, move)))

    @property
    def over(self) -> bool:
        """Whether nothing more can be said."""
        return not MOVES[self.state]


def terms_hash(terms: bytes) -> bytes:
    """Return what agents sign and humans ratify: SHA-256 of the serialised Terms, domain-separated."""
    return hashlib.sha256(b"weal/1/terms\0" + terms).digest()


def ratification(terms_sha256: bytes, ratified_ms: int) -> bytes:
    """Return the bytes a human's key signs."""
    return terms_sha256 + ratified_ms.to_bytes(8, "big")


def check_effective(agreement: pb.Agreement, agents: Sequence[bytes], humans: Sequence[bytes]) -> bytes:
    """Return the agreement's SHA-256 when it binds: every agent signed and every human ratified these terms in time.

    agents, humans: their keys in the order of the parties. Raises UnlawfulMoveError, ForgedError or, for terms that are
    none, MalformedError otherwise.
    """
    try:
        terms = pb.Terms.FromString(agreement.terms)
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
    return agreement_hash(agreement)


def agreement_hash(agreement: pb.Agreement) -> bytes:
    """Return the SHA-256 that names an agreement: the same on both sides."""
    return hashlib.sha256(agreement.SerializeToString(deterministic=True)).digest()
