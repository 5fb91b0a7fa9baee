"""Reasons: why a score is what it is, label by label, and what concepts are called. All of it about one immutable belief."""

import asyncio
from dataclasses import dataclass

import numpy as np

from weal_node.errors import NotFoundError
from weal_node.features.layout import FIRST_COMPONENT
from weal_node.features.projection import shipped
from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.mind.mind import ASKABLE
from weal_node.records import Answer, Prediction, ScorePart
from weal_node.reward import model, names, principles
from weal_node.reward.edit import Kind
from weal_node.reward.prediction import predict
from weal_protocol.representation import SHARED


def by_answer(fitted: FittedModel, state: str) -> tuple[tuple[Answer, float], ...]:
    """Return what each label adds to a state's score, largest first; with `before_labels` they sum to its mean."""
    row, on = _row(fitted, state), fitted.features
    free, _ = fitted.change.apply(on.phi[row : row + 1], on.names)
    added = model.by_answer(fitted.model, free[0], on.space.at(np.array([row])))
    pairs = zip(fitted.model.rows.answers, added.tolist(), strict=True)
    return tuple(sorted(pairs, key=lambda pair: -abs(pair[1])))


def before_answers(fitted: FittedModel, state: str) -> float:
    """Return the part of a state's score that no label gave: the prior's, and the person's changes."""
    row, on = _row(fitted, state), fitted.features
    free, added = fitted.change.apply(on.phi[row : row + 1], on.names)
    return float(on.bias[row] + added[0] + free[0] @ on.prior.mean)


@dataclass(frozen=True, slots=True)
class WeightEvidence:
    """Why a concept's weight is what it is; all amounts sum to the weight that labels teach. prior: before any answer.  principle: whether that
    is what the person holds to.  answers: (label, amount), what pulls most first.  others: what all other answers add, `count` of them."""

    prior: float
    principle: bool
    answers: tuple[tuple[Answer, float], ...]
    others: float
    count: int


def evidence(fitted: FittedModel, most: int) -> dict[str, WeightEvidence]:
    """Return the evidence of each concept, with at most so many single answers; one that pulls nothing at all is none."""
    added, labels = model.by_concept(fitted.model), fitted.model.rows.answers
    held_to = {said.concept for said in principles.soft(fitted.features.edits)}
    found = {}
    for column, name in enumerate(fitted.features.names):
        pulls = added[:, column]
        pulling = [int(row) for row in np.argsort(-np.abs(pulls), kind="stable") if pulls[row]]
        answers = tuple((labels[row], float(pulls[row])) for row in pulling[:most])
        others = float(pulls[pulling[most:]].sum())
        prior = float(fitted.model.prior.mean[column])
        found[name] = WeightEvidence(prior, name in held_to, answers, others, len(pulling[most:]))
    return found


async def without(fitted: FittedModel, answer: str, state: str) -> Prediction:
    """Return what would be believed of an item had this answer never been given: learnt anew, not estimated."""
    row = _row(fitted, state)
    rest = [one for one in fitted.answers if one.id != answer]
    other = await asyncio.to_thread(learn, fitted.features, rest, fitted)
    return predict(float(other.mean[row]), float(other.variance[row]))


def titles(fitted: FittedModel) -> dict[str, tuple[str, str]]:
    """Return for each concept the name to show and a word to offer, "" for none.

    The name is its own, or the one that the person confirmed; of a direction found by machine, its examples."""
    on = fitted.features
    confirmed, (rows, texts) = _confirmed(fitted), _askable(fitted)
    found = {}
    for column, name in enumerate(on.names):
        machine = 1 <= column < SHARED
        like = names.examples(on.phi[rows, column], texts) if machine and name not in confirmed else ""
        theme = column - FIRST_COMPONENT
        word = names.offered(shipped().directions[:, theme], on.concepts) if machine and theme >= 0 else ""
        shown = confirmed.get(name, f"{name}: {like}" if like else name)
        found[name] = (shown, "" if name in confirmed else word)
    return found


def briefly(fitted: FittedModel, state: str, part: ScorePart) -> str:
    """Return in a few words what a part of a state's score is called: the confirmed name, or of a direction found by machine
    the example that lies farthest on the state's own side of it."""
    on = fitted.features
    if (word := _confirmed(fitted).get(part.name)) is not None:
        return word
    column = on.names.index(part.name) if part.name in on.names else 0
    if not 1 <= column < SHARED:
        return part.name
    row, (rows, texts) = _row(fitted, state), _askable(fitted)
    like = names.example(on.phi[rows, column], texts, bool(on.phi[row, column] > 0), on.states[row].text)
    return f"{part.name} ({like})" if like else part.name


def _confirmed(fitted: FittedModel) -> dict[str, str]:
    return {edit.concept: edit.text for edit in fitted.features.edits if edit.kind is Kind.NAME}


def _askable(fitted: FittedModel) -> tuple[list[int], list[str]]:
    """Return the rows and texts of the states that examples are taken from."""
    on = fitted.features
    rows = [row for row, state in enumerate(on.states) if state.kind in ASKABLE]
    return rows, [on.states[row].text for row in rows]


def _row(fitted: FittedModel, state: str) -> int:
    try:
        return fitted.features.index[state]
    except KeyError:
        raise NotFoundError("there is no such statement", "It may have been taken away") from None
