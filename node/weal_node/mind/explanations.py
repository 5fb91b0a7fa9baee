"""Why a score is what it is, answer by answer, and what concepts are called. All of it about one fitted model, which never changes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.features import vocabulary
from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.mind.mind import askable
from weal_node.mind.scores import find_row
from weal_node.records import Answer, Prediction, ScorePart
from weal_node.reward import model, names, principles
from weal_node.reward.edit import Kind
from weal_node.reward.prediction import predict
from weal_protocol.representation import SHARED

Array = npt.NDArray[np.float64]


def by_answer(fitted: FittedModel, item: str) -> tuple[tuple[Answer, float], ...]:
    """Return what each answer adds to an item's score, largest first; with `before_answers` they sum to its mean."""
    row, features = find_row(fitted, item), fitted.features
    free, _ = fitted.change.apply(features.phi[row : row + 1], features.names)
    added = model.by_answer(fitted.model, free[0], features.space.at(np.array([row])))
    amounts = zip(fitted.model.rows.answers, added.tolist(), strict=True)
    return tuple(sorted(amounts, key=lambda pair: -abs(pair[1])))


def before_answers(fitted: FittedModel, item: str) -> float:
    """Return the part of an item's score that no answer gave: the prior's, and the person's changes."""
    row, features = find_row(fitted, item), fitted.features
    free, added = fitted.change.apply(features.phi[row : row + 1], features.names)
    return float(fitted.bias[row] + added[0] + free[0] @ features.prior.mean)


@dataclass(frozen=True, slots=True)
class WeightEvidence:
    """Why a concept's weight is what it is; all amounts sum to the weight that answers teach, in log-odds.

    prior: before any answer.  principle: whether that is what the person holds to.
    answers: (answer, amount), what pulls most first.  others: what all other answers add, `count` of them."""

    prior: float
    principle: bool
    answers: tuple[tuple[Answer, float], ...]
    others: float
    count: int


def evidence(fitted: FittedModel, most: int) -> dict[str, WeightEvidence]:
    """Return the evidence of each concept, with at most so many single answers; one that pulls nothing at all is none."""
    pulls, answers, prior = model.by_concept(fitted.model), fitted.model.rows.answers, fitted.model.prior.mean
    held_to = {principle.concept for principle in principles.soft(fitted.features.edits)}
    concepts = {}
    for column, name in enumerate(fitted.features.names):
        concepts[name] = _evidence(float(prior[column]), name in held_to, pulls[:, column], answers, most)
    return concepts


def _evidence(prior: float, principle: bool, pulls: Array, answers: Sequence[Answer], most: int) -> WeightEvidence:
    """Return the evidence of one concept. pulls: (n,), what each answer adds to its weight."""
    order = np.argsort(-np.abs(pulls), kind="stable")
    pulling = order[pulls[order] != 0]
    first, rest = pulling[:most], pulling[most:]
    largest = tuple((answers[row], float(pulls[row])) for row in first)
    return WeightEvidence(prior, principle, largest, float(pulls[rest].sum()), len(rest))


async def without(fitted: FittedModel, answer: str, item: str) -> Prediction:
    """Return what would be believed of an item had this answer never been given: learnt anew, not estimated."""
    row = find_row(fitted, item)
    rest = [given for given in fitted.answers if given.id != answer]
    other = await asyncio.to_thread(learn, fitted.features, rest, fitted)
    return predict(float(other.mean[row]), float(other.variance[row]))


def titles(fitted: FittedModel, language: str = vocabulary.FIRST_LANGUAGE) -> dict[str, str]:
    """Return for each concept the name to show: its own, of the public vocabulary in this language, or the one that the person confirmed;
    of a vote axis, which no word names, its examples."""
    features, confirmed = fitted.features, _confirmed(fitted)
    rows, texts = _examples(fitted)
    shown = {}
    for column, name in enumerate(features.names):
        if name in confirmed:
            shown[name] = confirmed[name]
        elif 1 <= column < SHARED:
            like = names.examples(features.phi[rows, column], texts)
            shown[name] = f"{name}: {like}" if like else name
        else:
            shown[name] = vocabulary.shipped().word(name, language)
    for edit in features.edits:  # a forbidden one is no column any more
        if vocabulary.shipped().number(edit.concept) is not None:
            shown.setdefault(edit.concept, vocabulary.shipped().word(edit.concept, language))
    return shown


def briefly(fitted: FittedModel, item: str, part: ScorePart, language: str = vocabulary.FIRST_LANGUAGE) -> str:
    """Return in a few words what a part of an item's score is called: the confirmed name, of the public vocabulary the word in this
    language, or of a vote axis the example that lies farthest on the item's own side of it."""
    features, confirmed = fitted.features, _confirmed(fitted)
    if part.name in confirmed:
        return confirmed[part.name]
    column = features.names.index(part.name) if part.name in features.names else 0
    if not 1 <= column < SHARED:
        return vocabulary.shipped().word(part.name, language)
    row, (rows, texts) = find_row(fitted, item), _examples(fitted)
    high = bool(features.phi[row, column] > 0)
    like = names.example(features.phi[rows, column], texts, high, features.items[row].text)
    return f"{part.name} ({like})" if like else part.name


def _confirmed(fitted: FittedModel) -> dict[str, str]:
    """Return concept to the word that the person confirmed for it, the last where there are several."""
    return {edit.concept: edit.text for edit in fitted.features.edits if edit.kind is Kind.NAME}


def _examples(fitted: FittedModel) -> tuple[list[int], list[str]]:
    """Return the rows and texts of the items that examples are taken from."""
    rows = askable(fitted)
    return rows, [fitted.features.items[row].text for row in rows]
