"""A request's JSON, read strictly: what a later step cannot store, compare or send back is refused here, by name. Pure."""

import json
from typing import Any, NoReturn

MAX_DEPTH = 32  # a data part lies 5 deep, an issue's value 8


class NotJsonError(ValueError):
    """What came is no JSON, or none that can be answered in JSON."""


def read(body: bytes) -> Any:
    """Return the value; NotJsonError for anything but UTF-8 JSON with finite numbers, whole characters and at most MAX_DEPTH levels."""
    try:
        parsed = json.loads(body.decode(), parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as fault:
        raise NotJsonError("that is not JSON") from fault
    waiting = [(parsed, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise NotJsonError(f"that is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, str):
            _whole(value)
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]
        elif isinstance(value, dict):
            waiting += [(part, depth + 1) for part in (*value, *value.values())]
    return parsed


def _no_number(name: str) -> NoReturn:
    raise NotJsonError(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise NotJsonError("a number is too large")
    return number


def _whole(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as fault:
        raise NotJsonError("a text holds half a character") from fault
