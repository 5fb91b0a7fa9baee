"""The statements of a node that has met nobody yet, so that Teach has something to ask from the first minute.

Their embeddings are shipped beside them: a fresh node asks and learns without loading the encoder, which costs half a second and
130 MB. `python -m weal_node.mind.seed_statements` makes the file anew after a change of starter.txt.
"""

import functools
from importlib.resources import as_file, files

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from weal_node.features.encoder import Encoder
from weal_node.mind.text_vectors import digest
from weal_node.records import Item
from weal_protocol.items import item_id

_FOLDER = files("weal_node.mind")
_VECTORS = _FOLDER / "starter.safetensors"


def starter() -> list[Item]:
    """Return the project's own statements (starter.txt), as items of this node alone."""
    text = (_FOLDER / "starter.txt").read_text(encoding="utf-8")
    return [Item(item_id(line), line) for line in text.splitlines() if line.strip()]


@functools.cache
def starter_ids() -> frozenset[str]:
    """Return the ids of these statements."""
    return frozenset(item.id for item in starter())


def starter_embeddings() -> dict[str, npt.NDArray[np.float32]]:
    """Return the statements' embeddings (WIDTH,) by the SHA-256 of their text, as the cache names them."""
    with as_file(_VECTORS) as path:
        return load_file(path)


def make() -> dict[str, npt.NDArray[np.float32]]:
    """Return what the shipped file should hold, from the encoder itself."""
    texts = [item.text for item in starter()]
    return dict(zip(map(digest, texts), Encoder.load().embed(texts), strict=True))


if __name__ == "__main__":
    with as_file(_VECTORS) as target:
        save_file({name: np.ascontiguousarray(vector) for name, vector in make().items()}, target)
