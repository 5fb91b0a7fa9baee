"""The shared representation: what a community's release holds, as named shapes.

    u(x) = b(x) + w . phi(x),   phi(x) = [1, z(x)]

A release says, for every item that enough people judged, its bias `b` (log-odds, against the average item) and its
shared axes `z` (with the text map, of any text's too), and for the heads `w` of the population their mean and covariance (a Gaussian prior for the next
person). What else a person's head is over is theirs alone. Which noise and whose data stand behind the numbers is the manifest's business (release.proto).
"""

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from weal_protocol.errors import MalformedError
from weal_protocol.kernels import GRID, KERNELS

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

AXES = 3
COMPONENTS = 24  # public directions of a text's embedding, which the text map reads axes from; no head is over them
SHARED = 1 + AXES  # constant, axes: the dimensions of a head that are shared
MAX_ITEMS = 4_096
SUMS_TO_ONE = 1e-6  # as far as float64 and another program's rounding may be off
# What phi is computed by. Heads over other features mean something else, so a release names these, and of one made by others a node
# takes only what `by_id` leaves.
ENCODER_SHA256 = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"  # Universal Sentence Encoder, multilingual, weights.npz
PROJECTION_SHA256 = (
    "92d1684b0b5b0a994c930298fa7e59591803de89c4ac3a588f9def679c5a3a50"  # the node's projection.safetensors
)
LAYOUT = f"weal/3 constant=1 axes={AXES} map={COMPONENTS}"
LAYOUT_BEFORE = f"weal/2 constant=1 axes={AXES} components={COMPONENTS} map"  # heads were over the components too
SHARED_BEFORE = SHARED + COMPONENTS
# One word for all of it: a round is about these features, and of sums over others only what `by_id` leaves counts.
_READ_BY = f"{LAYOUT} {ENCODER_SHA256} {PROJECTION_SHA256}"
FEATURES = hashlib.sha256(f"{_READ_BY} kernels={GRID}".encode()).hexdigest()[:16]
FEATURES_BEFORE = hashlib.sha256(_READ_BY.encode()).hexdigest()[:16]  # the same, of rounds that did not ask for kernels


@dataclass(frozen=True, slots=True)
class Representation:
    """The content of a release, as values.

    items: ids, sorted, n of them.  bias: (n,) log-odds of "yes" for a person of average head.
    bias_sd: (n,) standard error of `bias`, privacy noise included.
    axes: (n, AXES), what an item's place has over and above what its text says; text_map: (COMPONENTS, AXES), what a
    text says, z(x) = components(x) . text_map + axes[x]. Both zero in layout `light`.
    margin: (n,) log-odds of the share of people who said yes, which is what to expect of somebody who said nothing yet; None: not released.
    prior_mean: (SHARED,).  prior_covariance: (SHARED, SHARED), symmetric positive definite.
    kernel_shares: (KERNELS,), none negative, sum 1: what the population's answers say of the residual's kernels; None: not released.
    """

    items: tuple[str, ...]
    bias: Vector
    bias_sd: Vector
    axes: Matrix
    prior_mean: Vector
    prior_covariance: Matrix
    number: int = 0
    text_map: Matrix = field(default_factory=lambda: np.zeros((COMPONENTS, AXES)))
    margin: Vector | None = None
    kernel_shares: Vector | None = None
    index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        n = len(self.items)
        shapes = {
            "bias": (self.bias, (n,)),
            "bias_sd": (self.bias_sd, (n,)),
            "axes": (self.axes, (n, AXES)),
            "text_map": (self.text_map, (COMPONENTS, AXES)),
            "prior_mean": (self.prior_mean, (SHARED,)),
            "prior_covariance": (self.prior_covariance, (SHARED, SHARED)),
        }
        if self.margin is not None:
            shapes["margin"] = (self.margin, (n,))
        if self.kernel_shares is not None:
            shapes["kernel_shares"] = (self.kernel_shares, (KERNELS,))
        if n > MAX_ITEMS or tuple(sorted(set(self.items))) != self.items:
            raise MalformedError("a release's items are not sorted, repeat, or are too many")
        for name, (array, shape) in shapes.items():
            if array.shape != shape or array.dtype != np.float64:
                raise MalformedError(f"{name} in a release has the wrong shape or type")
            if not np.isfinite(array).all():
                raise MalformedError(f"{name} in a release holds a value that is not a number, or is infinite")
        covariance = self.prior_covariance
        if not np.allclose(covariance, covariance.T) or np.linalg.eigvalsh(covariance)[0] <= 0:
            raise MalformedError("the prior covariance in a release is not positive definite")
        of_kernels = self.kernel_shares
        if of_kernels is not None and (of_kernels.min() < 0.0 or abs(of_kernels.sum() - 1.0) > SUMS_TO_ONE):
            raise MalformedError("the shares of kernels in a release are negative or do not sum to one")
        object.__setattr__(self, "index", {item: row for row, item in enumerate(self.items)})


def empty() -> Representation:
    """Return what stands before any release: no items, and a parametric prior (see reward/prior.py)."""
    return Representation(
        (), np.zeros(0), np.zeros(0), np.zeros((0, AXES)), np.zeros(SHARED), np.diag([0.5, *[0.5] * (SHARED - 1)])
    )


def by_id(representation: Representation) -> Representation:
    """Return what holds of a release whatever encoder it was made under: bias and axes of items by their ids, and the prior over constant and axes.

    What it says of texts goes: the text map is zero, and kernels are not told, whose widths are an encoder's.
    """
    return replace(representation, text_map=np.zeros((COMPONENTS, AXES)), kernel_shares=None)
