"""From what members' answers say of the residual's kernels, through the rounds' noise: in what shares the next person's agent should expect them.

Each member gives the shares that their own answers leave of those before: the mean of these is one step of expectation maximisation on the shares of a
mixture (Dempster, Laird and Rubin 1977), and every release is where the next round's steps start. What is released is drawn to the shares that ship
with the program, by how many people spoke and by the noise (a linear rule of Bayes; Efron and Morris 1975).
"""

import numpy as np

from weal_protocol.kernels import BESIDE_RELEASE, KERNELS
from weal_protocol.representation import Vector

# Chosen: people whom the shipped shares stand for. Communities differ much in what they rate (votes and tastes differ by .1 of "none"), so few.
STANDING = 10.0
CERTAIN = 2.0  # standard deviations of noise that the number of people heard must pass


def estimated(heard: Vector, noise: float) -> Vector | None:
    """Return the shares (KERNELS,), None where noise is most of what was heard, or nobody was.

    heard: (KERNELS,), what was given for each kernel, noise and all; one person gives one in all.  noise: variance of each number.
    """
    people = float(heard.sum())
    if people < max(1.0, CERTAIN * (KERNELS * noise) ** 0.5):
        return None
    spread = BESIDE_RELEASE * (1.0 - BESIDE_RELEASE) / (STANDING + 1.0)  # of a share among communities (Dirichlet)
    error = STANDING * spread / people + noise / people**2  # of what so many people said, and of the noise
    # Each share by itself: noise that hardly changes a share of a half would make a tiny one ten times as large.
    believed = spread / (spread + error)
    raised = np.maximum(BESIDE_RELEASE + believed * (heard / people - BESIDE_RELEASE), 0.0)
    found: Vector = raised / raised.sum()
    return found
