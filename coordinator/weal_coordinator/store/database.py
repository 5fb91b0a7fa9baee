"""The coordinator's database: SQLAlchemy Core over SQL written out; SQLite, or PostgreSQL named by URL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import OperationalError

from weal_coordinator.errors import CoordinatorError, DatabaseError
from weal_coordinator.store import dialect
from weal_coordinator.store.migrations import MIGRATIONS


class Database:
    """Open once per process. `write` commits durably; `read` sees a consistent snapshot.

    Both raise DatabaseError when the database cannot be reached, or stops answering within the block.
    """

    def __init__(self, url: str) -> None:
        """Connect and bring the schema up to date; CoordinatorError for a bad URL, or when a newer Weal wrote it."""
        self.engine: Engine = dialect.engine(url)
        self._writing = threading.Lock()  # in line; those who wait in the database would try again at random
        try:
            with self.read() as connection:
                current = _version(connection) == len(MIGRATIONS)
            if not current:  # a look at a current database writes nothing
                with self.write() as connection:
                    self._migrate(connection)
        except CoordinatorError:
            self.close()
            raise

    @property
    def place(self) -> str:
        """Where it is, in words and without a password."""
        return dialect.place(self.engine)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction; on disk when the block ends without an error."""
        with self._writing, self._named(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write_soon(self) -> Iterator[Connection]:
        """`write`, but a power cut may undo it: for what would only be done again."""
        made = self.engine.execution_options(**dialect.soon())
        with self._writing, self._named(), made.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading."""
        options = dialect.reading(self.engine)
        with self._named(), self.engine.connect().execution_options(**options) as connection:
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as fault:  # the driver's own words only: SQLAlchemy's would quote what was written
            said = str(fault.orig).strip().split("\n")[0]
            raise DatabaseError(f"{self.place} does not answer: {said}", dialect.next_step(self.engine)) from fault

    def _migrate(self, connection: Connection) -> None:
        version = _version(connection)  # again, now that no one else can write
        if version > len(MIGRATIONS):
            raise CoordinatorError("the database was written by a newer Weal", "Upgrade Weal, or use another home")
        if version == 0:
            connection.execute(text("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)"))
            connection.execute(text("INSERT INTO schema_version (version) VALUES (0)"))
        for schema in MIGRATIONS[version:]:
            for statement in filter(str.strip, dialect.spelled(schema, self.engine).split(";")):
                connection.execute(text(statement))
        connection.execute(text("UPDATE schema_version SET version = :version"), {"version": len(MIGRATIONS)})


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table("schema_version"):
        return 0
    return int(connection.execute(text("SELECT version FROM schema_version")).scalar() or 0)
