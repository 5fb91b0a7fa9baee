"""From what members' answers say of the residual's kernels, through the rounds' noise: in what shares the next person's agent should expect them.

Each member gives the shares that their own answers leave of those before: the mean of these is one step of expectation maximisation on the shares of a
mixture (Dempster, Laird and Rubin 1977), and every release is where the next round's steps start. What is released is drawn to the shares that ship
with the program, by a Dirichlet prior and by the noise.
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
    # Shares of communities differ by a variance of about (1/G) / (STANDING + 1): noise of that size in the mean halves what is believed of it.
    standing = STANDING + noise * KERNELS * (STANDING + 1.0) / people
    raised = np.maximum(heard + standing * BESIDE_RELEASE, 0.0)
    found: Vector = raised / raised.sum()
    return found
