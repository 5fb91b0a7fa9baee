"""Embeddings by the hash of their text and the digest of the encoder: computed once."""

import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from weal_node.store.rows import singly

Embedding = npt.NDArray[np.float32]

SCHEMA = """
CREATE TABLE embeddings (
    encoder TEXT NOT NULL,
    text TEXT NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (encoder, text)
) WITHOUT ROWID;
"""


def add(connection: sqlite3.Connection, encoder: str, rows: Iterable[tuple[str, Embedding]]) -> None:
    """Store embeddings by the hash of their text."""
    connection.executemany(
        "INSERT OR REPLACE INTO embeddings (encoder, text, vector) VALUES (?, ?, ?)",
        ((encoder, text, vector.astype("<f4").tobytes()) for text, vector in rows),
    )


def remove(connection: sqlite3.Connection, texts: Iterable[str]) -> None:
    """Forget embeddings of texts that were taken back, by the hash of their text."""
    connection.executemany("DELETE FROM embeddings WHERE text = ?", singly(texts))


def drop_others(connection: sqlite3.Connection, encoder: str, limit: int) -> int:
    """Forget some embeddings that another encoder made, at most so many; return how many."""
    some = "SELECT encoder, text FROM embeddings WHERE encoder <> ? LIMIT ?"
    return connection.execute(f"DELETE FROM embeddings WHERE (encoder, text) IN ({some})", (encoder, limit)).rowcount  # noqa: S608 -- our own words


def find(connection: sqlite3.Connection, encoder: str, texts: Sequence[str]) -> dict[str, Embedding]:
    """Return those of these text hashes that are known."""
    vectors: dict[str, Embedding] = {}
    for start in range(0, len(texts), 500):
        part = texts[start : start + 500]
        marks = ", ".join("?" * len(part))
        query = f"SELECT text, vector FROM embeddings WHERE encoder = ? AND text IN ({marks})"  # noqa: S608 -- marks only
        rows = connection.execute(query, (encoder, *part))
        vectors |= {text: np.frombuffer(vector, "<f4") for text, vector in rows}
    return vectors
