"""Every act of the person on a deal, in one table: what pages, routes, approvals, next steps and tests read.

An act is a row of the module that it belongs to. Next steps are looked for in the order of this table.
"""

from typing import Any

from weal_node.deals import choice, entry, performance
from weal_node.deals.person_act import PersonAct, Refusal
from weal_node.deals.situation import Situation
from weal_node.errors import NotFoundError

Acts = tuple[PersonAct[Any], ...]
ACTS: Acts = (*entry.ACTS, *choice.ACTS, *performance.ACTS)


def named(name: str) -> PersonAct[Any]:
    """Return the act of this name; NotFoundError where there is none."""
    for act in ACTS:
        if act.name == name:
            return act
    raise NotFoundError("there is no such act on a deal")


def refusal(act: PersonAct[Any], situation: Situation) -> Refusal | None:
    """Return why an act cannot be done now; None where it can."""
    if situation.expired:
        return Refusal("this deal has expired, or the time since the first ratified is up", "Begin a new one")
    if situation.dropped:
        return Refusal("this was declined", "See Community for what else there is")
    return act.refusal(situation)


def possible(situation: Situation) -> tuple[PersonAct[Any], ...]:
    """Return the acts that can be done with a deal now, in the order of the table."""
    return tuple(act for act in ACTS if refusal(act, situation) is None)
