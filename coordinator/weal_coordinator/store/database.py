"""The coordinator's database: SQLAlchemy Core over SQL written out, so that another database can be named by URL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text

from weal_coordinator.errors import CoordinatorError
from weal_coordinator.store.migrations import MIGRATIONS


class Database:
    """Open once per process. `write` commits durably; `read` sees a consistent snapshot."""

    def __init__(self, url: str) -> None:
        """Connect and bring the schema up to date; CoordinatorError when a newer Weal wrote it."""
        self.engine: Engine = create_engine(url, connect_args={"timeout": 30} if url.startswith("sqlite") else {})
        self._writing = threading.Lock()  # in line; SQLite itself lets those who wait try again at random
        if url.startswith("sqlite"):
            event.listen(self.engine, "connect", _sqlite)
            event.listen(self.engine, "begin", _immediate)
        with self.read() as connection:
            current = _version(connection) == len(MIGRATIONS)
        if not current:  # a look at a current database writes nothing
            with self.write() as connection:
                _migrate(connection)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction; on disk when the block ends without an error."""
        with self._writing, self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading."""
        with self.engine.connect().execution_options(weal_reading=True) as connection:
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def _sqlite(connection: Any, _record: object) -> None:
    # isolation_level None leaves BEGIN to the handler below; FULL survives a power cut under WAL.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 30000"):
        connection.execute(f"PRAGMA {pragma}")


def _immediate(connection: Connection) -> None:
    reading = connection.get_execution_options().get("weal_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table("schema_version"):
        return 0
    return int(connection.execute(text("SELECT version FROM schema_version")).scalar() or 0)


def _migrate(connection: Connection) -> None:
    version = _version(connection)  # again, now that no one else can write
    if version > len(MIGRATIONS):
        raise CoordinatorError("the database was written by a newer Weal", "Upgrade Weal, or use another home")
    if version == 0:
        connection.execute(text("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO schema_version (version) VALUES (0)"))
    for schema in MIGRATIONS[version:]:
        for statement in filter(str.strip, schema.split(";")):
            connection.execute(text(statement))
    connection.execute(text("UPDATE schema_version SET version = :version"), {"version": len(MIGRATIONS)})
