"""Folder defaults: who may read the notes of a folder that do not say it themselves."""

import sqlite3

SCHEMA = """
CREATE TABLE folders (folder TEXT PRIMARY KEY, visibility TEXT NOT NULL) WITHOUT ROWID;
"""


def choose(connection: sqlite3.Connection, folder: str, visibility: str) -> None:
    """Set the default of a folder; "" takes it away."""
    if visibility:
        connection.execute(
            "INSERT INTO folders (folder, visibility) VALUES (?, ?) "
            "ON CONFLICT (folder) DO UPDATE SET visibility = excluded.visibility",
            (folder, visibility),
        )
    else:
        connection.execute("DELETE FROM folders WHERE folder = ?", (folder,))


def every(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the visibility of each folder that has a default."""
    rows = connection.execute("SELECT folder, visibility FROM folders ORDER BY folder")
    return dict(rows)
