"""Why a score is what it is: an exact split into what each dimension adds."""

import math

import numpy as np
import numpy.typing as npt

from weal_node.features.layout import NAMES
from weal_node.records import Part
from weal_node.reward.posterior import Posterior

COMMUNITY = "what others said of it"


def parts(posterior: Posterior, phi: npt.NDArray[np.float64], bias: float) -> tuple[Part, ...]:
    """Return the summands of u(x), largest first: the bias b(x) and w_d phi_d for each dimension that plays a part.

    They sum to the score exactly (to rounding). sd: of each summand alone; the bias is taken as known.
    """
    deviations = np.sqrt(np.diag(posterior.covariance))
    found = [Part(COMMUNITY, float(bias), 0.0)] if bias else []
    found += [
        Part(name, float(weight * value), float(abs(value) * deviation))
        for name, weight, value, deviation in zip(NAMES, posterior.mean, phi, deviations, strict=True)
        if value
    ]
    return tuple(sorted(found, key=lambda part: -abs(part.amount)))


def concepts(posterior: Posterior) -> tuple[Part, ...]:
    """Return what is believed of each dimension: its weight and how sure that is."""
    return tuple(
        Part(name, float(weight), math.sqrt(variance))
        for name, weight, variance in zip(NAMES, posterior.mean, np.diag(posterior.covariance), strict=True)
    )
