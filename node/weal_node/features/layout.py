"""The dimensions of a head: which are shared with the community, which are this person's own, and their names.

After the fixed ones come the person's named concepts and principles, as many as there are (see mind/fitted_model.py).
"""

from weal_protocol.representation import AXES, COMPONENTS, SHARED

NAMES: tuple[str, ...] = (
    "in general",
    *(f"shared axis {number}" for number in range(1, AXES + 1)),
    *(f"theme {number}" for number in range(1, COMPONENTS + 1)),
    "hours I give",
    "hours I receive",
)
CONSTANT = 0
FIRST_COMPONENT = 1 + AXES
HOURS_GIVEN = SHARED
HOURS_RECEIVED = SHARED + 1
DIMENSIONS = len(NAMES)
