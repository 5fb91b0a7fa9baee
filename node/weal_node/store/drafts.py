"""Drafts of deals that nobody has said anything to: they are this person's alone."""

import sqlite3


def forget(connection: sqlite3.Connection, note: str) -> None:
    """Drop drafts that were made from this note and that nobody has said anything to."""
    connection.execute(
        "DELETE FROM deals WHERE EXISTS (SELECT 1 FROM json_each(deals.sources) WHERE value = ?) "
        "AND NOT EXISTS (SELECT 1 FROM deal_said WHERE deal = deals.id) "
        "AND NOT EXISTS (SELECT 1 FROM deal_held WHERE deal = deals.id)",
        (note,),
    )
