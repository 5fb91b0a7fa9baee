"""Whose each passage is, of what kind, for whom and from when, in memory, so that a filter is a few comparisons of columns.

22 bytes a passage. A passage is never changed, only added and deleted, so the newest number and how many there are say what to read.
"""

import sqlite3
import threading

import numpy as np
import numpy.typing as npt

from weal_node.store import passages
from weal_node.store.lexicon import Mask
from weal_node.store.passages import Filter

_COLUMNS = np.dtype([("id", "<i8"), ("author", "<i4"), ("kind", "i1"), ("visibility", "i1"), ("written_ms", "<i8")])

MASKS = 16  # of the last filters, kept while nothing changes


class Roster:
    """What filters look at, by passage."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._rows = np.zeros(0, _COLUMNS)  # by id; replaced, never changed
        self._last = 0
        self._codes: dict[str, int] = {}
        self._masks: dict[Filter, tuple[npt.NDArray[np.void], Mask]] = {}

    def through(self, connection: sqlite3.Connection, wanted: Filter) -> Mask:
        """Return whether a passage is there and let through, by its id: (newest id + 1,). Not to be changed by the caller."""
        rows = self._follow(connection)
        masked_rows, mask = self._masks.get(wanted, (None, None))
        if mask is None or masked_rows is not rows:  # the two ways of looking for one question ask for the same
            mask = self._mask(connection, wanted, rows)
            if len(self._masks) >= MASKS:
                self._masks.clear()
            self._masks[wanted] = (rows, mask)
        return mask

    def _mask(self, connection: sqlite3.Connection, wanted: Filter, rows: npt.NDArray[np.void]) -> Mask:
        chosen = np.ones(len(rows), np.bool_)
        if wanted.authors is not None:
            chosen &= np.isin(rows["author"], [self._codes.get(author, -1) for author in wanted.authors])
        if wanted.others:
            chosen &= rows["author"] != self._codes.get("", -1)
        if wanted.kind:
            chosen &= rows["kind"] == self._codes.get(wanted.kind, -1)
        if wanted.visibility:
            chosen &= rows["visibility"] == self._codes.get(wanted.visibility, -1)
        if wanted.since_ms is not None:
            chosen &= rows["written_ms"] >= wanted.since_ms
        if wanted.until_ms is not None:
            chosen &= rows["written_ms"] < wanted.until_ms
        if wanted.tag:
            tagged = np.array(passages.tagged(connection, wanted.tag), np.int64)
            chosen &= np.isin(rows["id"], tagged)
        mask = np.zeros(int(rows["id"][-1]) + 1 if len(rows) else 1, np.bool_)
        mask[rows["id"][chosen]] = True
        return mask

    def _follow(self, connection: sqlite3.Connection) -> npt.NDArray[np.void]:
        """Take in what came and drop what went since the last time."""
        with self._reading:
            columns = passages.columns_after(connection, self._last)
            if columns:
                code = self._code
                rows = [
                    (number, code(author), code(kind), code(seen), at) for number, author, kind, seen, at in columns
                ]
                self._rows = np.concatenate([self._rows, np.array(rows, _COLUMNS)])
                self._last = columns[-1][0]
            if passages.total(connection) != len(self._rows):
                self._rows = self._rows[np.isin(self._rows["id"], passages.ids(connection))]
            return self._rows

    def _code(self, text: str) -> int:
        return self._codes.setdefault(text, len(self._codes))
