"""The states of a deal as a person, their node and an agent of another make see them: one table over the protocol's."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from weal_protocol.deal import DealState


class Phase(StrEnum):
    """What goes on in a deal."""

    FOUND = "found"  # nobody was invited yet
    INVITED = "invited"
    NEGOTIATING = "negotiating"  # agents do
    CHOOSING = "choosing"  # people rank
    RATIFYING = "ratifying"  # people put their word under terms
    IN_FORCE = "in force"
    OVER = "over"  # it came to nothing


@dataclass(frozen=True, slots=True)
class StateRow:
    """One state.

    phase: what goes on.
    chip: how a page calls it.
    why_over: what the next step says of it where it came to nothing.
    task: the state of an A2A task; "" where it depends on whose turn it is.
    """

    phase: Phase
    chip: str
    why_over: str = ""
    task: str = ""


STATES: Mapping[DealState, StateRow] = MappingProxyType(
    {
        DealState.DRAFT: StateRow(Phase.FOUND, "found"),
        DealState.INVITED: StateRow(Phase.INVITED, "invited", task="TASK_STATE_SUBMITTED"),
        DealState.SEED_ANSWERED: StateRow(Phase.NEGOTIATING, "negotiating"),
        DealState.SCORING: StateRow(Phase.NEGOTIATING, "negotiating"),
        DealState.SCORED: StateRow(Phase.NEGOTIATING, "negotiating"),
        DealState.OFFERING: StateRow(Phase.NEGOTIATING, "offering"),
        DealState.MENU: StateRow(Phase.CHOOSING, "choosing"),
        DealState.MENU_BOUND: StateRow(Phase.CHOOSING, "choosing"),
        DealState.MENU_ANSWERED: StateRow(Phase.CHOOSING, "choosing"),
        DealState.AGREED: StateRow(Phase.RATIFYING, "to be ratified"),
        DealState.HALF_RATIFIED: StateRow(Phase.RATIFYING, "half ratified"),
        DealState.RATIFIED: StateRow(Phase.IN_FORCE, "ratified", task="TASK_STATE_COMPLETED"),
        DealState.FULFILLED: StateRow(Phase.IN_FORCE, "fulfilled", task="TASK_STATE_COMPLETED"),
        DealState.DISPUTED: StateRow(Phase.IN_FORCE, "disputed", task="TASK_STATE_COMPLETED"),
        DealState.DECLINED: StateRow(Phase.OVER, "declined", "it was declined", "TASK_STATE_REJECTED"),
        DealState.CANCELLED: StateRow(Phase.OVER, "cancelled", "it was cancelled", "TASK_STATE_CANCELED"),
        DealState.NO_DEAL: StateRow(
            Phase.OVER, "no deal", "no option was better than no deal for everyone", "TASK_STATE_FAILED"
        ),
    }
)
EXPIRED = "expired"  # shown in place of a state that the time to ratify ran out in
EXPIRED_ROW = StateRow(Phase.OVER, EXPIRED, "it ran out before everyone had ratified", "TASK_STATE_FAILED")
DISCLOSING = frozenset(
    {Phase.INVITED, Phase.NEGOTIATING, Phase.CHOOSING}
)  # an agent may yet say what its person wishes


def phase(state: DealState) -> Phase:
    """Return what goes on in a deal of this state."""
    return STATES[state].phase


def row_of(shown: str) -> StateRow:
    """Return the row of a state as it is shown; ValueError for what is none."""
    return EXPIRED_ROW if shown == EXPIRED else STATES[DealState(shown)]
