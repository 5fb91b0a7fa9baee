"""Write projection.safetensors and landmarks.safetensors from statements.txt. Run it only for a new version: heads depend on the files.

Its SHA-256 then goes into weal_protocol/representation.py, by which coordinator and nodes know that they speak of the same.

python -m weal_node.features.fit_projection
"""

from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from weal_node.features.encoder import Encoder
from weal_node.features.projection import FILE, fit

LANDMARKS_FILE = "landmarks.safetensors"
LANDMARKS = 96  # chosen


def statements() -> tuple[str, ...]:
    """Return the project's own public statements, one a line of the file."""
    text = resources.files("weal_node.features").joinpath("statements.txt").read_text()
    return tuple(line for line in text.splitlines() if line)


def spread_out(embeddings: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
    """Return (count, WIDTH) of the embeddings, far from each other: the farthest from all chosen so far is next (Gonzalez 1985)."""
    chosen = [int(np.argmax(embeddings @ embeddings.mean(0)))]
    distance = 1.0 - embeddings @ embeddings[chosen[0]]
    while len(chosen) < count:
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, 1.0 - embeddings @ embeddings[chosen[-1]])
    return embeddings[sorted(chosen)]


def main() -> None:
    """Fit and write."""
    folder = Path(str(resources.files("weal_node.features")))
    embeddings = Encoder.load().embed(statements())
    (folder / FILE).write_bytes(save(fit(embeddings)))
    (folder / LANDMARKS_FILE).write_bytes(save({"vectors": spread_out(embeddings, LANDMARKS)}))


if __name__ == "__main__":
    main()
