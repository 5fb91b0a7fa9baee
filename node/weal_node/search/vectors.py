"""Embeddings of passages in memory: every cosine with a question is one matrix product, fast enough to need no index.

Where there are many, one question is first held against their leading 96 directions, and what seems near against all of them: a fifth
of the memory is read, and of the 200 nearest at least .99 are found (simulations/LOG.md, 2026-11-25, "Search over 50,000 notes"; measured over 384 numbers, an embedding of then). 100,000 passages take 243 MB. What was deleted stays until the next start; the roster no longer lets it through.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from weal_node.store import passages
from weal_node.store.lexicon import Mask

AT_ONCE = 4_096  # rows read from the store at a time
SMALLEST = 1_024
MANY = 20_000  # passages from which on a question is held against their leading directions first; this and what follows: simulations/LOG.md, 2026-11-25, "Search over 50,000 notes"
LEADING = 96  # of them
SAMPLE = 5_000  # passages that say which directions lead
LOOKED_AT = 10  # times as many passages as are asked for are held against the question exactly
FEW = 8  # where a filter lets less than one in so many through

Rows = npt.NDArray[np.float32]


class Vectors:
    """A growing matrix (n, width) of unit rows, each with a passage's id. Rows are never changed once they are seen.

    seen: how embeddings (n, width) are held."""

    def __init__(self, encoder: str, width: int, seen: Callable[[Rows], Rows] = lambda rows: rows) -> None:
        self._encoder = encoder
        self._held = seen
        self._width = width
        self._reading = threading.Lock()
        self._last = 0
        self._seen: tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]] = _empty(SMALLEST, width)
        self._count = 0
        self._leading: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]] | None = None

    def __len__(self) -> int:
        """How many passages are held."""
        return self._count

    @property
    def megabytes(self) -> float:
        """What the matrix takes in memory."""
        return (self._seen[1].nbytes + (self._leading[1].nbytes if self._leading else 0)) / 1e6

    def follow(self, connection: sqlite3.Connection) -> None:
        """Take in what was embedded since the last time."""
        with self._reading:
            while rows := passages.read_after(connection, self._encoder, self._last, AT_ONCE):
                self._room(len(rows))
                ids, matrix = self._seen
                place = slice(self._count, self._count + len(rows))
                numbers, passage_ids, embeddings = zip(*rows, strict=True)
                ids[place] = passage_ids
                matrix[place] = self._held(np.frombuffer(b"".join(embeddings), "<f4").reshape(-1, self._width))
                if self._leading is not None:
                    self._leading[1][place] = matrix[place] @ self._leading[0]
                self._count += len(rows)
                self._last = numbers[-1]
            if self._leading is None and self._count >= MANY:
                self._leading = self._lead()

    def _lead(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return the directions (width, 96) in which the passages differ most from nothing, and what all have of them (room, 96)."""
        matrix = self._seen[1]
        some = matrix[: self._count : max(1, self._count // SAMPLE)]
        _, vectors = np.linalg.eigh(some.T @ some)  # ascending
        directions = np.ascontiguousarray(vectors[:, -LEADING:])
        along = np.zeros((len(matrix), LEADING), np.float32)
        along[: self._count] = matrix[: self._count] @ directions
        return directions, along

    def _room(self, more: int) -> None:
        ids, matrix = self._seen
        if self._count + more > len(ids):
            grown = _empty(max(2 * len(ids), self._count + more), self._width)
            grown[0][: self._count], grown[1][: self._count] = ids[: self._count], matrix[: self._count]
            self._seen = grown
            if self._leading is not None:
                along = np.zeros((len(grown[0]), LEADING), np.float32)
                along[: self._count] = self._leading[1][: self._count]
                self._leading = (self._leading[0], along)

    def nearest(
        self, vectors: npt.NDArray[np.float32], limit: int, through: Mask, exactly: bool = False
    ) -> list[list[tuple[int, float]]]:
        """Return for each of these unit vectors (m, width) the nearest passages as (id, cosine), best first.

        through: by passage id, which of them are wanted; one that it is too short for is not.  exactly: leave none out
        by its leading directions."""
        count, leading, (ids, matrix) = self._count, self._leading, self._seen
        numbers, rows = ids[:count], matrix[:count]
        chosen = np.flatnonzero(through[np.minimum(numbers, len(through) - 1)] & (numbers < len(through)))
        if (
            leading is not None
            and not exactly
            and len(vectors) == 1
            and len(chosen) > MANY // 2
            and limit * LOOKED_AT < len(chosen)
        ):
            seeming = leading[1][:count] @ (vectors[0] @ leading[0])
            if len(chosen) < count:
                seeming = seeming[chosen]
            chosen = chosen[np.argpartition(seeming, -limit * LOOKED_AT)[-limit * LOOKED_AT :]]
        if len(chosen) * FEW < count:  # to copy these few is quicker than to multiply by all
            numbers, rows, chosen = numbers[chosen], rows[chosen], np.arange(len(chosen))
        cosines = (rows @ vectors[0])[None] if len(vectors) == 1 else vectors @ rows.T  # (m, n)
        if len(chosen) < len(numbers):
            numbers, cosines = numbers[chosen], cosines[:, chosen]
        return [_best(numbers, row, limit) for row in cosines]

    def of(self, wanted: Sequence[int]) -> npt.NDArray[np.float32]:
        """Return the vectors (n, width) of these passages; zeros for one that is not embedded yet."""
        count, (ids, matrix) = self._count, self._seen
        rows = np.flatnonzero(np.isin(ids[:count], np.asarray(wanted, np.int64)))
        row_of = dict(zip(ids[rows].tolist(), rows.tolist(), strict=True))
        vectors = np.zeros((len(wanted), self._width), np.float32)
        for place, passage in enumerate(wanted):
            if passage in row_of:
                vectors[place] = matrix[row_of[passage]]
        return vectors


def _best(ids: npt.NDArray[np.int64], cosines: npt.NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
    some = np.argpartition(cosines, -limit)[-limit:] if len(cosines) > limit else np.arange(len(cosines))
    order = some[np.lexsort((ids[some], -cosines[some]))]
    return list(zip(ids[order].tolist(), map(float, cosines[order]), strict=True))


def _empty(rows: int, width: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    return np.zeros(rows, np.int64), np.zeros((rows, width), np.float32)
