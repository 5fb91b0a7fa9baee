"""Are the person's controls exact? Each law of control, on many made-up people's models, by the product's own learning.

`largest_error` is each person's largest, over all states, the mean of it over people, and `worst_error` the largest of all, which the floors hold (bootstrap cannot find a larger one): of the two splits of a score against the score; of an edit's
effect against the stated one; of a pinned concept's weight after 30 more answers; of the score after undo and after forgetting against that of a model which never knew (`bits_differ`: the share of people for whom a single bit
differs, null for laws that are not about bits). `shadow left`: how far a score moves when a state changes along the
forbidden direction only, before and after it is forbidden. What is promised is that these are rounding, so every floor here is one.
"""

import hashlib

import numpy as np
import numpy.typing as npt

from weal_node.features.concepts import Concept, concept
from weal_node.features.layout import NAMES
from weal_node.features.projection import shipped
from weal_node.features.weights import WIDTH
from weal_node.mind import explanations
from weal_node.mind.feature_space import feature_space
from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.records import Answer, Choice, Item
from weal_node.reward import score_parts
from weal_node.reward.edit import Edit, Kind
from weal_protocol.representation import empty
from weal_simulations.bench.study import Floor, Progress, Row, Study, bootstrap, measured, row

Array = npt.NDArray[np.float64]
QUESTION = "Are edits, undo, forgetting and explanations exact?"
PEOPLE = 30
STATES, ANSWERS, MORE = 60, 40, 30
THEME = NAMES[5]
ROUNDING = 1e-9
LAWS = ("split by concept", "split by answer", "edit", "pin", "undo", "forget", "shadow left")
EXACT = ("undo", "forget")  # laws that hold to the bit


def run(seed: int, people: int, progress: Progress) -> Study:
    """Check every law on everyone."""
    errors, bits = np.zeros((people, len(LAWS))), {law: np.full(people, np.nan) for law in LAWS}
    for person in range(people):
        progress(person / people, "checking")
        found, differ = _check(np.random.default_rng([seed, person]))
        errors[person] = [max(found[law]) for law in LAWS]
        for law, differs in differ.items():
            bits[law][person] = differs
    rows: list[Row] = []
    floors: list[Floor] = []
    for law, each in zip(LAWS, errors.T, strict=True):
        worst = {"worst_error": bootstrap(each, np.max, seed)}
        rows.append(row("weal", {"law": law}, {"largest_error": each, "bits_differ": bits[law]}) | measured(worst))
        rounding = 1e-4 if law == "shadow left" else ROUNDING
        floors.append(Floor(f"control: {law}", float(each.max()), rounding, at_least=False))
    floors += [
        Floor(f"control: people whose model differs after {law}", float(bits[law].sum()), 0, at_least=False)
        for law in EXACT
    ]
    return Study("control", seed, tuple(rows), tuple(floors))


def _check(draw: np.random.Generator) -> tuple[dict[str, list[float]], dict[str, bool]]:
    """Return one person's errors by law, and for each law of EXACT whether a bit differs."""
    errors: dict[str, list[float]] = {law: [] for law in LAWS}
    bits: dict[str, bool] = {}
    raw = draw.normal(size=(STATES, WIDTH))
    vectors = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)
    garden = concept("garden", "tag", vectors[:1], shipped().centre)
    log = _answers(draw, ANSWERS, 0)
    plain = _believed(vectors, garden, (), log)
    for one in range(0, STATES, 10):
        state, on = plain.features.items[one].id, plain.features
        parts = score_parts.parts(
            plain.posterior, plain.change, on.names, on.phi[one], float(on.bias[one]), float(plain.residual[one])
        )
        errors["split by concept"].append(abs(sum(part.amount for part in parts) - plain.mean[one]))
        added = sum(amount for _, amount in explanations.by_answer(plain, state))
        errors["split by answer"].append(abs(added + explanations.before_answers(plain, state) - plain.mean[one]))
    column, value = NAMES.index(THEME), float(draw.normal())
    was = float(plain.posterior.mean[column])
    for kind in (Kind.EDIT, Kind.PIN):
        edited = _believed(vectors, garden, (Edit("1", 1_000, kind, THEME, value, was),), log)
        stated = (value - was) * plain.features.phi[:, column]
        errors["edit"].append(float(np.abs(edited.mean - plain.mean - stated).max()))
    more = [*log, *_answers(draw, MORE, 2_000)]
    pinned = _believed(vectors, garden, (Edit("1", 1_000, Kind.PIN, THEME, value, was),), more)
    weights, _ = score_parts.weights(pinned.posterior, pinned.change, pinned.features.names)
    errors["pin"].append(abs(float(weights[column]) - value))
    for law, again in (
        ("undo", _believed(vectors, garden, (), list(reversed(log)))),
        ("forget", _forgotten(vectors, garden, log, draw)),
    ):
        errors[law].append(float(np.abs(again.mean - plain.mean).max()))
        bits[law] = _digest(again) != _digest(plain)
    errors["shadow left"].append(_shadow(vectors, garden, log))
    return errors, bits


def _answers(draw: np.random.Generator, count: int, since: int) -> list[Answer]:
    words = [Choice.ACCEPT if draw.random() < 0.6 else Choice.REJECT for _ in range(count)]
    return [
        Answer(f"{since + n:032x}", since + n, _id(int(draw.integers(STATES))), "", word, "teach")
        for n, word in enumerate(words)
    ]


def _id(number: int) -> str:
    return f"{number:064x}"


def _believed(
    vectors: npt.NDArray[np.float32], garden: Concept, edits: tuple[Edit, ...], log: list[Answer]
) -> FittedModel:
    states = [Item(_id(number), f"Statement {number}") for number in range(STATES)]
    return learn(feature_space(states, vectors, empty(), (garden,), edits), log)


def _forgotten(
    vectors: npt.NDArray[np.float32], garden: Concept, log: list[Answer], draw: np.random.Generator
) -> FittedModel:
    """Learn with one answer more, then let it be forgotten: from the log, as the product does."""
    extra = Answer("f" * 32, 7, _id(int(draw.integers(STATES))), "", Choice.ACCEPT, "teach")
    _believed(vectors, garden, (), [*log, extra])
    return _believed(vectors, garden, (), [answer for answer in [*log, extra] if answer.id != extra.id])


def _shadow(vectors: npt.NDArray[np.float32], garden: Concept, log: list[Answer]) -> float:
    """Return how far scores still move along a forbidden direction."""
    edits = (Edit("1", 1_000, Kind.FORBID, garden.name),)
    moved = vectors.copy()
    moved[STATES - 1] += 0.5 * garden.vector.astype(np.float32)
    untouched = [answer for answer in log if answer.item != _id(STATES - 1)]
    one, other = (_believed(some, garden, edits, untouched) for some in (vectors, moved))
    return float(np.abs(one.mean - other.mean).max())


def _digest(fitted: FittedModel) -> str:
    arrays = (fitted.mean, fitted.variance, fitted.posterior.mean, fitted.posterior.covariance, fitted.model.pull)
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
