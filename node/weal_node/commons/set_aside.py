"""Set aside: what others made and this node cannot use as it is, so that everything else goes on."""

from weal_node.store import aside
from weal_node.store.database import Database


async def set_aside(database: Database) -> tuple[tuple[str, str, str], ...]:
    """Return (kind, key, reason) of each, a hundred at most. kind: where it was met, in a word or two.  key: its id in hex."""
    return await database.read(aside.every)
