"""Rows as SQLite gives and takes them: a column of them, values by their first column, a value as one."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


def column(rows: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
    """Yield the first value of each row."""
    for row in rows:
        yield row[0]


def singly(values: Iterable[Any]) -> Iterator[tuple[Any]]:
    """Yield each value as a row of its own, for `executemany`."""
    for value in values:
        yield (value,)


def keyed(make: Callable[..., T], rows: Iterable[tuple[Any, ...]]) -> dict[Any, T]:
    """Return what is made of each row, by its first value."""
    return {row[0]: make(*row) for row in rows}


def under(key: Any, values: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield each value as a row behind the same key, for `executemany`."""
    for value in values:
        yield key, value
