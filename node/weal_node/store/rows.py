"""Rows as SQLite gives and takes them: a column of one, a value as one."""

from collections.abc import Iterable, Iterator
from typing import Any


def column(rows: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
    """Yield the first value of each row."""
    for row in rows:
        yield row[0]


def singly(values: Iterable[Any]) -> Iterator[tuple[Any]]:
    """Yield each value as a row of its own, for `executemany`."""
    for value in values:
        yield (value,)
