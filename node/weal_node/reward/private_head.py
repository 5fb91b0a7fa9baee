"""A head in which each single answer is hidden, even from the coordinator: DP-SGD over one's own comparisons.

Abadi et al. 2016, by Opacus. One example is one comparison: its forward pass takes both ends at once, (B, 2, D), and returns
the difference of their scores; the two ends as rows of their own would halve the unit of privacy. A yes or no to one
item is a comparison with nothing, and the community's bias of an item is public and held still. Adjacency: one answer more or less.
"""

import functools
import importlib.util
import secrets
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
# Chosen, and measured as a whole by the study `federation`: .771/.779 from 5 and 20 answers, tier label-private (simulations/LOG.md, 2026-11-28).
SIGMA = 2.0  # noise multiplier
STEPS = 30
SAMPLED = 0.3  # chance of each answer to be in a step's batch; fixed, since the number of answers is hidden too
SCALE = 10  # what a batch's noisy sum is divided by; fixed for the same reason
RATE = 1.0
CLIP = 1.0  # L2, of one comparison's gradient
DELTA = 1e-5
PRIOR_PULL = 0.02  # a step towards the population's mean, which is public
COST = (SIGMA, SAMPLED, STEPS)  # of one training
EVERY_ROUNDS = 10  # when to train anew must not depend on answers: every so many rounds of the community
MOST_TRAININGS = 1_000  # that are counted for a price
# The orders at which Opacus' RDPAccountant looks, one of which is the best.
ORDERS = [*(1 + tenths / 10 for tenths in range(1, 100)), *range(12, 64)]


@dataclass(frozen=True, slots=True)
class Trained:
    """A head and what its training cost.

    weights: (D,).  spent: (noise multiplier, sampling rate, steps), what Opacus' accountant composes."""

    weights: Array
    spent: tuple[float, float, int]


def train(ends: Array, offset: Array, yes: Array, start: Array) -> Trained:
    """Return a head trained from `start` (D,) on comparisons. ends: (n, 2, D).  offset: (n,), public.  yes: (n,), 1 or 0.

    The noise comes from a generator seeded by the operating system.
    """
    import torch
    from opacus.grad_sample import GradSampleModule
    from opacus.optimizers import DPOptimizer

    class Pair(torch.nn.Module):
        def __init__(self, size: int) -> None:
            super().__init__()
            self.head = torch.nn.Linear(size, 1, bias=False, dtype=torch.float64)

        def forward(self, pair: torch.Tensor) -> torch.Tensor:
            score = self.head(pair)[..., 0]
            difference: torch.Tensor = score[:, 0] - score[:, 1]
            return difference

    generator = torch.Generator().manual_seed(secrets.randbits(63))
    model = Pair(len(start))
    with torch.no_grad():
        model.head.weight.copy_(torch.from_numpy(start)[None])
    wrapped = GradSampleModule(model, loss_reduction="sum")
    optimiser = DPOptimizer(
        torch.optim.SGD(wrapped.parameters(), lr=RATE / SCALE),
        noise_multiplier=SIGMA,
        max_grad_norm=CLIP,
        expected_batch_size=None,  # of a sum there is nothing to divide
        loss_reduction="sum",
        generator=generator,
    )
    x, shift = torch.tensor(ends, dtype=torch.float64), torch.tensor(offset, dtype=torch.float64)
    outcome = torch.tensor(yes, dtype=torch.float64)
    for _ in range(STEPS):
        # Poisson sampling, as is accounted for
        drawn = torch.rand(len(outcome), generator=generator, dtype=torch.float64) < SAMPLED
        optimiser.zero_grad()
        if drawn.any():
            # Opacus reads gradients off a hook that wants an input that needs one.
            score = wrapped(x[drawn].requires_grad_()) + shift[drawn]
            torch.nn.functional.binary_cross_entropy_with_logits(score, outcome[drawn], reduction="sum").backward()  # type: ignore[no-untyped-call]
        else:
            _nothing_drawn(wrapped)
        optimiser.step()
        with torch.no_grad():
            model.head.weight.mul_(1 - PRIOR_PULL).add_(torch.from_numpy(start)[None], alpha=PRIOR_PULL)
    return Trained(model.head.weight.detach().numpy()[0].copy(), (SIGMA, SAMPLED, STEPS))


def _nothing_drawn(module: object) -> None:
    """An empty batch has a gradient of zero for no example at all, and gets noise like any other."""
    for parameter in module.parameters():  # type: ignore[attr-defined]
        parameter.grad_sample = parameter.new_zeros((0, *parameter.shape))


def epsilon(history: list[tuple[float, float, int]], delta: float = DELTA) -> float:
    """Return what all trainings have cost each answer, by Opacus' accountant (Renyi; Mironov, Talwar and Zhang 2019)."""
    if not history:
        return 0.0
    spent = np.zeros(len(ORDERS))
    for sigma, rate, steps in history:
        spent = spent + _one_step(sigma, rate) * steps
    cost, _ = _renyi().get_privacy_spent(orders=ORDERS, rdp=spent, delta=delta)
    return float(cost)


@functools.lru_cache(maxsize=8)
def trainings(cap: float) -> tuple[float, int]:
    """Return what one training costs each answer (epsilon), and how many fit under the cap."""
    count = 0
    while count < MOST_TRAININGS and epsilon([(SIGMA, SAMPLED, STEPS * (count + 1))]) <= cap:
        count += 1
    return epsilon([COST]), count


@functools.lru_cache(maxsize=32)
def _one_step(sigma: float, rate: float) -> Array:
    """Return the Renyi divergences (orders,) of one step, what takes most of the time."""
    return np.asarray(_renyi().compute_rdp(q=rate, noise_multiplier=sigma, steps=1, orders=ORDERS))


@functools.lru_cache(maxsize=1)
def _renyi() -> ModuleType:
    """Return Opacus' own arithmetic, read from its file: imported by its name it brings torch, which whoever asks a price may not have."""
    spec = importlib.util.find_spec("opacus")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("opacus is not installed")
    file = Path(spec.origin).parent / "accountants/analysis/rdp.py"
    own = importlib.util.spec_from_file_location("weal_node.reward._opacus_rdp", file)
    if own is None or own.loader is None:
        raise ModuleNotFoundError("opacus has no accountant where it was")
    module = importlib.util.module_from_spec(own)
    own.loader.exec_module(module)
    return module
