"""Principle candidates: lines of imported files that may be principles, until the person says so."""

from functools import partial

from weal_node.mind.edits import Edits
from weal_node.store import imports
from weal_node.store.database import Database
from weal_node.store.imports import PrincipleCandidate


async def waiting(database: Database) -> tuple[PrincipleCandidate, ...]:
    """Return those that wait for the person."""
    return await database.read(imports.candidates)


async def decide(database: Database, edits: Edits, candidate_id: str, direction: int) -> None:
    """Make a candidate a principle, or refuse it; nothing where it waits no more. direction: 1 for more of this, -1 for less, 0 to refuse."""
    for candidate in await waiting(database):
        if candidate.id == candidate_id:
            if direction:
                await edits.principle(candidate.text, direction)
            state = "taken" if direction else "refused"
            await database.write(partial(imports.decide, candidate=candidate.id, state=state))
