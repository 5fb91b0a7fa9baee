"""Mirror: what the agent believes its person wants, how sure it is, and what the community believed before."""

import asyncio
from dataclasses import dataclass, replace

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from weal_node.mind import explanations
from weal_node.mind.edits import shadow
from weal_node.mind.knowledge import known
from weal_node.mind.mind import Mind
from weal_node.records import ScorePart
from weal_node.reward import drift, edit, principles
from weal_node.reward.edit import Edit
from weal_node.reward.head import GRADES, both_ways
from weal_node.store import announcements, gate, questions
from weal_node.web import past
from weal_node.web.page import desk_of, show
from weal_node.web.past import Z80

EVIDENCE = 3  # answers named for each concept


@dataclass(frozen=True, slots=True)
class ConceptRow:
    """A concept: the belief now and before any label, each as mean and 80% interval, in log-odds."""

    name: str
    mean: float
    sd: float
    low: float
    high: float
    before_mean: float
    before_low: float
    before_high: float
    learnt: float  # share of the prior's variance that the labels removed
    title: str = ""  # what it is shown as
    word: str = ""  # a word to offer for it, "" for none
    stands: str = ""  # what the person did to it: "held" or "moved", "" for nothing


def rows(mind: Mind) -> tuple[ConceptRow, ...]:
    """Return every concept, the most learnt first; else in the order of the layout."""
    pairs = zip(mind.concepts(), mind.prior_concepts(), strict=True)
    titles, change = explanations.titles(mind.fitted()), mind.fitted().change
    stands = dict.fromkeys(change.moved, "moved") | dict.fromkeys(change.held, "held")
    made = [
        replace(_row(now, before), title=titles[now.name][0], word=titles[now.name][1], stands=stands.get(now.name, ""))
        for now, before in pairs
    ]
    return tuple(sorted(made, key=lambda row: -round(row.learnt, 3)))


def _row(now: ScorePart, before: ScorePart) -> ConceptRow:
    return ConceptRow(
        name=now.name,
        mean=now.amount,
        sd=now.sd,
        low=now.amount - Z80 * now.sd,
        high=now.amount + Z80 * now.sd,
        before_mean=before.amount,
        before_low=before.amount - Z80 * before.sd,
        before_high=before.amount + Z80 * before.sd,
        learnt=max(0.0, 1.0 - (now.sd / before.sd) ** 2) if before.sd > 0 else 0.0,
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
    rows, on = fitted.model.rows, fitted.features
    clear = np.array(
        [GRADES.get(answer.choice) != 3 for answer in rows.answers], dtype=bool
    )  # an even grade says neither
    found = []
    for said in principles.soft(fitted.features.edits):
        column = on.names.index(said.concept)
        against = principles.conflicting(said.value, rows.design[clear, column], rows.outcome[clear])
        found.append(Principle(said, float(fitted.posterior.mean[column]), against))
    return tuple(found)


async def see(request: Request) -> Response:
    """GET /mirror: a dot and an 80% interval for every concept, against the prior; and the person's hand on it."""
    desk = desk_of(request)
    mind = await desk.minded()
    fitted = mind.fitted()
    shown, forbidden = rows(mind), edit.forbidden(fitted.features.edits)
    span = max((abs(edge) for row in shown for edge in (row.low, row.high, row.before_low, row.before_high)), default=1)
    standing = principles.vetoes(fitted.features.edits)
    audits, told, found, skipped, kept = await desk.database.read(
        lambda connection: (
            gate.audits(connection),
            gate.history(connection),
            gate.discoveries(connection),
            questions.skipped_audits(connection),
            announcements.every(connection),
        )
    )
    return show(
        request,
        "mirror.html",
        evidence=await asyncio.to_thread(explanations.evidence, fitted, EVIDENCE),
        texts={state.id: state.text for state in mind.items()},
        titles={row.name: row.title for row in shown},
        rows=[row for row in shown if row.name not in forbidden],
        span=span or 1.0,
        answer_count=mind.answer_count,
        release=mind.release,
        known=known(mind),
        right=sum(guess.right for _, guess in audits),
        asked=len(audits),
        history=past.history(audits),
        glad=told[0],
        suggested=told[1],
        discovered=found[0],
        shown=found[1],
        skipped=skipped,
        both_ways=len(both_ways(fitted.answers)),
        followed=drift.followed(len(fitted.model.rows.answers)),
        turns=past.turns(mind, kept),
        principles=held_principles(mind),
        vetoes=[(one, sum(one.forbids(state) for state in mind.items())) for one in standing],
        states=len(mind.items()),
        shadows=[await asyncio.to_thread(shadow, fitted, name) for name in forbidden],
        edits=tuple(reversed(fitted.features.edits)),
        veto_ids={said.text: said.id for said in fitted.features.edits if said.kind is edit.Kind.VETO},
        gone=fitted.gone,
    )
