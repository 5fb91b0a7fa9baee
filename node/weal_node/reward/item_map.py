"""What a text says of an item that nobody has judged: Gaussian processes from the whole embedding to what a release says of its items.

    y(x) = mean + f(x) + e,   f ~ GP(0, s (linear + (1 - linear) rbf)),   e ~ N(0, own + error(x)^2)

(Rasmussen and Williams 2006, ch. 2 and 5.) y is an item's offset, or its place on an axis; `error` stands in the release; `own` is what an
item has that no text tells. The size s, the mixture and `own` are those of a small grid that make the released items likeliest. All of it
is a function of the release and of public texts, so it costs no privacy. How sure a text is plays no part yet: of few items the map says too
much (simulations/LOG.md, 2026-11-30, tastes).
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from weal_node.reward.residual import cosines

Array = npt.NDArray[np.float64]
FEWEST = 20  # released items below which a map would be noise; chosen
# Chosen: released items that the grid is searched with; their order is that of hashes, so the first are any.
HEARD = 256
MOST = 1_000  # chosen: released items that the map itself hears
RBF_WIDTH = 0.3  # in cosine; chosen
LINEAR = 3.0  # a linear kernel's size beside an rbf's of the same spread between texts
# The grid is chosen; what comes of it is measured in simulations/LOG.md, 2026-11-30.
SIZES = (0.02, 0.1, 0.3, 0.8, 1.6)
MIXTURES = (0.0, 0.5, 1.0)
OWN = (0.05, 0.2, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Fitted:
    """One y. mean: of all.  size, linear: of the kernel.  weights: (n,), of the texts that the map heard; none where it heard too few."""

    mean: float = 0.0
    size: float = 0.0
    linear: float = 0.0
    weights: Array | None = None

    def of(self, cosine: Array) -> Array:
        """Return y (m,) by the cosines (m, n) to the texts that the map heard."""
        if self.weights is None:
            return np.full(len(cosine), self.mean)
        said: Array = self.mean + np.einsum("mn,n->m", kernel(cosine, self.size, self.linear), self.weights)
        return said


@dataclass(frozen=True, slots=True)
class ItemMap:
    """Several y of any text. directions: (n, WIDTH), of the texts it heard.  fitted: one for each y."""

    directions: Array
    fitted: tuple[Fitted, ...]

    def at(self, directions: Array) -> Array:
        """Return y (m, len(fitted)) of texts in these directions (m, WIDTH) from the centre of public text."""
        if all(one.weights is None for one in self.fitted):
            return np.tile([one.mean for one in self.fitted], (len(directions), 1))
        # One text after another: the last bit of a product depends on how many rows it has.
        cosine = np.array([self.directions @ one for one in directions]).reshape(len(directions), -1)
        cosine = np.clip(cosine, -1.0, 1.0)
        return np.column_stack([one.of(cosine) for one in self.fitted])


def kernel(cosine: Array, size: float, linear: float) -> Array:
    """Return covariances of f by cosine."""
    values: Array = size * (linear * LINEAR * cosine + (1.0 - linear) * np.exp((cosine - 1.0) / RBF_WIDTH))
    return values


def fit(directions: Array, values: Array, error: Array) -> ItemMap:
    """Return the map that released items teach: directions (n, WIDTH), values (n, T) and their errors (n, T)."""
    heard = directions[:MOST]
    cosine = cosines(heard, heard)
    fitted = [_fitted(cosine, *of) for of in zip(values[:MOST].T, error[:MOST].T, strict=True)]
    return ItemMap(heard, tuple(fitted))


def _fitted(cosine: Array, values: Array, error: Array) -> Fitted:
    """Return one y, nothing but 0 with fewer than FEWEST values or where all are 0."""
    if len(values) < FEWEST or not values.any():
        return Fitted()
    noise = error**2
    mean = float(np.average(values, weights=1.0 / (noise + OWN[1])))
    away, some = values - mean, slice(0, HEARD)

    def likelihood(of: tuple[float, float, float]) -> float:
        size, linear, own = of
        return _likelihood(kernel(cosine[some, some], size, linear), away[some], noise[some] + own)

    size, linear, own = max(product(SIZES, MIXTURES, OWN), key=likelihood)
    weights = np.asarray(np.linalg.solve(kernel(cosine, size, linear) + np.diag(noise + own), away), np.float64)
    return Fitted(mean, size, linear, weights)


def _likelihood(covariance: Array, away: Array, noise: Array) -> float:
    """Return log p(away) less a constant (Rasmussen and Williams 2006, eq. 2.30)."""
    lower = np.linalg.cholesky(covariance + np.diag(noise))
    white = np.linalg.solve(lower, away)
    return float(-0.5 * white @ white - np.log(np.diag(lower)).sum())
