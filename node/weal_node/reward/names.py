"""What a vote axis is called: never by a word that the person has not confirmed.

It is a direction found in votes, which lies in no text. It is shown by its examples, "like A, B; unlike C".
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
LONGEST = 60  # characters of an example
LEAST_SPREAD = 1e-9  # of values, below which an axis tells none apart


def examples(values: Array, texts: Sequence[str]) -> str:
    """Return "like A, B; unlike C" for an axis whose values (m,) the items of these texts have; "" where it tells none apart."""
    if len(values) < 3 or float(np.ptp(values)) < LEAST_SPREAD:
        return ""
    order = np.argsort(values, kind="stable")
    most, next_most, least = _short(texts[order[-1]]), _short(texts[order[-2]]), _short(texts[order[0]])
    return f"like {most}, {next_most}; unlike {least}"


def example(values: Array, texts: Sequence[str], high: bool, but: str = "") -> str:
    """Return "like A" for one end of an axis, of whose items (m,) these are the values; `but` is the text that is spoken of. "" as above."""
    if len(values) < 3 or float(np.ptp(values)) < LEAST_SPREAD:
        return ""
    order = np.argsort(-values if high else values, kind="stable")
    for row in order:
        if texts[row] != but:
            return f"like {_short(texts[row])}"
    return ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line}”" if len(line) <= LONGEST else f"“{line[: LONGEST - 1].rstrip()}…”"
