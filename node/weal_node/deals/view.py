"""From a deal as it is now to what its person sees (views.py), on pages and as JSON."""

from dataclasses import asdict
from typing import Any

from weal_node.deals import acts
from weal_node.deals.context import Context
from weal_node.deals.drafts import is_free
from weal_node.deals.exchange_cycles import is_chain
from weal_node.deals.fairness import evenness, on_offer, parts, shares
from weal_node.deals.narration import ended, line, receipt_line
from weal_node.deals.next_step import next_step
from weal_node.deals.situation import Situation
from weal_node.deals.states import EXPIRED, DealPhase, phase, row_of
from weal_node.deals.views import (
    AboutView,
    DealView,
    DisclosedView,
    EntryView,
    LinksView,
    Names,
    OptionView,
    OutcomeView,
    RatificationView,
)
from weal_node.negotiation import mechanism, space, wording
from weal_node.negotiation.negotiation import Statement
from weal_protocol import deal
from weal_protocol.deal import DealState


def view(context: Context, situation: Situation) -> DealView:
    """Return the picture of a deal; what only its page shows is filled in by queries.py."""
    names, negotiation = context.names(situation.options.parties), situation.negotiation
    options, outcome = _options(situation, names), negotiation.chosen()
    can = acts.possible(situation)
    names_of_acts = frozenset(act.name for act in can)
    return DealView(
        id=situation.row.id.hex(),
        state=_shown_state(situation),
        can=names_of_acts,
        forms=tuple((act.name, act.form) for act in can if act.form is not None),
        next=next_step(situation, names_of_acts, names),
        about=_about(situation, names),
        options=options,
        chosen=options[negotiation.menu().index(outcome)] if outcome is not None else None,
        ranked=situation.row.places is not None,
        disclosed=_disclosed(situation, names),
        ratification=_ratification(situation),
        outcome=_outcome(situation, names),
        entry=EntryView(),
        links=LinksView(),
    )


def _shown_state(situation: Situation) -> str:
    if situation.expired:
        return EXPIRED
    return (DealState.DECLINED if situation.dropped else situation.state).value


def _options(situation: Situation, names: Names) -> tuple[OptionView, ...]:
    row, negotiation = situation.row, situation.negotiation
    if negotiation.space is None or row.utilities is None:
        return ()
    options = []
    for number, outcome in enumerate(negotiation.menu(), start=1):
        text = wording.outcome(negotiation.space, space.option(negotiation.space, outcome), names)
        each = shares(negotiation, row, outcome, names)
        made_of = parts(negotiation, row, outcome, names)
        gain = float(row.utilities[outcome])
        options.append(OptionView(number, text, gain, each, evenness(each), made_of))
    return tuple(options)


def _about(situation: Situation, names: Names) -> AboutView:
    row, options = situation.row, situation.options
    return AboutView(
        subject=options.subject,
        parties=tuple(map(bytes.hex, options.parties)),
        names=names,
        why=row.why,
        offered=on_offer(options, names),
        lines=wording.lines(options, names),
        free=is_free(options),
        chain=is_chain(row.id, options),
        expires_ms=situation.negotiation.expires_ms,
        ended=ended(row, situation.negotiation, names),
    )


def _disclosed(situation: Situation, names: Names) -> DisclosedView:
    row, negotiation, options = situation.row, situation.negotiation, situation.options
    transcript = []
    for message in row.said:
        speaker = "Your agent" if message[0] == row.party else names[message[0]]
        transcript.append(line(Statement(*message), speaker, options, names))
    bits = tuple(map(negotiation.bits_disclosed, range(len(names)))) if row.said else ()
    return DisclosedView(
        transcript=tuple(transcript),
        messages=len(row.said),
        bits=negotiation.bits_disclosed(row.party),
        bits_most=mechanism.most_bits(negotiation.mechanism, options) if row.said else 0.0,
        by_party=tuple(zip(names, bits, strict=False)),  # of a draft nobody's
    )


def _ratification(situation: Situation) -> RatificationView:
    negotiation, parties = situation.negotiation, situation.options.parties
    ratified = zip(parties, negotiation.ratified, strict=False)  # of a draft nobody's is known
    agreement = negotiation.agreement()
    return RatificationView(
        open=phase(situation.state) is DealPhase.RATIFYING and not situation.expired,
        ratified_by=tuple(party.hex() for party, word in ratified if word is not None),
        by_ms=negotiation.ratify_by(),
        within_ms=negotiation.ratify_within_ms,
        waiting=situation.row.pending is not None,
        agreement_sha256=deal.agreement_hash(agreement).hex() if agreement else "",
    )


def _outcome(situation: Situation, names: Names) -> OutcomeView:
    row = situation.row
    receipts = [receipt_line(Statement(*message), names) for message in row.said if message[1] == "receipt"]
    return OutcomeView(tuple(receipts), row.kept_ms > 0, row.outcome_answer)


def as_json(shown: DealView) -> dict[str, Any]:
    """Return a deal for /api/deals: flat, under the names that were given out first."""
    about, disclosed, entry = asdict(shown.about), shown.disclosed, shown.entry
    kept = ("subject", "parties", "names", "why", "offered", "free", "chain", "expires_ms")
    word = shown.ratification
    return {name: about[name] for name in kept} | {
        "id": shown.id,
        "state": shown.state,
        "messages": disclosed.messages,
        "bits": disclosed.bits,
        "options": [asdict(option) for option in shown.options],
        "chosen": asdict(shown.chosen) if shown.chosen else None,
        "gain": shown.gain,
        "ranked": shown.ranked,
        "ratified_by": word.ratified_by,
        "agreement_sha256": word.agreement_sha256,
        "outcome_label": shown.outcome.answer,
        "can": sorted(shown.can),
        "transcript": disclosed.transcript,
        "bits_most": disclosed.bits_most,
        "told": disclosed.by_party,
        "receipts": shown.outcome.receipts,
        "ratify_by_ms": word.by_ms,
        "ratify_within_ms": word.within_ms,
        "waiting": word.waiting,
        "space": shown.about.lines,
        "acquaintance": entry.trust,
        "stranger": entry.stranger,
        "careful": entry.offers_only,
        "bits_open": entry.bits_scoring,
        "bits_careful": entry.bits_offers,
        "manner_open": entry.may_choose,
        "in_place_of": shown.links.in_place_of,
        "replaced_by": shown.links.replaced_by,
        "kept": shown.outcome.kept,
        "standing": row_of(shown.state).chip,
        "next": shown.next.words,
        "waits_for_you": shown.next.for_person,
        "ended": shown.next.ended,
    }
