"""BoTorch as a peer of the study `queries`: a Gaussian process over items, learnt from pairs, that asks by EUBO.

PairwiseGP (Chu and Ghahramani 2005) and AnalyticExpectedUtilityOfBestOption (Lin et al. 2022) over DRAWN of the pairs. Its kernel is told what the others are:
that tastes are linear and how steep, with a little of BoTorch's RBF beside it; that needs no fit. (With BoTorch's own kernel, length scales fitted anew after every
answer, it does far worse on these people: simulations/LOG.md, 2026-11-30.) BoTorch is no dependency of this project (`pip install botorch`, 0.18.1 was
measured); without it the study has no such row. Sources: Balandat et al. 2020; botorch.org.
"""

import importlib
import importlib.util
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
DRAWN = 1_000  # pairs looked at for one question
SCALE = 3.14  # variance of a taste's scores in units of the probit likelihood: that of a logit of steepness 2
CURVED = 0.05  # of it, how much the RBF adds
JITTER = 1e-2


def installed() -> bool:
    """Return whether BoTorch can be imported."""
    return importlib.util.find_spec("botorch") is not None


class Peer:
    """One that asks about items phi (n, D), which it sees scaled to a mean square length of 1."""

    def __init__(self, phi: Array, draw: np.random.Generator) -> None:
        self._torch = importlib.import_module("torch")
        self._items = self._torch.tensor(phi / np.sqrt(np.mean((phi**2).sum(axis=1))), dtype=self._torch.float64)
        self._ends, self._draw = np.triu_indices(len(phi), 1), draw
        self._seen: list[int] = []
        self._said: list[tuple[int, int]] = []  # better, worse: places in `_seen`
        self._asked: set[tuple[int, int]] = set()
        self._model: Any = None

    def ask(self) -> tuple[int, int]:
        """Return the next pair."""
        drawn = self._draw.choice(len(self._ends[0]), DRAWN, replace=False)
        pairs = [(int(self._ends[0][one]), int(self._ends[1][one])) for one in drawn]
        pairs = [pair for pair in pairs if pair not in self._asked]
        if self._model is None:
            return pairs[0]
        preference = importlib.import_module("botorch.acquisition.preference")
        with _reading():
            both = self._items[self._torch.tensor(pairs)]
            worth = preference.AnalyticExpectedUtilityOfBestOption(pref_model=self._model)(both)
        return pairs[int(worth.argmax())]

    def learn(self, first: int, second: int, yes: bool) -> None:
        """Take an answer in: whether the first is the better one."""
        self._asked.add((min(first, second), max(first, second)))
        for item in (first, second):
            if item not in self._seen:
                self._seen.append(item)
        ends = self._seen.index(first), self._seen.index(second)
        self._said.append(ends if yes else (ends[1], ends[0]))
        gp = importlib.import_module("botorch.models.pairwise_gp")
        comparisons = self._torch.tensor(self._said)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that items are not scaled to the unit cube: the kernel is linear
            self._model = gp.PairwiseGP(self._items[self._seen], comparisons, covar_module=_kernel(), jitter=JITTER)
            self._model.covar_module.outputscale = 1.0
            self._model.eval()

    def scores(self) -> Array:
        """Return what each item is believed to be worth (n,)."""
        with _reading():
            scores: Array = self._model.posterior(self._items.unsqueeze(1)).mean.reshape(-1).numpy()
        return scores

    def chances(self, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> Array:
        """Return how likely the first of each pair of rows (m,) is believed to be chosen (m,), by its probit likelihood."""
        normal = self._torch.distributions.Normal(0.0, 1.0)
        with _reading():
            ends = self._items[self._torch.stack([self._torch.tensor(first), self._torch.tensor(second)], 1)]
            found = self._model.posterior(ends)
            mean, spread = found.mean.squeeze(-1), found.mvn.covariance_matrix
            variance = spread[:, 0, 0] + spread[:, 1, 1] - 2 * spread[:, 0, 1]
            # Each end's own noise has variance 1 in the likelihood, so a difference has 2.
            chances: Array = normal.cdf((mean[:, 0] - mean[:, 1]) / (2.0 + variance.clamp_min(0.0)).sqrt()).numpy()
        return chances


@contextmanager
def _reading() -> Iterator[None]:
    """No gradients; and no warnings of what is added to a diagonal, which the library mends by itself."""
    with importlib.import_module("torch").no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _kernel() -> Any:
    """Return SCALE (linear + CURVED RBF); PairwiseGP looks for the outer scale and its bounds."""
    kernels = importlib.import_module("gpytorch.kernels")
    priors = importlib.import_module("gpytorch.priors")
    linear, curved = (kernels.ScaleKernel(one) for one in (kernels.LinearKernel(), kernels.RBFKernel()))
    linear.base_kernel.variance, curved.base_kernel.lengthscale = 1.0, 0.5
    linear.outputscale, curved.outputscale = SCALE, CURVED * SCALE
    return kernels.ScaleKernel(linear + curved, outputscale_prior=priors.SmoothedBoxPrior(1e-2, 1e2, 0.1))
