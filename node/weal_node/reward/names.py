"""What an axis is called: never by a word that the person has not confirmed.

A theme or a vote axis is a direction, found by machine. It is shown by its examples, "like A, B; unlike C"; the person's own tags and folders, then titles of
notes, then phrases are offered as a word where they lie along it. (That topics are not tastes was measured: design, reward.)
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_node.features.concepts import Concept

Array = npt.NDArray[np.float64]
ALONG = 0.35  # cosine from which a concept's word is offered for a direction
LADDER = ("tag", "folder", "title", "phrase")
LONGEST = 60


def examples(values: Array, texts: Sequence[str]) -> str:
    """Return "like A, B; unlike C" for an axis whose values (m,) the states of these texts have; "" where it tells none apart."""
    if len(values) < 3 or float(np.ptp(values)) < 1e-9:
        return ""
    order = np.argsort(values, kind="stable")
    like, unlike = (texts[int(order[-1])], texts[int(order[-2])]), texts[int(order[0])]
    return f"like {', '.join(_short(text) for text in like)}; unlike {_short(unlike)}"


def example(values: Array, texts: Sequence[str], high: bool, but: str = "") -> str:
    """Return "like A" for one end of an axis, of whose states (m,) these are the values; `but` is the text that is spoken of. "" as above."""
    if len(values) < 3 or float(np.ptp(values)) < 1e-9:
        return ""
    order = np.argsort(-values if high else values, kind="stable")
    others = [texts[int(row)] for row in order if texts[int(row)] != but]
    return f"like {_short(others[0])}" if others else ""


def offered(direction: Array, concepts: Sequence[Concept]) -> str:
    """Return the word to offer for a direction (384,): of the first rung of the ladder that has one along it; "" where none is."""
    length = max(float(np.linalg.norm(direction)), 1e-12)
    for rung in LADDER:
        along = [(abs(float(direction @ one.vector)) / length, one.name) for one in concepts if one.kind == rung]
        if along and max(along)[0] >= ALONG:
            return max(along)[1]
    return ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line}”" if len(line) <= LONGEST else f"“{line[: LONGEST - 1].rstrip()}…”"
