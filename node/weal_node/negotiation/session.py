"""One deal between two, as one side sees it: a pure function of what was said and of one's own utilities.

    invite (bound to its seed) -> seed -> seed -> score -> score ... -> menu -> people rank -> terms -> people ratify

State is never stored: it is replayed from the transcript, so a node that was killed anywhere goes on where it was.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError, Message

from weal_node.negotiation import seed, shortlist, space, utility
from weal_node.negotiation.space import Space
from weal_protocol import deal, signing
from weal_protocol.deal import Deal, Move, State
from weal_protocol.errors import MalformedError, UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2 as pb

T = TypeVar("T", bound=Message)
MECHANISM = pb.Mechanism(name="seed-shortlist", rounds=2, candidates=6, score_bits=4, seed_bits=2, menu=3)
MOVES_OF_KIND = {
    "invite": Move.INVITE,
    "decline": Move.DECLINE,
    "ratify": Move.RATIFY,
    "cancel": Move.CANCEL,
    "outcome": Move.OUTCOME,
}


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the transcript: whether the first party said it, its kind, its serialised body."""

    by_first: bool
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Own:
    """What only this side knows. utilities: (n,) gains over no deal.  secret: 32 bytes that all nonces come from.
    places: the person's ranking of the menu (place of each option, 0 best), None before they ranked.
    sign: the agent's signature over a hash of terms."""

    first: bool
    utilities: npt.NDArray[np.float64]
    secret: bytes
    sign: Callable[[bytes], bytes]
    places: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """One exchange: the first's commitment, and what either has opened."""

    committed: bytes = b""
    second: tuple[int, ...] | None = None
    first: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """Where a deal stands. `after` takes a message of either side; `next` is what this side's agent says by itself."""

    said: tuple[Said, ...] = ()
    deal: Deal = field(default_factory=Deal)
    space: Space | None = None
    mechanism: pb.Mechanism = field(default_factory=pb.Mechanism)
    expires_ms: int = 0
    phases: tuple[Phase, ...] = ()  # the seed, then each round of scores, then the menu
    nonces: tuple[bytes, bytes] = (b"", b"")  # of the seed: second's, first's
    signed: tuple[pb.Sign | None, pb.Sign | None] = (None, None)  # first's, second's
    ratified: tuple[pb.Ratify | None, pb.Ratify | None] = (None, None)

    # -- what both sides compute alike

    def known(self) -> Space:
        """Return the space; UnlawfulMoveError before there is one."""
        if self.space is None:
            raise UnlawfulMoveError("there is no deal yet")
        return self.space

    def rounds_told(self) -> int:
        """How many rounds of scores both have opened."""
        return sum(phase.first is not None for phase in self.phases[1 : 1 + self.mechanism.rounds])

    def beliefs(self) -> tuple[tuple[shortlist.Belief, ...], dict[int, tuple[int, ...]], npt.NDArray[np.float64]]:
        """Return beliefs about (first, second), scores by outcome, and the features of all outcomes."""
        sizes, bits = self.known().sizes, self.mechanism.score_bits
        rows = shortlist.features(space.outcomes(self.known()), sizes)
        opened = self.phases[0]
        found = [
            shortlist.believed(values or (), sizes, self.mechanism.seed_bits)
            for values in (opened.first, opened.second)
        ]
        scores: dict[int, tuple[int, ...]] = {}
        for number in range(self.rounds_told()):
            chosen = shortlist.candidates(
                (found[0], found[1]), rows, frozenset(scores), self.mechanism.candidates, self.seed(), number
            )
            phase = self.phases[1 + number]
            for place, outcome in enumerate(chosen):
                scores[outcome] = ((phase.first or ())[place], (phase.second or ())[place])
                found = [
                    shortlist.told(one, rows[outcome], scores[outcome][party], bits) for party, one in enumerate(found)
                ]
        return (found[0], found[1]), scores, rows

    def seed(self) -> bytes:
        """The draw that both nonces made."""
        return seed.joint(*self.nonces)

    def candidates(self) -> tuple[int, ...]:
        """The outcomes to score in the round that is open."""
        beliefs, scores, rows = self.beliefs()
        return shortlist.candidates(
            beliefs, rows, frozenset(scores), self.mechanism.candidates, self.seed(), self.rounds_told()
        )

    def menu(self) -> tuple[int, ...]:
        """The options shown to people, best first; empty when nothing is better than no deal for both."""
        if not self.mechanism.rounds or self.rounds_told() < self.mechanism.rounds:
            return ()
        beliefs, scores, rows = self.beliefs()
        return shortlist.menu(beliefs, rows, scores, self.mechanism.score_bits, self.mechanism.menu)

    def chosen(self) -> int | None:
        """The outcome that people's ranks chose, None before both are open."""
        phase = self._phase(1 + self.mechanism.rounds)
        if phase.first is None or phase.second is None:
            return None
        return shortlist.settle(self.menu(), (phase.first, phase.second))

    def terms(self) -> bytes:
        """The serialised terms; both sides derive the same bytes. UnlawfulMoveError before an option is chosen."""
        outcome = self.chosen()
        if outcome is None:
            raise UnlawfulMoveError("no option has been chosen yet")
        transcript = hashlib.sha256()
        for one in self.said:
            if one.kind == "reveal" and pb.Reveal.FromString(one.body).signed.signature:
                break  # the opening of the menu carries a signature over these terms
            transcript.update(hashlib.sha256(one.kind.encode() + b"\0" + one.body).digest())
        option = [int(value) for value in space.outcomes(self.known())[outcome]]
        sent = pb.Terms(
            space=space.write(self.known()), option=option, expires_ms=self.expires_ms, transcript=transcript.digest()
        )
        return sent.SerializeToString(deterministic=True)

    def agreement(self) -> pb.Agreement | None:
        """The agreement with all signatures, None while one is missing."""
        if self.deal.state is not State.RATIFIED or None in self.signed or None in self.ratified:
            return None
        return pb.Agreement(
            terms=self.terms(),
            signed=[one for one in self.signed if one],
            ratified=[one for one in self.ratified if one],
        )

    def bits_told(self, first: bool) -> float:
        """How many bits one side has told about its own utilities so far, at most."""
        if self.space is None or not self.phases:
            return 0.0
        opened = [phase.first if first else phase.second for phase in self.phases]
        told = self.mechanism.seed_bits * len(opened[0] or ())
        told += sum(self.mechanism.score_bits * len(values or ()) for values in opened[1 : 1 + self.mechanism.rounds])
        ranks = opened[1 + self.mechanism.rounds]
        return told + (math.log2(math.factorial(len(ranks))) if ranks else 0.0)

    # -- taking a message

    def after(self, one: Said) -> "Session":
        """Return the session with this message; a PeerError names what is wrong with it."""
        if one.kind == "reveal":
            return self._revealed(one, _parsed(pb.Reveal, one.body))
        move = MOVES_OF_KIND.get(one.kind)
        if move is None:
            raise MalformedError(f"a message of kind {one.kind} has no place in a deal")
        moved = replace(self, said=(*self.said, one), deal=self.deal.after(move, one.by_first))
        if move is Move.INVITE:
            return moved._invited(_parsed(pb.Invite, one.body))
        if move is Move.RATIFY:
            return moved._took_ratification(one.by_first, _parsed(pb.Ratify, one.body))
        return moved

    def _invited(self, invite: pb.Invite) -> "Session":
        mechanism = invite.mechanism
        sane = mechanism.name == MECHANISM.name and 1 <= mechanism.rounds <= 8 and 1 <= mechanism.candidates <= 16
        if (
            not sane
            or not 1 <= mechanism.score_bits <= 8
            or not 1 <= mechanism.seed_bits <= 4
            or not 1 <= mechanism.menu <= 5
        ):
            raise MalformedError("an invitation names a mechanism that is not known here")
        if len(invite.commitment) != 32:
            raise MalformedError("an invitation is not bound to its seed")
        phases = (Phase(committed=invite.commitment), *(Phase() for _ in range(mechanism.rounds + 1)))
        return replace(
            self, space=space.read(invite.space), mechanism=mechanism, expires_ms=invite.expires_ms, phases=phases
        )

    def _revealed(self, one: Said, reveal: pb.Reveal) -> "Session":
        at, move = self._place(one, reveal)
        phase, values = self._phase(at), tuple(reveal.values)
        if reveal.phase == "menu" and one.by_first and not phase.committed:
            moved = replace(self, said=(*self.said, one), deal=self.deal.after(Move.BIND_MENU, True))
            return moved._with_phase(at, Phase(committed=_hash(reveal.commitment)))
        self.deal.after(move, one.by_first)  # whose turn it is comes before what was said
        self._check_values(at, values, reveal)
        if one.by_first:
            seed.check_opening(phase.committed, reveal.phase, reveal.round, values, reveal.nonce)
            phase = replace(phase, first=values)
        else:
            phase = replace(phase, second=values)
        moved = self._with_phase(at, phase)
        if at == 0:
            if len(reveal.nonce) != 32:
                raise MalformedError("a seed comes with a nonce of 32 bytes")
            moved = replace(moved, nonces=(self.nonces[0], reveal.nonce) if one.by_first else (reveal.nonce, b""))
        if one.by_first and at < self.mechanism.rounds:
            moved = moved._with_phase(at + 1, Phase(committed=_hash(reveal.commitment)))
        if move is Move.LAST_SCORE and not moved.menu():
            move = Move.LAST_SCORE_NO_DEAL
        moved = replace(moved, said=(*self.said, one), deal=self.deal.after(move, one.by_first))
        return moved._took_signature(True, reveal.signed) if move is Move.OPEN_MENU else moved

    def _place(self, one: Said, reveal: pb.Reveal) -> tuple[int, Move]:
        """Return which phase a reveal belongs to, and which move it is."""
        if self.space is None:
            raise UnlawfulMoveError("values were opened before there was an invitation")
        if reveal.phase == "seed" and reveal.round == 0:
            return 0, Move.SEED
        if reveal.phase == "score" and reveal.round == self.rounds_told() and reveal.round < self.mechanism.rounds:
            last = one.by_first and reveal.round == self.mechanism.rounds - 1
            return 1 + reveal.round, Move.LAST_SCORE if last else Move.SCORE
        if reveal.phase == "menu" and reveal.round == 0:
            return 1 + self.mechanism.rounds, Move.OPEN_MENU if one.by_first else Move.RANK
        raise UnlawfulMoveError("values were opened that were not asked for")

    def _check_values(self, at: int, values: tuple[int, ...], reveal: pb.Reveal) -> None:
        if at == 0:
            if len(values) != sum(self.known().sizes) or max(values) >= 2**self.mechanism.seed_bits:
                raise MalformedError("a seed has the wrong size or range")
        elif at <= self.mechanism.rounds:
            chosen = self.candidates()
            if len(values) != len(chosen) or max(values, default=0) >= 2**self.mechanism.score_bits:
                raise MalformedError("scores have the wrong number or range")
            if reveal.candidates_sha256 != fingerprint(chosen):
                raise MalformedError(
                    "the two sides have computed different candidates", "Do both run the same version?"
                )
        elif sorted(values) != list(range(len(self.menu()))):
            raise MalformedError("a ranking does not name every option once")

    def _took_signature(self, by_first: bool, signed: pb.Sign) -> "Session":
        digest = deal.terms_hash(self.terms())
        if signed.terms_sha256 != digest:
            raise MalformedError("the other side signed other terms")
        signing.verify(self.known().parties[0 if by_first else 1], "terms-agent", digest, signed.signature)
        return replace(self, signed=(signed, self.signed[1]) if by_first else (self.signed[0], signed))

    def _took_ratification(self, by_first: bool, ratify: pb.Ratify) -> "Session":
        """The human's signature is checked by the caller, who knows their key (loop/bargain.py)."""
        if ratify.terms_sha256 != deal.terms_hash(self.terms()):
            raise MalformedError("the other side ratified other terms")
        if not 0 < ratify.ratified_ms <= self.expires_ms:
            raise UnlawfulMoveError("a ratification came after the deal had expired")
        moved = self if by_first else self._took_signature(False, ratify.signed)
        return replace(moved, ratified=(ratify, moved.ratified[1]) if by_first else (moved.ratified[0], ratify))

    def _phase(self, at: int) -> Phase:
        return self.phases[at] if at < len(self.phases) else Phase()

    def _with_phase(self, at: int, phase: Phase) -> "Session":
        return replace(self, phases=(*self.phases[:at], phase, *self.phases[at + 1 :]))

    # -- what this side says

    def next(self, own: Own) -> Said | None:
        """Return what this side's agent says now by itself; None while it is the other's turn, or a person's."""
        state, rounds, told = self.deal.state, self.mechanism.rounds, self.rounds_told()
        match state, own.first:
            case State.INVITED, False:
                return self._reveal(own, "seed", 0, 0, b"")
            case State.SEED_ANSWERED, True:
                return self._first_opens(own, "seed", 0, 0)
            case State.SCORING, False:
                return self._reveal(own, "score", told, 1 + told, b"")
            case State.SCORED, True:
                return self._first_opens(own, "score", told, 1 + told)
            case State.MENU, True if own.places is not None:
                bound = seed.commitment("menu", 0, own.places, seed.nonce(own.secret, "menu", 0))
                return _say(True, pb.Reveal(phase="menu", commitment=bound))
            case State.MENU_BOUND, False if own.places is not None:
                return self._reveal(own, "menu", 0, 1 + rounds, b"")
            case State.MENU_ANSWERED, True:
                return self._open_menu(own)
        return None

    def values(self, own: Own, at: int) -> tuple[int, ...]:
        """Return this side's values of a phase."""
        if at == 0:
            parts = utility.contributions(own.utilities, space.outcomes(self.known()), self.known().sizes)
            return utility.coarse(parts, self.mechanism.seed_bits)
        if at <= self.mechanism.rounds:
            return utility.score(own.utilities, self.candidates(), self.mechanism.score_bits)
        return own.places or ()

    def _reveal(self, own: Own, phase: str, number: int, at: int, bound: bytes) -> Said:
        scored = fingerprint(self.candidates()) if phase == "score" else b""
        opening = seed.nonce(own.secret, phase, number)
        reveal = pb.Reveal(
            phase=phase,
            round=number,
            values=self.values(own, at),
            nonce=opening,
            commitment=bound,
            candidates_sha256=scored,
        )
        return _say(own.first, reveal)

    def _first_opens(self, own: Own, phase: str, number: int, at: int) -> Said:
        """Open what was committed, and commit to the next round's scores, which follow from what is now open."""
        plain = self._reveal(own, phase, number, at, b"")
        if at >= self.mechanism.rounds:
            return plain
        # To know the next candidates, imagine the opening said with any commitment: candidates do not depend on it.
        draft = pb.Reveal.FromString(plain.body)
        draft.commitment = bytes(32)
        ahead = self.after(_say(True, draft))
        values = ahead.values(own, at + 1)
        draft.commitment = seed.commitment("score", at, values, seed.nonce(own.secret, "score", at))
        return _say(True, draft)

    def _open_menu(self, own: Own) -> Said:
        at = 1 + self.mechanism.rounds
        opened = self._with_phase(at, replace(self._phase(at), first=own.places))
        digest = deal.terms_hash(opened.terms())
        reveal = pb.Reveal(phase="menu", values=own.places or (), nonce=seed.nonce(own.secret, "menu", 0))
        reveal.signed.CopyFrom(pb.Sign(terms_sha256=digest, signature=own.sign(digest)))
        return _say(True, reveal)


def invite(own: Own, of: Space, expires_ms: int, mechanism: pb.Mechanism = MECHANISM) -> Said:
    """Return the invitation of the first party."""
    parts = utility.contributions(own.utilities, space.outcomes(of), of.sizes)
    values = utility.coarse(parts, mechanism.seed_bits)
    bound = seed.commitment("seed", 0, values, seed.nonce(own.secret, "seed", 0))
    sent = pb.Invite(space=space.write(of), mechanism=mechanism, expires_ms=expires_ms, commitment=bound)
    return Said(True, "invite", sent.SerializeToString(deterministic=True))


def most_bits(mechanism: pb.Mechanism, of: Space) -> float:
    """How many bits a whole bargain tells the other side, at most."""
    scored = mechanism.rounds * mechanism.candidates * mechanism.score_bits
    return mechanism.seed_bits * sum(of.sizes) + scored + math.log2(math.factorial(mechanism.menu))


def replay(said: tuple[Said, ...]) -> Session:
    """Return the session after these messages."""
    session = Session()
    for one in said:
        session = session.after(one)
    return session


def fingerprint(candidates: tuple[int, ...]) -> bytes:
    """Return the SHA-256 of a list of outcomes."""
    return hashlib.sha256(",".join(map(str, candidates)).encode()).digest()


def _say(by_first: bool, reveal: pb.Reveal) -> Said:
    return Said(by_first, "reveal", reveal.SerializeToString(deterministic=True))


def _hash(value: bytes) -> bytes:
    if len(value) != 32:
        raise MalformedError("a commitment is 32 bytes long")
    return value


def _parsed(kind: type[T], body: bytes) -> T:
    try:
        return kind.FromString(body)
    except DecodeError as fault:
        raise MalformedError("a message of a deal cannot be read") from fault
