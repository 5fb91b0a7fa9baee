"""The dimensions of a head: which are shared with the community, which are this person's own, and their names.

After the fixed ones come the person's named concepts and principles, as many as there are (see mind/feature_space.py).
"""

from weal_protocol.representation import AXES, COMPONENTS, SHARED


def _numbered(word: str, count: int) -> tuple[str, ...]:
    return tuple(f"{word} {number}" for number in range(1, count + 1))


NAMES: tuple[str, ...] = (
    "in general",
    *_numbered("shared axis", AXES),
    *_numbered("theme", COMPONENTS),
    "hours I give",
    "hours I receive",
)
CONSTANT = 0
FIRST_COMPONENT = 1 + AXES
HOURS_GIVEN = SHARED
HOURS_RECEIVED = SHARED + 1
DIMENSIONS = len(NAMES)
