"""One deal of two or more, as everyone sees it: a pure function of what was said.

    invite (bound to its seed) -> everyone binds and opens a seed -> rounds of scores -> menu -> people rank -> terms -> people ratify
    or, among strangers: invite -> offer -> offer ... -> accept -> terms -> people ratify

State is never stored: it is replayed from the transcript (replay.py), so a node that was killed anywhere goes on where it was.
What one side's agent says next is in `speak`.
"""

import math
from dataclasses import dataclass, field, replace

from weal_node.negotiation import ballots, exchange, mechanism, seed, space, transcript
from weal_node.negotiation.exchange import Phase, Public
from weal_node.negotiation.mechanism import Step
from weal_node.negotiation.space import OptionSpace
from weal_node.negotiation.transcript import OwnSide, Statement, Values, parsed
from weal_protocol import deal, signing
from weal_protocol.deal import Deal, DealState, Move
from weal_protocol.errors import MalformedError, UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2

__all__ = ["Negotiation", "OwnSide", "Statement"]
MOVES_OF_KIND = {
    "invite": Move.INVITE,
    "decline": Move.DECLINE,
    "ratify": Move.RATIFY,
    "cancel": Move.CANCEL,
    "outcome": Move.OUTCOME,
}


@dataclass(frozen=True, slots=True)
class Negotiation:
    """All that was said in a deal and what follows from it. `after` takes a message of any party."""

    said: tuple[Statement, ...] = ()
    deal: Deal = field(default_factory=Deal)
    space: OptionSpace | None = None
    mechanism: negotiation_pb2.Mechanism = field(default_factory=negotiation_pb2.Mechanism)
    expires_ms: int = 0
    ratify_within_ms: int = 0  # of the first ratification
    phases: tuple[Phase, ...] = ()  # one for each of the mechanism's steps
    nonces: tuple[bytes, ...] = ()  # of the seed, by party
    public: Public | None = None  # what everyone knows, once the seed is open
    offers: tuple[tuple[int, int], ...] = ()  # (party, outcome)
    accepted: int = 0  # how many have accepted the last offer
    signed: tuple[negotiation_pb2.Sign | None, ...] = (None, None)
    ratified: tuple[negotiation_pb2.Ratify | None, ...] = (None, None)

    # -- what all sides compute alike

    def known(self) -> OptionSpace:
        """Return the space; UnlawfulMoveError before there is one."""
        if self.space is None:
            raise UnlawfulMoveError("there is no deal yet")
        return self.space

    def at(self) -> int:
        """Which exchange is open."""
        return sum(phase.all_opened() is not None for phase in self.phases)

    def step(self) -> Step:
        """The phase and number of the exchange that is open; UnlawfulMoveError when none is."""
        steps = mechanism.steps(self.mechanism)
        if self.space is None or self.at() >= len(steps):
            raise UnlawfulMoveError("values were opened when no exchange is open")
        return steps[self.at()]

    def candidates(self) -> Values:
        """The outcomes to score in the round that is open."""
        return self.public.asked if self.public else ()

    def menu(self) -> Values:
        """The options shown to people, best first; empty when nothing is better than no deal for everyone."""
        if self.offers:
            return () if (outcome := self.chosen()) is None else (outcome,)
        return self.public.menu(self.mechanism.menu) if self.public and not self.public.left else ()

    def chosen(self) -> int | None:
        """The outcome that people's ranks, or agents' offers, chose; None before."""
        if self.offers:
            return self.offers[-1][1] if self.accepted == self.deal.parties - 1 else None
        ranks = self.phases[-1].all_opened() if self.phases else None
        if ranks is None or self.public is None:
            return None
        menu = self.menu()
        return ballots.settle(menu, ranks, tuple(map(self.public.gains, menu)))

    def terms(self) -> bytes:
        """The serialised terms; all sides derive the same bytes. UnlawfulMoveError before an option is chosen."""
        outcome = self.chosen()
        if outcome is None:
            raise UnlawfulMoveError("no option has been chosen yet")
        sent = negotiation_pb2.Terms(
            space=space.write(self.known()),
            option=space.option(self.known(), outcome),
            expires_ms=self.expires_ms,
            transcript=transcript.digest(self.said),
            ratify_within_ms=self.ratify_within_ms,
        )
        return sent.SerializeToString(deterministic=True)

    def agreement(self) -> negotiation_pb2.Agreement | None:
        """The agreement with all signatures, None while one is missing."""
        if self.deal.state not in deal.IN_FORCE or None in self.signed or None in self.ratified:
            return None
        return negotiation_pb2.Agreement(
            terms=self.terms(),
            signed=filter(None, self.signed),
            ratified=filter(None, self.ratified),
        )

    def ratify_by(self) -> int:
        """Return the Unix time (ms) by which every human must have ratified: earlier once the first has."""
        return deal.ratify_by(list(filter(None, self.ratified)), self.ratify_within_ms, self.expires_ms)

    def bits_disclosed(self, party: int) -> float:
        """How many bits one side has disclosed about its own utilities so far, at most."""
        opened = exchange.disclosed(self.mechanism, self.space.sizes if self.space else (), self.phases, party)
        offered = self._offers_by(party)
        return opened + (offered * math.log2(max(self.known().size, 2)) if offered else 0.0)

    def _offers_by(self, party: int) -> int:
        return [offering for offering, _ in self.offers].count(party)

    # -- taking a message

    def after(self, statement: Statement) -> "Negotiation":
        """Return the negotiation with this message; a PeerError names what is wrong with it."""
        match statement.kind:
            case "invite":
                return self._invited(statement, parsed(negotiation_pb2.Invite, statement.body))
            case "reveal":
                return self._revealed(statement, parsed(negotiation_pb2.Reveal, statement.body))
            case "offer" | "accept":
                return self._offered(statement, parsed(negotiation_pb2.Offer, statement.body))
            case "ratify":
                return self._ratified(statement, parsed(negotiation_pb2.Ratify, statement.body))
            case "receipt":
                return self._receipted(statement, parsed(negotiation_pb2.Receipt, statement.body))
        move = MOVES_OF_KIND.get(statement.kind)
        if move is None:
            raise MalformedError(f"a message of kind {statement.kind} has no place in a deal")
        if move is Move.DECLINE and self.deal.state is DealState.OFFERING:
            move = Move.GIVE_UP
        return self._heard(statement, move)

    def _heard(self, statement: Statement, move: Move) -> "Negotiation":
        return replace(self, said=(*self.said, statement), deal=self.deal.after(move, statement.party))

    def _invited(self, statement: Statement, invite: negotiation_pb2.Invite) -> "Negotiation":
        moved = self._heard(statement, Move.INVITE)
        by, options = mechanism.check(invite.mechanism), space.read(invite.space)
        steps, many = mechanism.steps(by), len(options.parties)
        if bool(steps) != (len(invite.commitment) == 32):
            raise MalformedError("an invitation is not bound to its seed")
        if not 0 <= invite.ratify_within_ms <= deal.LONGEST_TO_RATIFY_MS:
            raise MalformedError("an invitation leaves too long between the first ratification and the last")
        if len(invite.answers) not in {0, 16}:
            raise MalformedError("an invitation is in place of none that there could be")
        nobody: tuple[None, ...] = (None,) * many
        phases = [Phase((b"",) * many, nobody)] * len(steps)
        if phases:
            phases[0] = replace(phases[0], committed=(invite.commitment, *phases[0].committed[1:]))
        return replace(
            moved,
            deal=replace(moved.deal, parties=many),
            space=options,
            mechanism=by,
            expires_ms=invite.expires_ms,
            ratify_within_ms=invite.ratify_within_ms,
            phases=tuple(phases),
            nonces=(b"",) * many,
            signed=nobody,
            ratified=nobody,
        )

    def _revealed(self, statement: Statement, reveal: negotiation_pb2.Reveal) -> "Negotiation":
        at, step = self.at(), self.step()
        if (reveal.phase, reveal.round) != step:
            raise UnlawfulMoveError("values were opened that were not asked for")
        if not reveal.nonce:
            between = 0 < statement.party < self.deal.parties - 1
            moved = self._heard(statement, Move.BIND if between else Move.BIND_MENU)
            return moved._bound(at, statement.party, reveal.commitment)
        move = self._opening(at, statement.party)
        self.deal.after(move, statement.party)  # whose turn it is comes before what was said
        moved = self.opened(at, statement.party, reveal)
        if statement.party == 0 and at < len(self.phases) - 2:
            moved = moved._bound(at + 1, 0, reveal.commitment)
        if move is Move.LAST_SCORE and not moved.menu():
            move = Move.LAST_SCORE_NO_DEAL
        if move is Move.OPEN_MENU and moved.chosen() is None:
            move = Move.OPEN_MENU_NO_DEAL
        moved = replace(moved, said=(*self.said, statement), deal=self.deal.after(move, statement.party))
        return moved._signed(0, reveal.signed) if move is Move.OPEN_MENU else moved

    def _opening(self, at: int, party: int) -> Move:
        """Return which move an opening is."""
        last = len(self.phases) - 1
        if 0 < party < self.deal.parties - 1:
            return Move.OPEN
        if at == last:
            return Move.RANK if party else Move.OPEN_MENU
        if at == 0:
            return Move.SEED
        return Move.LAST_SCORE if at == last - 1 and party == 0 else Move.SCORE

    def _bound(self, at: int, party: int, commitment: bytes) -> "Negotiation":
        return self._with_phase(at, self.phases[at].bound(party, commitment))

    def opened(self, at: int, party: int, reveal: negotiation_pb2.Reveal) -> "Negotiation":
        """Take one party's values; when they complete an exchange, what everyone knows grows."""
        phase, values, sizes = self.phases[at], tuple(reveal.values), self.known().sizes
        exchange.check_values(self.mechanism, sizes, self.candidates(), self.menu(), reveal)
        if party < self.deal.parties - 1:
            seed.check_opening(phase.committed[party], reveal.phase, reveal.round, values, reveal.nonce)
        elif len(reveal.nonce) != 32:
            raise MalformedError("a nonce is 32 bytes long")
        moved = self._with_phase(at, phase.with_opened(party, values))
        if reveal.phase == "seed":
            moved = replace(moved, nonces=(*self.nonces[:party], reveal.nonce, *self.nonces[party + 1 :]))
        everyones = moved.phases[at].all_opened()
        if everyones is None:
            return moved
        known = exchange.learnt(self.public, self.mechanism, sizes, moved.nonces, reveal.phase, everyones)
        return replace(moved, public=known)

    def _offered(self, statement: Statement, offer: negotiation_pb2.Offer) -> "Negotiation":
        accepts, last = statement.kind == "accept", self.accepted == self.deal.parties - 2
        if self.space is None or self.mechanism.name != mechanism.CONCESSION:
            raise UnlawfulMoveError("an offer was made where none are")
        moved = self._heard(statement, (Move.LAST_ACCEPT if last else Move.ACCEPT) if accepts else Move.OFFER)
        outcome = space.outcome(self.space, tuple(offer.option))
        if accepts:
            if not self.offers or self.offers[-1][1] != outcome:
                raise UnlawfulMoveError("what was accepted is not the standing offer")
            return replace(moved, accepted=self.accepted + 1)
        if self._offers_by(statement.party) >= self.mechanism.rounds:
            raise UnlawfulMoveError("this party has made all its offers")
        return replace(moved, offers=(*self.offers, (statement.party, outcome)), accepted=0)

    def _signed(self, party: int, signed: negotiation_pb2.Sign) -> "Negotiation":
        digest = deal.terms_hash(self.terms())
        if signed.terms_sha256 != digest:
            raise MalformedError("another side signed other terms")
        signing.verify(self.known().parties[party], "terms-agent", digest, signed.signature)
        return replace(self, signed=(*self.signed[:party], signed, *self.signed[party + 1 :]))

    def _ratified(self, statement: Statement, ratify: negotiation_pb2.Ratify) -> "Negotiation":
        """The human's signature is checked by the caller, who knows their key (deals/ratification.py)."""
        moved = self._heard(statement, Move.RATIFY)
        if ratify.terms_sha256 != deal.terms_hash(self.terms()):
            raise MalformedError("another side ratified other terms")
        if not 0 < ratify.ratified_ms <= self.expires_ms:
            raise UnlawfulMoveError("a ratification came after the deal had expired")
        deal.check_together((ratify, *filter(None, self.ratified)), self.ratify_within_ms)
        moved = moved if self.signed[statement.party] else moved._signed(statement.party, ratify.signed)
        return replace(
            moved, ratified=(*self.ratified[: statement.party], ratify, *self.ratified[statement.party + 1 :])
        )

    def _receipted(self, statement: Statement, receipt: negotiation_pb2.Receipt) -> "Negotiation":
        """The human's signature is checked by the caller, as a ratification's."""
        moved = self._heard(statement, Move.FULFIL if receipt.fulfilled else Move.DISPUTE)
        if receipt.terms_sha256 != deal.terms_hash(self.terms()):
            raise MalformedError("a receipt is about other terms")
        return moved

    def _with_phase(self, at: int, phase: Phase) -> "Negotiation":
        return replace(self, phases=(*self.phases[:at], phase, *self.phases[at + 1 :]))
