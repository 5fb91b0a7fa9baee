"""Mirror: what the agent believes its person wants, how sure it is, and what the community believed before."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from weal_node.loop import reasons
from weal_node.loop.control import shadow
from weal_node.loop.judge import Mind, counts
from weal_node.loop.learn import learn
from weal_node.records import Part
from weal_node.reward import drift, edit, principles
from weal_node.reward.edit import Edit
from weal_node.reward.head import both_ways
from weal_node.store import gate, questions
from weal_node.web.page import desk_of, show
from weal_node.web.teach import known

Z80 = 1.2815515655446004  # half width of the central 80% of a Gaussian, in sd


@dataclass(frozen=True, slots=True)
class Row:
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


def rows(mind: Mind) -> tuple[Row, ...]:
    """Return every concept, the most learnt first; else in the order of the layout."""
    pairs = zip(mind.concepts(), mind.prior_concepts(), strict=True)
    titles, change = reasons.titles(mind.belief()), mind.belief().change
    stands = dict.fromkeys(change.moved, "moved") | dict.fromkeys(change.held, "held")
    made = [
        replace(_row(now, before), title=titles[now.name][0], word=titles[now.name][1], stands=stands.get(now.name, ""))
        for now, before in pairs
    ]
    return tuple(sorted(made, key=lambda row: -round(row.learnt, 3)))


def _row(now: Part, before: Part) -> Row:
    return Row(
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


def changes_seen(mind: Mind) -> tuple[str, ...]:
    """Return sentences about how the person seems to have changed, none while they do not."""
    belief = mind.belief()
    since = belief.drift.since
    if since is None:
        return ()
    labels = belief.model.rows.labels
    before = learn(belief.ground, labels[:since]).posterior
    now = belief.posterior
    moved = np.abs(now.mean - before.mean) / np.sqrt(np.diag(before.covariance) + 1e-12)
    titles = reasons.titles(belief)
    most = [titles[belief.ground.names[column]][0] for column in np.argsort(-moved)[:2] if moved[column] > 0]
    when = datetime.fromtimestamp(labels[since].at_ms / 1_000, UTC).astimezone().strftime("%d %b %Y")
    return (
        f"Since about {when} you answer differently ({belief.drift.strength:.0%} sure), most of all about: "
        f"{' and '.join(most)}. What you said before counts less now; Teach asks anew.",
    )


@dataclass(frozen=True, slots=True)
class Principle:
    """A soft principle as the page shows it. against: how many answers say the opposite, 0 for too few to say."""

    edit: Edit
    weight: float
    against: int


def held_principles(mind: Mind) -> tuple[Principle, ...]:
    """Return the soft principles, each with what answers made of it."""
    belief = mind.belief()
    rows, on = belief.model.rows, belief.ground
    single = np.array([counts(label) for label in rows.labels], dtype=bool)
    found = []
    for said in principles.soft(belief.ground.edits):
        column = on.names.index(said.concept)
        about = rows.design[single, column]
        against = principles.conflicting(said.value, about, rows.outcome[single])
        found.append(Principle(said, float(belief.posterior.mean[column]), against))
    return tuple(found)


async def see(request: Request) -> Response:
    """GET /mirror: a dot and an 80% interval for every concept, against the prior; and the person's hand on it."""
    desk = desk_of(request)
    mind = await desk.minded()
    belief = mind.belief()
    shown, forbidden = rows(mind), edit.forbidden(belief.ground.edits)
    span = max((abs(edge) for row in shown for edge in (row.low, row.high, row.before_low, row.before_high)), default=1)
    standing = principles.vetoes(belief.ground.edits)
    guesses, told, found, skipped = await desk.database.read(
        lambda connection: (
            gate.guesses(connection, audits_only=True),
            gate.history(connection),
            gate.discoveries(connection),
            questions.skipped_audits(connection),
        )
    )
    return show(
        request,
        "mirror.html",
        rows=[row for row in shown if row.name not in forbidden],
        span=span or 1.0,
        labels=mind.labels,
        release=mind.release,
        known=known(mind),
        right=sum(guess.right for guess in guesses),
        asked=len(guesses),
        glad=told[0],
        suggested=told[1],
        discovered=found[0],
        shown=found[1],
        skipped=skipped,
        both_ways=len(both_ways(belief.labels)),
        followed=drift.followed(len(belief.model.rows.labels)),
        changed=await asyncio.to_thread(changes_seen, mind),
        principles=held_principles(mind),
        vetoes=[(one, sum(one.forbids(state) for state in mind.states())) for one in standing],
        states=len(mind.states()),
        shadows=[await asyncio.to_thread(shadow, belief, name) for name in forbidden],
        edits=tuple(reversed(belief.ground.edits)),
        veto_ids={said.text: said.id for said in belief.ground.edits if said.kind is edit.Kind.VETO},
        gone=belief.gone,
    )
