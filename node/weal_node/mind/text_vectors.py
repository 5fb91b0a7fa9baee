"""Embeddings of texts, from the store where they are known and else from the encoder."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_node.features.weights import ENCODER_SHA256, WIDTH
from weal_node.records import Item
from weal_node.store import embeddings
from weal_node.store.database import Database
from weal_node.worker import TorchWorker

Vectors = npt.NDArray[np.float32]
CHUNK = 256  # texts embedded and stored at a time: others get their turn, and a kill loses no more than this


class TextVectors:
    """Unit embeddings (n, WIDTH) of texts; each is computed once."""

    def __init__(self, database: Database, worker: TorchWorker) -> None:
        self._database = database
        self._worker = worker

    async def of(self, texts: Sequence[str]) -> Vectors:
        """Return the embeddings (n, WIDTH) of these texts."""
        digests = list(map(digest, texts))
        vectors = await self._database.read(lambda connection: embeddings.find(connection, ENCODER_SHA256, digests))
        missing = {name: text for name, text in zip(digests, texts, strict=True) if name not in vectors}
        if missing:
            computed = await self._worker.embed(list(missing.values()))
            fresh = dict(zip(missing, computed, strict=True))
            await self._database.write(lambda connection: embeddings.add(connection, ENCODER_SHA256, fresh.items()))
            vectors |= fresh
        return np.array([vectors[name] for name in digests], np.float32).reshape(len(digests), WIDTH)

    async def stored(self, items: Sequence[Item]) -> tuple[Vectors, npt.NDArray[np.bool_]]:
        """Return the embeddings (n, WIDTH) of the items' texts and whether each is known (n,), zeros where not. Nothing is computed."""
        digests = [digest(item.text) for item in items]
        known = await self._database.read(lambda connection: embeddings.find(connection, ENCODER_SHA256, digests))
        vectors = np.zeros((len(items), WIDTH), np.float32)
        for row, name in enumerate(digests):
            if name in known:
                vectors[row] = known[name]
        return vectors, np.array([name in known for name in digests], dtype=bool)

    async def of_items(self, items: Sequence[Item]) -> Vectors:
        """Return the embeddings (n, WIDTH) of the items' texts, CHUNK at a time."""
        texts = [item.text for item in items]
        chunks = [await self.of(texts[start : start + CHUNK]) for start in range(0, len(texts), CHUNK)]
        return np.vstack([np.zeros((0, WIDTH), np.float32), *chunks])


def digest(text: str) -> str:
    """Return the name under which the store keeps a text's embedding: its SHA-256, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
