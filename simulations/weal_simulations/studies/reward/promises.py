"""What is promised of learning, by the collection that it is promised on, and held against the rows measured there."""

import math
from collections.abc import Sequence
from dataclasses import replace

from weal_simulations.bench.study import Floor, Row

VOTES, GERMAN, TASTES = "bowling-green", "austria-german", "tastes"  # how the sources' names end
COLLECTIONS = (VOTES, GERMAN, TASTES)


def lacking(collection: str) -> str:
    """Return what to do about floors of a collection that was not measured."""
    return f"not measured: give --data with the collection {collection}"


def floors(rows: Sequence[Row], source: str) -> tuple[Floor, ...]:
    """Hold the rows of a collection against what is promised on it; floors of the others are lacking."""
    found: list[Floor] = []
    for collection in COLLECTIONS:
        here = source.endswith(collection)
        promised = _of_all(rows, collection) + OWN[collection](rows)
        found.extend(one if here else replace(one, value=math.nan, lacking=lacking(collection)) for one in promised)
    return tuple(found)


def _at(rows: Sequence[Row], method: str, k: int, measure: str, regime: str = "seen") -> float:
    found = [one[measure] for one in rows if (one["method"], one["k"], one["regime"]) == (method, k, regime)]
    return float(found[0]) if found else float("nan")


def _of_all(rows: Sequence[Row], collection: str) -> list[Floor]:
    over = _at(rows, "weal - global", 0, "log_loss")
    return [Floor(f"learning, {collection}: log-loss over global at k = 0", over, 0.002, at_least=False)]


def _of_votes(rows: Sequence[Row]) -> list[Floor]:
    common = _at(rows, "global", 0, "accuracy")
    found = [
        Floor("learning: accuracy at k = 5", _at(rows, "weal", 5, "accuracy"), 0.80, at_least=True),
        Floor("learning: accuracy at k = 20", _at(rows, "weal", 20, "accuracy"), 0.825, at_least=True),
        Floor("learning: log-loss at k = 5", _at(rows, "weal", 5, "log_loss"), 0.44, at_least=False),
        Floor("learning: accuracy over global at k = 1", _at(rows, "weal", 1, "accuracy") - common, 0.0, at_least=True),
        Floor(
            "learning: log-loss at 5 chosen questions", _at(rows, "weal, active", 5, "log_loss"), 0.435, at_least=False
        ),
        Floor(
            "learning: log-loss at 20 chosen questions", _at(rows, "weal, active", 20, "log_loss"), 0.40, at_least=False
        ),
    ]
    for k in (5, 20):
        gap = -_at(rows, "weal - centralised", k, "accuracy")
        found.append(Floor(f"learning: gap to centralised at k = {k}", gap, 0.006, at_least=False))
    return found


def _of_german(rows: Sequence[Row]) -> list[Floor]:
    over = _at(rows, "weal - local", 20, "accuracy", "new")
    return [
        Floor("learning, German: accuracy on new statements over the person alone at k = 20", over, 0.0, at_least=True)
    ]


def _of_tastes(rows: Sequence[Row]) -> list[Floor]:
    return [
        Floor(f"learning, tastes: accuracy alone over {peer} at k = 20", over, -0.005, at_least=True)
        for peer in ("lr", "gp")
        for over in [_at(rows, f"weal, alone - {peer}", 20, "accuracy")]
    ]


OWN = {VOTES: _of_votes, GERMAN: _of_german, TASTES: _of_tastes}
