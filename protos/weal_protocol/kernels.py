"""The grid of kernels of a person's residual, and what is believed of it before a community has said anything.

    k(x, y) = sum_g share_g k_g(x, y),   k_g = variance cos(x, y)   or   variance exp((cos(x, y) - 1) / width)

Members tell a round in what shares their answers speak for each, and a release says what came of it: so both sides must mean the same grid.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kernel:
    """One kernel of the grid. variance: log-odds squared, of any one item.  width: of cosine, None where the kernel is linear."""

    variance: float
    width: float | None = None


GRID = (
    Kernel(0.0),
    Kernel(0.1, 0.3),
    Kernel(0.5, 0.3),
    Kernel(1.5, 0.3),
    Kernel(4.0, 0.3),
    Kernel(0.5, 0.1),
    Kernel(2.0, 0.1),
    Kernel(0.5, 1.0),
    Kernel(2.0, 1.0),
    Kernel(0.5),
    Kernel(1.5),
    Kernel(4.0),
    Kernel(10.0),
    Kernel(25.0),
)
KERNELS = len(GRID)


def shares(*of_grid: float) -> Vector:
    """Return shares of the grid (KERNELS,) that sum to one."""
    given = np.array(of_grid)
    normal: Vector = given / given.sum()
    return normal


# Beside a release that says nothing of kernels: near what 100 people's first twenty answers say of the grid on Bowling Green, German votes and
# tastes (seed 101; .39 to .47 on "none"), and a little flatter, for pairs among few things: .967 of them right after 20 answers for .927. Flat
# shares cost .003 to .006 of log-loss on votes (simulations/LOG.md, 2026-11-30).
BESIDE_RELEASE = shares(0.45, 0.22, 0.07, 0.03, 0.01, 0.04, 0.02, 0.04, 0.015, 0.065, 0.025, 0.012, 0.005, 0.001)
