"""The whole private model: head and residual together, from one person's labels.

    u(x) = offset(x) + w . phi(x) + r(x),   w ~ N(m, P),   r ~ GP(0, k)

Up to EXACT_LABELS labels it is fitted in the dual, with one number a label: its pull. There

    w = m + P Phi' pull,    r(x) = sum_i pull_i k(x, x_i)

so that every score splits exactly by concept and, the same score, by label (representer theorem; Laplace's approximation as in Rasmussen and
Williams 2006, algorithms 3.1 and 3.2). Beyond, the residual is seen through fixed landmarks and the fit is primal, and both splits still hold.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from weal_node.reward.head import Rows
from weal_node.reward.posterior import LONGEST_STEP, NEWTON_STEPS, Posterior, newton, slopes
from weal_node.reward.prior import Prior
from weal_node.reward.residual import VARIANCE, ResidualSpace, kernel

Array = npt.NDArray[np.float64]
EXACT_LABELS = 300  # at 500 a gesture took 220 ms, and nobody waits longer for knowing less


@dataclass(frozen=True, slots=True)
class Model:
    """head: what is believed of w.  pull: (n,), what each label adds.  space: all states, to which rows.first and .second point.

    half: (n, n) of an exact fit, takes the labels' covariance with a state to what they tell of it; None of a fit through landmarks.
    whole: (D + L, D + L), covariance of head and landmarks, of the latter; None of the former.
    """

    prior: Prior
    rows: Rows
    space: ResidualSpace
    head: Posterior
    pull: Array
    half: Array | None
    whole: Array | None


def train(rows: Rows, prior: Prior, space: ResidualSpace) -> Model:
    """Fit the model to all labels. space: of the states that rows.first and .second name."""
    return exact(rows, prior, space) if len(rows.outcome) <= EXACT_LABELS else through_landmarks(rows, prior, space)


def exact(rows: Rows, prior: Prior, space: ResidualSpace) -> Model:
    """Return the model whose residual is a process over every state that was answered on."""
    spread = prior.covariance @ rows.design.T  # (D, n)
    gram = rows.design @ spread + _among(rows, space)
    start, n = rows.offset + rows.design @ prior.mean, len(rows.outcome)
    pull = np.zeros(n)
    for _ in range(NEWTON_STEPS):
        score = gram @ pull
        slope, curvature = slopes(rows, start + score)
        root = np.sqrt(curvature)
        target = curvature * score + slope
        inner = np.eye(n) + root[:, None] * gram * root
        step = target - root * np.linalg.solve(inner, root * (gram @ target)) - pull
        moved = float(np.max(np.abs(gram @ step), initial=0.0))
        pull = pull + step * min(1.0, LONGEST_STEP / max(moved, 1e-12))
    root = np.sqrt(slopes(rows, start + gram @ pull)[1])
    half = np.linalg.inv(np.linalg.cholesky(np.eye(n) + root[:, None] * gram * root)) * root
    told = half @ spread.T
    head = Posterior(prior.mean + spread @ pull, prior.covariance - told.T @ told, n)
    return Model(prior, rows, space, head, pull, half, None)


def through_landmarks(rows: Rows, prior: Prior, space: ResidualSpace) -> Model:
    """Return the model whose residual goes through the landmarks: for more answers than can be done exactly."""
    design = np.hstack([rows.design, _difference(rows, space.seen)])
    size, wide = len(prior.mean), design.shape[1]
    covariance = np.eye(wide)
    covariance[:size, :size] = prior.covariance
    mean = np.concatenate([prior.mean, np.zeros(wide - size)])
    _, whole, pull = newton(replace(rows, design=design), mean, covariance)
    # From the pulls, not from Newton's last step: so that the split by label is exact, not exact to the step's rounding.
    head = prior.mean + prior.covariance @ (rows.design.T @ pull)
    return Model(prior, rows, space, Posterior(head, whole[:size, :size], len(pull)), pull, None, whole)


def predict(model: Model, phi: Array, states: ResidualSpace) -> tuple[Array, Array, Array]:
    """Return for states with phi (m, D): the head's part w . phi (m,), the residual (m,), and the variance of their sum (m,)."""
    head = phi @ model.head.mean
    if model.whole is not None:
        wide = np.hstack([phi, states.seen])
        known = np.einsum("nd,nd->n", wide @ model.whole, wide)
        untold = VARIANCE - np.einsum(
            "nd,nd->n", states.seen, states.seen
        )  # what landmarks do not tell apart, no label does
        residual = states.seen @ (_difference(model.rows, model.space.seen).T @ model.pull)
        return head, residual, known + np.maximum(untold, 0.0)
    alike = _between(model, states)
    told = _told(model, phi, alike)
    before = np.einsum("nd,nd->n", phi @ model.prior.covariance, phi) + (VARIANCE if _similar(model) else 0.0)
    return head, alike @ model.pull, np.maximum(before - np.einsum("mn,mn->m", told, told), 0.0)


def joint(model: Model, phi: Array, states: ResidualSpace) -> Array:
    """Return the covariance (m, m) of the scores of these states, to ask about pairs of them."""
    if model.whole is not None:
        wide = np.hstack([phi, states.seen])
        found: Array = wide @ model.whole @ wide.T
        return found
    told = _told(model, phi, _between(model, states))
    alike = kernel(states.vectors, states.vectors) if _similar(model) else 0.0
    covariance: Array = phi @ model.prior.covariance @ phi.T + alike - told @ told.T
    return covariance


def by_answer(model: Model, phi: Array, state: ResidualSpace) -> Array:
    """Return what each label (n,) adds to the score of one state, phi (D,). With the prior's score of it they sum to its mean."""
    shared = model.rows.design @ (model.prior.covariance @ phi)
    alike = (
        _difference(model.rows, model.space.seen) @ state.seen[0]
        if model.whole is not None
        else _between(model, state)[0]
    )
    added: Array = model.pull * (shared + alike)
    return added


def by_concept(model: Model) -> Array:
    """Return what each label adds to each weight of the head (n, D): with the prior's mean they sum to the posterior's."""
    added: Array = model.pull[:, None] * (model.rows.design @ model.prior.covariance)
    return added


def _similar(model: Model) -> bool:
    return model.rows.first is not None


def _told(model: Model, phi: Array, alike: Array) -> Array:
    assert model.half is not None
    told: Array = (phi @ (model.prior.covariance @ model.rows.design.T) + alike) @ model.half.T
    return told


def _difference(rows: Rows, table: Array) -> Array:
    """Return (n, k): a table's line of each label's first state, less that of its second."""
    if rows.first is None or rows.second is None:
        return np.zeros((len(rows.outcome), table.shape[1]))
    found = table[rows.first]
    paired = rows.second >= 0
    found[paired] -= table[rows.second[paired]]
    return found


def _named(rows: Rows) -> npt.NDArray[np.int64]:
    """Return the states that labels name, each once."""
    assert rows.first is not None
    assert rows.second is not None
    return np.unique(np.concatenate([rows.first, rows.second[rows.second >= 0]]))


def _renamed(rows: Rows, named: npt.NDArray[np.int64]) -> Rows:
    assert rows.first is not None
    assert rows.second is not None
    second = np.where(rows.second >= 0, np.searchsorted(named, np.maximum(rows.second, 0)), -1)
    return replace(rows, first=np.searchsorted(named, rows.first), second=second)


def _between(model: Model, states: ResidualSpace) -> Array:
    """Return the residual's covariance (m, n) of states with the difference that each label is about."""
    if not _similar(model):
        return np.zeros((len(states.vectors), len(model.rows.outcome)))
    named = _named(model.rows)
    return _difference(_renamed(model.rows, named), kernel(model.space.vectors[named], states.vectors)).T


def _among(rows: Rows, space: ResidualSpace) -> Array:
    """Return the residual's covariance (n, n) of the labels' differences with each other."""
    if rows.first is None:
        return np.zeros((len(rows.outcome), len(rows.outcome)))
    named = _named(rows)
    short = _renamed(rows, named)
    return _difference(short, _difference(short, kernel(space.vectors[named], space.vectors[named])).T)
