"""The states of a deal as a person, their node and an agent of another make see them: one table over the protocol's."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from weal_protocol.deal import DealState


class DealPhase(StrEnum):
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

    phase: DealPhase
    chip: str
    why_over: str = ""
    task: str = ""


STATES: Mapping[DealState, StateRow] = MappingProxyType(
    {
        DealState.DRAFT: StateRow(DealPhase.FOUND, "found"),
        DealState.INVITED: StateRow(DealPhase.INVITED, "invited", task="TASK_STATE_SUBMITTED"),
        DealState.SEED_ANSWERED: StateRow(DealPhase.NEGOTIATING, "negotiating"),
        DealState.SCORING: StateRow(DealPhase.NEGOTIATING, "negotiating"),
        DealState.SCORED: StateRow(DealPhase.NEGOTIATING, "negotiating"),
        DealState.OFFERING: StateRow(DealPhase.NEGOTIATING, "offering"),
        DealState.MENU: StateRow(DealPhase.CHOOSING, "choosing"),
        DealState.MENU_BOUND: StateRow(DealPhase.CHOOSING, "choosing"),
        DealState.MENU_ANSWERED: StateRow(DealPhase.CHOOSING, "choosing"),
        DealState.AGREED: StateRow(DealPhase.RATIFYING, "to be ratified"),
        DealState.HALF_RATIFIED: StateRow(DealPhase.RATIFYING, "half ratified"),
        DealState.RATIFIED: StateRow(DealPhase.IN_FORCE, "ratified", task="TASK_STATE_COMPLETED"),
        DealState.FULFILLED: StateRow(DealPhase.IN_FORCE, "fulfilled", task="TASK_STATE_COMPLETED"),
        DealState.DISPUTED: StateRow(DealPhase.IN_FORCE, "disputed", task="TASK_STATE_COMPLETED"),
        DealState.DECLINED: StateRow(DealPhase.OVER, "declined", "it was declined", "TASK_STATE_REJECTED"),
        DealState.CANCELLED: StateRow(DealPhase.OVER, "cancelled", "it was cancelled", "TASK_STATE_CANCELED"),
        DealState.NO_DEAL: StateRow(
            DealPhase.OVER, "no deal", "no option was better than no deal for everyone", "TASK_STATE_FAILED"
        ),
    }
)
EXPIRED = "expired"  # shown in place of a state that the time to ratify ran out in
EXPIRED_ROW = StateRow(DealPhase.OVER, EXPIRED, "it ran out before everyone had ratified", "TASK_STATE_FAILED")
DISCLOSING = frozenset(
    {DealPhase.INVITED, DealPhase.NEGOTIATING, DealPhase.CHOOSING}
)  # an agent may yet say what its person wishes


def phase(state: DealState) -> DealPhase:
    """Return what goes on in a deal of this state."""
    return STATES[state].phase


def row_of(shown: str) -> StateRow:
    """Return the row of a state as it is shown; ValueError for what is none."""
    return EXPIRED_ROW if shown == EXPIRED else STATES[DealState(shown)]
