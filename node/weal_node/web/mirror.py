"""Mirror: what the agent knows of its person in sentences, each with the answers under it; the exact numbers behind a fold."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from weal_node.mind import explanations, wording
from weal_node.mind.edits import shadow
from weal_node.mind.knowledge import known
from weal_node.mind.mind import Mind
from weal_node.mind.sentences import Sentence, portrait
from weal_node.mind.subjects import Kind
from weal_node.mind.track_record import track_record
from weal_node.records import ScorePart
from weal_node.reward import drift, edit, principles
from weal_node.reward.edit import Edit
from weal_node.reward.head import GRADES, both_ways
from weal_node.web import past
from weal_node.web.items import texts_of
from weal_node.web.page import desk_of, show
from weal_node.web.past import Z80

EVIDENCE = 3  # answers named for each concept
FEW = 2  # answers under each sentence
HARDLY = 0.02  # share learnt below which a concept is folded away: chosen, what one answer about something else tells


@dataclass(frozen=True, slots=True)
class ConceptRow:
    """A concept: the belief now and before any answer, each as mean and 80% interval, in log-odds."""

    name: str
    mean: float
    sd: float
    low: float
    high: float
    before_mean: float
    before_low: float
    before_high: float
    learnt: float  # share of the prior's variance that the answers removed
    title: str = ""  # what it is shown as
    stands: str = ""  # what the person did to it: "held" or "moved", "" for nothing


def rows(mind: Mind) -> tuple[ConceptRow, ...]:
    """Return every concept, the most learnt first; else in the order of the layout."""
    fitted = mind.fitted()
    titles, change = explanations.titles(fitted, mind.language), fitted.change
    stands = dict.fromkeys(change.moved, "moved") | dict.fromkeys(change.held, "held")
    made = []
    scaled = np.sqrt(np.diag(fitted.model.prior.covariance)).tolist()
    for now, before, sd in zip(mind.concepts(), mind.prior_concepts(), scaled, strict=True):
        made.append(replace(_row(now, before, sd), title=titles[now.name], stands=stands.get(now.name, "")))
    return tuple(sorted(made, key=lambda row: -round(row.learnt, 3)))


def _row(now: ScorePart, before: ScorePart, scaled: float) -> ConceptRow:
    """scaled: prior sd with the scale that the answers tell of, against which something is learnt: how much it may matter is no knowledge yet."""
    return ConceptRow(
        name=now.name,
        mean=now.amount,
        sd=now.sd,
        low=now.amount - Z80 * now.sd,
        high=now.amount + Z80 * now.sd,
        before_mean=before.amount,
        before_low=before.amount - Z80 * before.sd,
        before_high=before.amount + Z80 * before.sd,
        learnt=max(0.0, 1.0 - (now.sd / scaled) ** 2) if scaled > 0 else 0.0,
    )


@dataclass(frozen=True, slots=True)
class Principle:
    """A soft principle as the page shows it. against: how many answers say the opposite, 0 for too few to say."""

    edit: Edit
    weight: float
    against: int


def held_principles(mind: Mind) -> tuple[Principle, ...]:
    """Return the soft principles, each with what answers made of it."""
    fitted = mind.fitted()
    rows, space = fitted.model.rows, fitted.features
    clear = np.array([GRADES.get(answer.choice) != 3 for answer in rows.answers], bool)  # an even grade says neither
    shown = []
    for principle in principles.soft(space.edits):
        column = space.names.index(principle.concept)
        against = principles.conflicting(principle.value, rows.design[clear, column], rows.outcome[clear])
        shown.append(Principle(principle, float(fitted.posterior.mean[column]), against))
    return tuple(shown)


async def see(request: Request) -> Response:
    """GET /mirror: the sentences that tell most, what is not known on one line, what the person holds to; every concept's exact numbers in a fold."""
    desk = desk_of(request)
    mind = await desk.minded()
    fitted = mind.fitted()
    record = await track_record(desk.database, fitted, mind.language)
    return show(
        request,
        "mirror.html",
        evidence=await asyncio.to_thread(explanations.evidence, fitted, EVIDENCE),
        portrait=await _portrait(mind),
        texts=texts_of(mind),
        answer_count=mind.answer_count,
        release=mind.release,
        known=known(mind),
        both_ways=len(both_ways(fitted.answers)),
        followed=drift.followed(len(fitted.model.rows.answers)),
        gone=fitted.gone,
        right=sum(guess.right for _, guess in record.audits),
        asked=len(record.audits),
        turns=past.turns(record.changes),
        **await _beliefs(mind),
        **_rules(mind),
    )


@dataclass(frozen=True, slots=True)
class ShownSentence:
    """A sentence as the page shows it.

    address: of its own page.  answers: those that say it most clearly, as words.  but: the one that most says the opposite, None for none.
    more: how many others bear on it.
    stands: what the person did to it, "" for nothing.  item: id of the text that it quotes, "" for none."""

    sentence: Sentence
    address: str
    answers: tuple[tuple[str, str, str], ...]
    but: tuple[str, str, str] | None
    more: int
    stands: str
    item: str

    @property
    def is_concept(self) -> bool:
        """Whether the person can hold it or say that it is not so."""
        return self.sentence.kind in (Kind.OWN, Kind.PUBLIC)


async def _portrait(mind: Mind) -> dict[str, Any]:
    """Return what the page says in words."""
    fitted, texts = mind.fitted(), texts_of(mind)
    made, shown = await asyncio.to_thread(portrait, fitted, mind.language), []
    for sentence in made.sentences:
        few, against = sentence.speaking(FEW)
        said = tuple(wording.answer(answer, texts) for answer in few)
        but = wording.answer(against, texts) if against else None
        address = f"/mirror/about?{urlencode({'what': sentence.key})}"
        stands = "held by you" if sentence.key in fitted.change.held else ""
        item = sentence.key if sentence.kind is Kind.EXAMPLE else ""
        more = sentence.bearing - len(few) - (against is not None)
        shown.append(ShownSentence(sentence, address, said, but, more, stands, item))
    return {"sentences": tuple(shown), "unknown": made.unknown, "alike": made.alike}


async def _beliefs(mind: Mind) -> dict[str, Any]:
    """Return every concept that is not forbidden, and of those that are, what is left of them elsewhere."""
    fitted = mind.fitted()
    forbidden, shown = edit.forbidden(fitted.features.edits), []
    titles = explanations.titles(fitted, mind.language)
    span = 0.0
    for row in rows(mind):
        span = max(span, abs(row.low), abs(row.high), abs(row.before_low), abs(row.before_high))
        if row.name not in forbidden:
            shown.append(row)
    shadows = [await asyncio.to_thread(shadow, fitted, name) for name in forbidden]
    learnt = [row for row in shown if row.learnt >= HARDLY or row.stands]
    unknown = [row for row in shown if row not in learnt]
    return {"rows": learnt, "unknown": unknown, "titles": titles, "span": span or 1.0, "shadows": shadows}


def _rules(mind: Mind) -> dict[str, Any]:
    """Return what the person holds to and rules out, and every change of theirs, the newest first."""
    edits, items, veto_ids = mind.fitted().features.edits, mind.items(), {}
    for change in edits:
        if change.kind is edit.Kind.VETO:
            veto_ids[change.text] = change.id
    return {
        "principles": held_principles(mind),
        "vetoes": [(veto, sum(map(veto.forbids, items))) for veto in principles.vetoes(edits)],
        "veto_ids": veto_ids,
        "states": len(items),
        "edits": tuple(reversed(edits)),
    }
