"""What of scores is the person's own: above what is expected of anybody in their community, with how sure it is and which answer adds what. Pure."""

from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from weal_node.mind.fitted_model import FittedModel
from weal_node.mind.mind import askable
from weal_node.reward import model
from weal_protocol.representation import SHARED

Array = npt.NDArray[np.float64]
TEXTS = 400  # that sentences are judged by; chosen: at 1,000 answers and 1,000 items Mirror says its sentences within a fifth of a second


@dataclass(frozen=True, slots=True)
class OwnScores:
    """What the person adds to the scores of u known texts, in log-odds.

    rows: (u,), of the fitted model's items.  directions: (u, WIDTH), of the texts, from the centre of public text, of length one.
    anybody: (u,), what is expected of anybody, to which the person's own part is added.
    mean: (u,).  covariance: (u, u).
    before: (u,), what the person changed or holds to.  by_answer: (n, u), what each answer adds; with `before` they sum to `mean`.
    """

    rows: npt.NDArray[np.int64]
    directions: Array
    anybody: Array
    mean: Array
    covariance: Array
    before: Array
    by_answer: Array


def own_scores(fitted: FittedModel) -> OwnScores:
    """Return the person's own part of the scores of known texts: first those they answered about, then others from all there are, TEXTS at most."""
    features, fit = fitted.features, fitted.model
    rows = _rows(fitted)
    space, phi = features.space.at(rows), features.phi[rows]
    free, added = fitted.change.apply(phi, features.names)
    expected = phi[:, :SHARED] @ fit.prior.mean[:SHARED]
    before = added + free @ fit.prior.mean - expected
    by_answer = model.by_answers(fit, free, space)
    mean = before + by_answer.sum(0)
    anybody = fitted.bias[rows] + expected
    return OwnScores(rows, space.directions, anybody, mean, model.joint(fit, free, space), before, by_answer)


def _rows(fitted: FittedModel) -> npt.NDArray[np.int64]:
    """Return the rows of the texts, in their order."""
    able, index = set(askable(fitted)), fitted.features.index
    named = chain.from_iterable((answer.item, answer.other) for answer in reversed(fitted.answers))
    answered = [index[item] for item in dict.fromkeys(named) if item in index]
    chosen = [row for row in answered if row in able][: TEXTS // 2]
    rest = sorted(able.difference(chosen))
    spread = np.linspace(0, len(rest) - 1, min(len(rest), TEXTS - len(chosen))).round().astype(int)
    return np.array(sorted([*chosen, *(rest[place] for place in spread)]), np.int64)
