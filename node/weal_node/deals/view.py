"""How a deal looks to its person: options with their own gain, what was said, what they can do now."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from weal_node.deals.drafts import drafted
from weal_node.deals.exchange_cycles import is_chain
from weal_node.deals.fairness import GainPart, Share, evenness, on_offer, parts, shares
from weal_node.deals.narration import ended, line
from weal_node.negotiation import mechanism, space, wording
from weal_node.negotiation.negotiation import Negotiation, Statement
from weal_node.negotiation.space import OptionSpace
from weal_node.store.deals import DealRow
from weal_protocol import deal
from weal_protocol.deal import DealState as Standing
from weal_protocol.v1 import negotiation_pb2


@dataclass(frozen=True, slots=True)
class OptionView:
    """number: from 1, in the menu's order.  text: from this person's side.  gain: over no deal, in log-odds.
    shares: everyone's gain as a share of their best.  evenness: the least of them over the largest.  parts: of the gain."""

    number: int
    text: str
    gain: float
    shares: tuple[Share, ...]
    evenness: float | None
    parts: tuple[GainPart, ...]


@dataclass(frozen=True, slots=True)
class DealView:
    """A deal as its page shows it. gain: of the chosen option.  ratified_by: hex agent keys.  bits: told about one's own
    wishes; at most `bits_most`.  offered: what could be agreed on, in words.  receipts: what was said of the outcome.
    ratify_by_ms: when everyone must have ratified; once the first has, at most `ratify_within_ms` after that.
    waiting: whether our ratification is on its way to the notary.  kept: whether the person said that they did their part.
    space: what could be agreed on, as lines to edit.  free: whether it is somebody's own idea, so that a draft may be made one with others.
    ended: who left it and why, in their words, or that nothing was found.  chain: whether everyone who plans hears of a no.
    stranger: that an invitation is from somebody this person never dealt with, "" where it is not.
    Before the agent enters, on the deal's page: acquaintance: how well the others are known, in words.  careful: whether agents would
    speak as with strangers.  bits_open, bits_careful: the most that either way tells.  manner_open: whether the person may choose.
    On the deal's page too: in_place_of, replaced_by: ids of the invitation that this one is sent in place of, and of the one sent in place of this."""

    id: str
    state: str
    subject: str
    parties: tuple[str, ...]
    names: tuple[str, ...]
    messages: int
    bits: float
    options: tuple[OptionView, ...]
    chosen: OptionView | None
    gain: float | None
    ranked: bool
    ratified_by: tuple[str, ...]
    agreement_sha256: str
    outcome_answer: str
    can: frozenset[str]
    transcript: tuple[str, ...]
    why: str
    bits_most: float
    told: tuple[tuple[str, float], ...]
    offered: tuple[str, ...]
    receipts: tuple[str, ...]
    expires_ms: int
    ratify_by_ms: int
    ratify_within_ms: int
    waiting: bool
    space: str
    free: bool
    ended: str = ""
    chain: bool = False
    acquaintance: str = ""
    stranger: str = ""
    careful: bool = False
    bits_open: float = 0.0
    bits_careful: float = 0.0
    manner_open: bool = False
    in_place_of: str = ""
    replaced_by: str = ""
    kept: bool = False


def view(row: DealRow, stands: Negotiation, own_key: bytes, name_of: Callable[[bytes], str], now_ms: int) -> DealView:
    """Return the page's picture of a deal."""
    of = stands.space or drafted(row, own_key)
    parties = of.parties
    names = names_of(of, own_key, name_of)
    options = _options(row, stands, names)
    chosen_outcome = stands.chosen()
    chosen = options[stands.menu().index(chosen_outcome)] if chosen_outcome is not None else None
    expired = 0 < stands.ratify_by() < now_ms and stands.deal.state not in deal.IN_FORCE and not stands.deal.over
    gone = row.dismissed and not row.said  # a draft that somebody said no to
    ratified = tuple(party.hex() for party, one in zip(parties, stands.ratified, strict=False) if one is not None)
    agreement = stands.agreement()
    return DealView(
        id=row.id.hex(),
        state="expired" if expired else Standing.DECLINED.value if gone else stands.deal.state.value,
        subject=of.subject,
        parties=tuple(party.hex() for party in parties),
        names=names,
        messages=len(row.said),
        bits=stands.bits_told(row.party),
        options=options,
        chosen=chosen,
        gain=chosen.gain if chosen else None,
        ranked=row.places is not None,
        ratified_by=ratified,
        agreement_sha256=deal.agreement_hash(agreement).hex() if agreement else "",
        outcome_answer=row.outcome_answer,
        can=frozenset() if expired or gone else _can(row, stands, row.pending is not None or own_key.hex() in ratified),
        transcript=tuple(line(Statement(*one), _speaker(one[0], row, names), of, names) for one in row.said),
        why=row.why,
        bits_most=mechanism.most_bits(stands.mechanism, of) if row.said else 0.0,
        told=tuple((name, stands.bits_told(party)) for party, name in enumerate(names)) if row.said else (),
        offered=on_offer(of, names),
        receipts=tuple(_receipt(Statement(*one), names) for one in row.said if one[1] == "receipt"),
        expires_ms=stands.expires_ms,
        ratify_by_ms=stands.ratify_by(),
        ratify_within_ms=stands.ratify_within_ms,
        waiting=row.pending is not None,
        space=wording.lines(of, names),
        free=is_free(of),
        kept=row.kept_ms > 0,
        ended=ended(row, stands, names),
        chain=is_chain(row.id, of),
    )


def is_free(of: OptionSpace) -> bool:
    """Whether a draft is the person's own idea, and not found in the notes of those it is between."""
    return not of.sources


def names_of(of: OptionSpace, own_key: bytes, name_of: Callable[[bytes], str]) -> tuple[str, ...]:
    """Return the parties' names, this person's as "you"; a name that is not theirs alone comes with some of the key."""
    plain = ["you" if party == own_key else name_of(party) for party in of.parties]
    return tuple(
        name if plain.count(name) == 1 else f"{name} {party.hex()[:12]}"
        for name, party in zip(plain, of.parties, strict=True)
    )


def on_the_table(row: DealRow, stands: Negotiation) -> bytes:
    """Return the SHA-256 of what a person decides about: the space, the menu, the terms. An approval is for this alone."""
    of = space.write(stands.space).SerializeToString(deterministic=True) if stands.space else b""
    terms = stands.terms() if stands.chosen() is not None else b""
    parts = (row.mine.encode(), row.theirs.encode(), row.space or b"", of, repr(stands.menu()).encode(), terms)
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def _options(row: DealRow, stands: Negotiation, names: tuple[str, ...]) -> tuple[OptionView, ...]:
    if stands.space is None or row.utilities is None:
        return ()
    of, gains = stands.space, row.utilities
    found = []
    for number, outcome in enumerate(stands.menu(), start=1):
        text, gain = wording.outcome(of, space.option(of, outcome), names), float(gains[outcome])
        each = shares(stands, row, outcome, names)
        made_of = parts(stands, row, outcome, names)
        found.append(OptionView(number, text, gain, each, evenness(each), made_of))
    return tuple(found)


def _can(row: DealRow, stands: Negotiation, has_ratified: bool) -> frozenset[str]:
    found = set()
    state = stands.deal.state
    waiting = row.utilities is None
    if waiting and (state is Standing.DRAFT or (state is Standing.INVITED and row.party > 0)):
        found |= {"enter", "decline"}
        if state is Standing.DRAFT and row.party == 0:
            found.add("edit")
        if state is Standing.INVITED:
            found.add("counter")
    if row.places is None and state in {Standing.MENU, Standing.MENU_BOUND}:
        found.add("rank")
    if state in {Standing.AGREED, Standing.HALF_RATIFIED} and not has_ratified:
        found.add("ratify")
    if deal.Move.CANCEL in deal.MOVES[state] and not (waiting and row.party > 0) and not has_ratified:
        found.add("cancel")
    if state in deal.IN_FORCE and (row.party, deal.Move.FULFIL) not in stands.deal.moves:
        found.add("fulfil")
        if (row.party, deal.Move.DISPUTE) not in stands.deal.moves:
            found.add("dispute")
    if state in deal.IN_FORCE and not row.kept_ms:
        found.add("keep")
    if state in deal.IN_FORCE and not row.outcome_answer:
        found.add("rate")
    return frozenset(found)


def _receipt(one: Statement, names: tuple[str, ...]) -> str:
    said, who = negotiation_pb2.Receipt.FromString(one.body), names[one.party]
    who = "You say" if who == "you" else f"{who} says"
    if said.fulfilled:
        return f"{who} that the others did their part."
    return f"{who} that the others did not do their part{f': {said.reason[:200]}' if said.reason else '.'}"


def _speaker(party: int, row: DealRow, names: tuple[str, ...]) -> str:
    return "Your agent" if party == row.party else names[party]
