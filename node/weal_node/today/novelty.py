"""Novelty: whether what a person accepted was new to them. Asked once, after they accepted; no answer that the agent learns from."""

from functools import partial

from weal_node.errors import NotFoundError
from weal_node.store import gate
from weal_node.store.database import Database


async def may_be_new(database: Database, item: str) -> bool:
    """Whether the person accepted the newest delivery of this item and has not said whether they had thought of it."""
    return await database.read(partial(gate.may_be_new, state=item))


async def had_thought(database: Database, item: str, thought: bool) -> None:
    """Keep whether the person had thought of what they accepted; NotFoundError where they accepted no delivery of it."""
    if not await database.write(partial(gate.had_thought, state=item, thought=thought)):
        raise NotFoundError("you accepted no such suggestion", "It may have been taken away")
