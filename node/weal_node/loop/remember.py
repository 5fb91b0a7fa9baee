"""Remember: a gesture of the person is on disk before anything else happens."""

from weal_node.records import Label
from weal_node.store import labels
from weal_node.store.database import Database


async def remember(database: Database, label: Label) -> None:
    """Store the label durably; when this returns, a kill -9 cannot lose it. The same id again changes nothing."""
    await database.write(lambda connection: labels.add(connection, label))
