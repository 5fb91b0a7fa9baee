"""One deal at one moment: what is stored of it, its negotiation, and what can be asked of the two. Pure but for `load`."""

import hashlib
import sqlite3
from dataclasses import dataclass

from weal_node.deals.context import Context
from weal_node.deals.dialogue import loaded
from weal_node.deals.drafts import drafted
from weal_node.negotiation import space
from weal_node.negotiation.negotiation import Negotiation
from weal_node.negotiation.space import OptionSpace
from weal_node.store.deals import DealRow
from weal_protocol.deal import IN_FORCE, DealState, Move


@dataclass(frozen=True, slots=True)
class Situation:
    """A deal as its person's acts find it.

    options: what could be agreed on: of the invitation, before there is one as drafted.
    guests: which of its parties are guests.
    now_ms: the moment.
    """

    row: DealRow
    negotiation: Negotiation
    options: OptionSpace
    guests: frozenset[bytes]
    now_ms: int

    @property
    def state(self) -> DealState:
        """Where the deal is by its transcript."""
        return self.negotiation.deal.state

    @property
    def in_force(self) -> bool:
        """Whether everyone has ratified in time."""
        return self.state in IN_FORCE

    @property
    def expired(self) -> bool:
        """Whether the time to ratify ran out before everyone had."""
        open_still = not self.in_force and not self.negotiation.deal.over
        return open_still and 0 < self.negotiation.ratify_by() < self.now_ms

    @property
    def dropped(self) -> bool:
        """Whether it is a draft that somebody said no to."""
        return self.row.dismissed and not self.row.said

    @property
    def invited(self) -> bool:
        """Whether another invited this person."""
        return self.state is DealState.INVITED and self.row.party > 0

    @property
    def entered(self) -> bool:
        """Whether the person has let their agent negotiate."""
        return self.row.utilities is not None

    @property
    def ratified(self) -> bool:
        """Whether the person has ratified, though it may be on its way to the notary still."""
        negotiation = self.negotiation
        return self.row.pending is not None or (
            negotiation.space is not None and negotiation.ratified[self.row.party] is not None
        )

    def has_said(self, move: Move) -> bool:
        """Whether this side has made this move."""
        return (self.row.party, move) in self.negotiation.deal.moves

    def fingerprint(self) -> bytes:
        """Return the SHA-256 of what a person decides about: the space, the menu, the terms. An approval is for this alone."""
        row, negotiation = self.row, self.negotiation
        sent = space.pack(negotiation.space) if negotiation.space else b""
        terms = negotiation.terms() if negotiation.chosen() is not None else b""
        parts = (
            row.mine.encode(),
            row.theirs.encode(),
            row.space or b"",
            sent,
            repr(negotiation.menu()).encode(),
            terms,
        )
        return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def situation_of(context: Context, row: DealRow, negotiation: Negotiation) -> Situation:
    """Return a deal as it is now."""
    options = negotiation.space or drafted(row, context.own_key)
    guests = frozenset(party for party in options.parties if context.post.is_guest(party))
    return Situation(row, negotiation, options, guests, context.clock())


def load(context: Context, connection: sqlite3.Connection, deal_id: str) -> Situation:
    """Return the deal of this id in hex; NotFoundError where there is none."""
    return situation_of(context, *loaded(connection, deal_id))
