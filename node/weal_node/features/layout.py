"""The dimensions of a head: which are shared with the community, which are this person's own, and their names.

After the fixed ones come named concepts: the person's own and their principles, then those of the public vocabulary (see mind/feature_space.py).
"""

from weal_protocol.representation import AXES, SHARED


def _numbered(word: str, count: int) -> tuple[str, ...]:
    return tuple(f"{word} {number}" for number in range(1, count + 1))


NAMES: tuple[str, ...] = (
    "in general",
    *_numbered("shared axis", AXES),
    "hours I give",
    "hours I receive",
)
CONSTANT = 0
HOURS_GIVEN = SHARED
HOURS_RECEIVED = SHARED + 1
DIMENSIONS = len(NAMES)
