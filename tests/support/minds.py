"""A mind without the encoder, which takes seconds to load: what a text means is told by the test."""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from weal_node.features import vocabulary
from weal_node.features.projection import shipped
from weal_node.features.weights import WIDTH
from weal_node.records import Item
from weal_node.worker import TorchWorker
from weal_protocol.items import item_id

Vector = npt.NDArray[np.float64]  # (WIDTH,), of any length but zero
Meaning = Callable[[str], Vector]


def apart(text: str) -> Vector:
    """A direction of its own for every text."""
    written = text.encode(errors="replace")
    return np.random.default_rng(len(text) * 1_000 + sum(written)).normal(size=WIDTH)


def about(name: str) -> Vector:
    """The direction of a concept of the public vocabulary."""
    known = vocabulary.shipped()
    number = known.number(name)
    assert number is not None
    return np.asarray(known.directions[number])


def on_two_sides(is_first: Callable[[str], bool]) -> Meaning:
    """Two kinds of texts, far apart: those of the first are about gardening, the others about what is opposite to it, which has no name."""

    def meaning(text: str) -> Vector:
        side = 1.0 if is_first(text) else -1.0
        return np.asarray(shipped().centre + 0.5 * side * about("gardening") + 0.2 * apart(text) / np.sqrt(WIDTH))

    return meaning


def by_first_word(text: str) -> Vector:
    """Texts that begin alike lie near each other."""
    first, whole = apart(text.split()[0]), apart(text)
    return np.asarray(shipped().centre + (first + 0.3 * whole) / np.sqrt(WIDTH))


def by_words(topics: Mapping[str, int] | None = None) -> Meaning:
    """Texts are near each other that share words. topics: which of ten topics a word is about; what is about none weighs little then."""

    def meaning(text: str) -> Vector:
        vector = np.full(WIDTH, 1e-3)
        for word in re.findall(r"[^\W_]+", text.lower()):
            if topics and word in topics:
                vector[topics[word]] += 1.0
            elif topics or len(word) > 3:
                vector[10 + sum(word[:5].encode()) * 7 % (WIDTH - 10)] += 0.1 if topics else 1.0
        return _around_public_text(vector)

    return meaning


def _around_public_text(direction: Vector) -> Vector:
    """A vector of length one that lies in this direction from the middle of public text, as the encoder's lie around it."""
    centre, along = shipped().centre, direction / np.linalg.norm(direction)
    towards = float(centre @ along)
    return np.asarray(centre + (np.sqrt(towards**2 + 1 - centre @ centre) - towards) * along)


def vectors(texts: Sequence[str], meaning: Meaning = apart) -> npt.NDArray[np.float32]:
    """The texts' meanings as the encoder gives them: (n, WIDTH), each of length 1."""
    rows = np.array([meaning(text) for text in texts]).reshape(len(texts), WIDTH)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


class Embedder(TorchWorker):
    """Stands for the encoder in the worker. batches: the texts that it was given.  free: cleared, it waits until that is set again."""

    def __init__(self, meaning: Meaning = apart) -> None:
        super().__init__()
        self.meaning = meaning
        self.batches: list[list[str]] = []
        self.free = asyncio.Event()
        self.free.set()

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return (n, WIDTH)."""
        self.batches.append(list(texts))
        await self.free.wait()
        return vectors(texts, self.meaning)


class Reader:
    """Stands for a whole mind where all that matters is what it reads and lets go. texts: by the item's id."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    async def add_items(self, new: Sequence[Item]) -> None:
        """Read these; a text that has no bytes is refused, as by the encoder."""
        for item in new:
            item.text.encode()
        self.texts |= {item.id: item.text for item in new}

    async def let_go(self, gone: Iterable[str]) -> None:
        """Forget these."""
        for item in gone:
            del self.texts[item]


ITEMS = [Item(item_id(text), text) for text in (f"Statement number {number}" for number in range(40))]
