"""What front matter says under keys that Weal has no use for: its writer's own properties, as lines that a page can show. Pure, bounded."""

from collections.abc import Iterator
from itertools import islice, starmap
from typing import Any

from weal_node.vault import comments, readers

MOST = 64  # properties of one note
MOST_VALUES = 400  # of all of them together that are looked at, however often one part names another
LONGEST = 500  # characters of a value, and of a name
DEPTH = 4
Properties = tuple[tuple[str, tuple[str, ...]], ...]


def of(known: dict[Any, Any], ours: tuple[str, ...]) -> Properties:
    """Return each key that is not one of ours, with its values; one without a value says nothing, and is left out."""
    properties, looked_at = list[tuple[str, tuple[str, ...]]](), iter(range(MOST_VALUES))
    for key, value in known.items():
        if isinstance(key, str) and key not in ours and readers.folded(key) != readers.KEY:
            values = tuple(filter(None, _lines(value, DEPTH, looked_at)))
            properties += [(_short(key), values)] if values else []
    return tuple(properties[:MOST])


def lines(properties: Properties) -> list[str]:
    """Return each property on a line, for what reads text alone."""
    return list(starmap(_line, properties))


def _line(name: str, values: tuple[str, ...]) -> str:
    return f"{name}: {', '.join(values)}"


def _lines(value: object, depth: int, looked_at: Iterator[int]) -> Iterator[str]:
    """Give the lines of a value while there is anything left of what may be looked at: a part may be named again and again."""
    if not depth or next(looked_at, None) is None:
        return
    if isinstance(value, str):
        yield _short(value)
    elif isinstance(value, list):
        for entry in islice(value, MOST_VALUES):
            yield from _lines(entry, depth - 1, looked_at)
    elif isinstance(value, dict):
        for key, entry in islice(value.items(), MOST_VALUES):
            yield from (_short(f"{key}: {line}") for line in _lines(entry, depth - 1, looked_at) if line)


def _short(text: str) -> str:
    return " ".join(comments.outgoing(text).split())[:LONGEST]
