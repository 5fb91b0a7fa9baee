"""The whole private model: head and residual together, from one person's answers.

    u(x) = offset(x) + w . phi(x) + r(x),   w ~ N(m, P),   r ~ GP(0, k)

Up to EXACT_ANSWERS answers it is fitted in the dual, with one number an answer: its pull. There

    w = m + P Phi' pull,    r(x) = sum_i pull_i k(x, x_i)

so that every score splits exactly by concept and, the same score, by answer (representer theorem; Laplace's approximation as in Rasmussen and
Williams 2006, algorithms 3.1 and 3.2). Beyond, the residual is seen through fixed landmarks and the fit is primal, and both splits still hold.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from weal_node.reward import kernels
from weal_node.reward.head import Rows
from weal_node.reward.posterior import NEWTON_STEPS, Posterior, newton, slopes
from weal_node.reward.prior import Prior
from weal_node.reward.residual import ResidualSpace, cosines, of_cosine

Array = npt.NDArray[np.float64]
# Chosen by the study `latency`: at 500 learning from an answer took 220 ms, and nobody waits longer for knowing less.
EXACT_ANSWERS = 300


@dataclass(frozen=True, slots=True)
class Model:
    """What n answers taught.

    space: all items, to which rows.first and .second point.  head: what is believed of w.
    pull: (n,), what each answer adds.
    half: (n, n) of an exact fit, takes the answers' covariance with an item to what they say of it; None of a fit through landmarks.
    whole: (D + L, D + L), covariance of head and landmarks, of the latter; None of the former.
    mixture: (G,), the shares of the kernels that the residual is a process of (kernels.py).
    """

    prior: Prior
    rows: Rows
    space: ResidualSpace
    head: Posterior
    pull: Array
    half: Array | None
    whole: Array | None
    mixture: Array

    def seen(self, items: ResidualSpace) -> Array:
        """Return R (m, L) with R(x) . R(y) about k(x, y): what landmarks say of items, exactly so for landmarks."""
        through: Array = of_cosine(items.beside, self.mixture) @ items.through.factor(self.mixture).T
        return through


def train(rows: Rows, prior: Prior, space: ResidualSpace) -> Model:
    """Return the model fitted to all answers. space: of the items that rows.first and .second name."""
    fitted = exact if len(rows.outcome) <= EXACT_ANSWERS else through_landmarks
    return fitted(rows, prior, space, kernels.mixture(rows, prior, space))


def exact(rows: Rows, prior: Prior, space: ResidualSpace, mixture: Array) -> Model:
    """Return the model whose residual is a process over every item that was answered about."""
    spread = prior.covariance @ rows.design.T  # (D, n)
    gram = rows.design @ spread + _among(rows, space, mixture)
    start, n = rows.offset + rows.design @ prior.mean, len(rows.outcome)
    pull = climbed(rows, start, gram)
    root = np.sqrt(slopes(rows, start + gram @ pull)[1])
    half = np.linalg.inv(np.linalg.cholesky(np.eye(n) + root[:, None] * gram * root)) * root
    learnt = half @ spread.T
    head = Posterior(prior.mean + spread @ pull, prior.covariance - learnt.T @ learnt, n)
    return Model(prior, rows, space, head, pull, half, None, mixture)


def climbed(rows: Rows, start: Array, gram: Array) -> Array:
    """Return each answer's pull (n,) at the mode, by Newton's steps in the dual. start: (n,), prior means; gram: (n, n), prior covariances."""
    pull = np.zeros(len(start))
    for _ in range(NEWTON_STEPS):
        score = gram @ pull
        slope, curvature = slopes(rows, start + score)
        root = np.sqrt(curvature)
        target = curvature * score + slope
        inner = np.eye(len(start)) + root[:, None] * gram * root
        step = target - root * np.linalg.solve(inner, root * (gram @ target)) - pull
        pull = pull + step * kernels.length(rows, start, pull[None], score[None], step[None], (gram @ step)[None])
    return pull


def through_landmarks(rows: Rows, prior: Prior, space: ResidualSpace, mixture: Array) -> Model:
    """Return the model whose residual goes through the landmarks: for more answers than can be done exactly."""
    seen = of_cosine(space.beside, mixture) @ space.through.factor(mixture).T
    design = np.hstack([rows.design, rows.difference(seen)])
    size, wide = len(prior.mean), design.shape[1]
    covariance = np.eye(wide)
    covariance[:size, :size] = prior.covariance
    mean = np.concatenate([prior.mean, np.zeros(wide - size)])
    _, whole, pull = newton(replace(rows, design=design), mean, covariance)
    # From the pulls, not from Newton's last step: so that the split by answer is exact, not exact to the step's rounding.
    head = prior.mean + prior.covariance @ (rows.design.T @ pull)
    return Model(prior, rows, space, Posterior(head, whole[:size, :size], len(pull)), pull, None, whole, mixture)


def predict(model: Model, phi: Array, items: ResidualSpace) -> tuple[Array, Array, Array]:
    """Return for items with phi (m, D): the head's part w . phi (m,), the residual (m,), and the variance of their sum (m,)."""
    head = phi @ model.head.mean
    if model.whole is not None:
        seen = model.seen(items)
        wide = np.hstack([phi, seen])
        known = np.einsum("nd,nd->n", wide @ model.whole, wide)
        # What landmarks do not tell apart, no answer does.
        unseen = items.own(model.mixture) - np.einsum("nd,nd->n", seen, seen)
        residual = seen @ (model.rows.difference(model.seen(model.space)).T @ model.pull)
        return head, residual, known + np.maximum(unseen, 0.0)
    alike = _between(model, items)
    learnt = _learnt(model, phi, alike)
    before = np.einsum("nd,nd->n", phi @ model.prior.covariance, phi) + (
        items.own(model.mixture) if _has_residual(model) else 0.0
    )
    return head, alike @ model.pull, np.maximum(before - np.einsum("mn,mn->m", learnt, learnt), 0.0)


def over_nothing(model: Model, items: ResidualSpace) -> Array:
    """Return the residual of items (m,) less that of something unlike all that was answered about: what makes them better than nothing."""
    nowhere = ResidualSpace(
        np.zeros((1, items.directions.shape[1])), np.zeros((1, items.beside.shape[1])), items.through, items.mixture
    )
    if model.whole is None:
        return (_between(model, items) - _between(model, nowhere)) @ model.pull
    taught = model.rows.difference(model.seen(model.space)).T @ model.pull
    over: Array = (model.seen(items) - model.seen(nowhere)) @ taught
    return over


def joint(model: Model, phi: Array, items: ResidualSpace) -> Array:
    """Return the covariance (m, m) of the scores of these items, to ask about pairs of them. phi: (m, D)."""
    covariance: Array
    if model.whole is not None:
        wide = np.hstack([phi, model.seen(items)])
        covariance = wide @ model.whole @ wide.T
        return covariance
    learnt = _learnt(model, phi, _between(model, items))
    among = of_cosine(cosines(items.directions, items.directions), model.mixture)
    alike = among if _has_residual(model) else 0.0
    covariance = phi @ model.prior.covariance @ phi.T + alike - learnt @ learnt.T
    return covariance


def by_answer(model: Model, phi: Array, item: ResidualSpace) -> Array:
    """Return what each answer (n,) adds to the score of one item, phi (D,). With the prior's score of it they sum to its mean."""
    added: Array = by_answers(model, phi[None], item)[:, 0]
    return added


def by_answers(model: Model, phi: Array, items: ResidualSpace) -> Array:
    """Return what each answer adds to the score of each item (n, m), phi (m, D). With the prior's scores they sum to the means."""
    shared = model.rows.design @ (model.prior.covariance @ phi.T)
    alike = (
        model.rows.difference(model.seen(model.space)) @ model.seen(items).T
        if model.whole is not None
        else _between(model, items).T
    )
    added: Array = model.pull[:, None] * (shared + alike)
    return added


def by_concept(model: Model) -> Array:
    """Return what each answer adds to each weight of the head (n, D): with the prior's mean they sum to the posterior's."""
    added: Array = model.pull[:, None] * (model.rows.design @ model.prior.covariance)
    return added


def _has_residual(model: Model) -> bool:
    return model.rows.first is not None


def _learnt(model: Model, phi: Array, alike: Array) -> Array:
    """Return what the answers of an exact fit say of items (m, n); its square is what they take off the variance."""
    assert model.half is not None
    learnt: Array = (phi @ (model.prior.covariance @ model.rows.design.T) + alike) @ model.half.T
    return learnt


def _between(model: Model, items: ResidualSpace) -> Array:
    """Return the residual's covariance (m, n) of items with the difference that each answer is about."""
    if not _has_residual(model):
        return np.zeros((len(items.directions), len(model.rows.outcome)))
    named, short = model.rows.renamed()
    return short.difference(of_cosine(cosines(model.space.directions[named], items.directions), model.mixture)).T


def _among(rows: Rows, space: ResidualSpace, mixture: Array) -> Array:
    """Return the residual's covariance (n, n) of the answers' differences with each other."""
    if rows.first is None:
        return np.zeros((len(rows.outcome), len(rows.outcome)))
    named, short = rows.renamed()
    among = of_cosine(cosines(space.directions[named], space.directions[named]), mixture)
    return short.difference(short.difference(among).T)
