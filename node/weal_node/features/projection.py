"""The public projection: 24 directions of the embedding, fitted on public text alone and shipped with the program."""

import functools
import hashlib
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load

from weal_protocol.errors import MalformedError
from weal_protocol.representation import COMPONENTS, PROJECTION_SHA256

FILE = "projection.safetensors"
SPREAD = 0.5  # chosen: standard deviation over all entries, on the text it was fitted on


@dataclass(frozen=True, slots=True)
class Projection:
    """An affine map from embeddings to components.

    centre: (WIDTH,).  directions: (WIDTH, 24).  digest: hex SHA-256 of the file."""

    centre: npt.NDArray[np.float64]
    directions: npt.NDArray[np.float64]
    digest: str

    def apply(self, embeddings: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return the components (n, 24) of embeddings (n, WIDTH).

        Not by BLAS, whose last bit of a row depends on how many rows there are: a posterior must not change because
        something unrelated became known.
        """
        centred = embeddings.astype(np.float64) - self.centre
        components: npt.NDArray[np.float64] = np.einsum("nd,dk->nk", centred, self.directions)
        return components


def relative(embeddings: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return embeddings (n, WIDTH) as seen from the middle of public text, at length one: what all sentences share counts nothing.

    By their cosines an answer in other words is found where a question's words alone would hide it (simulations/LOG.md, 2026-11-30, "Proposals under another encoder")."""
    centred = embeddings - shipped().centre.astype(np.float32)
    unit: npt.NDArray[np.float32] = centred / np.maximum(np.linalg.norm(centred, axis=-1, keepdims=True), 1e-12)
    return unit


@functools.cache
def shipped() -> Projection:
    """Return the projection that comes with the program."""
    raw = resources.files("weal_node.features").joinpath(FILE).read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    if digest != PROJECTION_SHA256:
        raise MalformedError("the shipped projection is not the pinned one", "Reinstall Weal")
    arrays = load(raw)
    return Projection(arrays["centre"], arrays["directions"], digest)


def fit(embeddings: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float64]]:
    """Return the arrays of a projection: principal components of embeddings (n, WIDTH), n > 24, scaled so that all their entries have standard deviation SPREAD.

    Signs are made canonical (the largest entry of a direction is positive), so that the fit is reproducible.
    """
    centre = embeddings.astype(np.float64).mean(0)
    _, _, rows = np.linalg.svd(embeddings - centre, full_matrices=False)
    directions = rows[:COMPONENTS].T
    directions = directions * np.sign(directions[np.abs(directions).argmax(0), np.arange(COMPONENTS)])
    spread = ((embeddings - centre) @ directions).std()
    return {"centre": centre, "directions": np.ascontiguousarray(directions / spread * SPREAD)}
