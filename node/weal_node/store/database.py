"""One SQLite file: one writer thread, a few readers, and an answer only after the disk has it.

WAL with synchronous=FULL: when `write` returns, the transaction survives a kill -9 and a power cut
(sqlite.org/pragma.html#pragma_synchronous).
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from weal_node.errors import NodeError, hardship
from weal_node.store.migrations import MIGRATIONS

T = TypeVar("T")
BUSY_TIMEOUT_S = 10.0
READERS = 3


class Database:
    """The node's database. Acts are plain functions of a connection; they must not keep it."""

    def __init__(self, path: Path) -> None:
        """Open or create the file and bring it to the newest schema.

        Raises NodeError when the file is no database, or was written by a newer Weal.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._local = threading.local()
        self._kept: list[sqlite3.Connection] = []
        try:
            self._connection = self._writer.submit(self._open).result()
        except BaseException:
            self._writer.shutdown()
            self._readers.shutdown()
            raise

    def _open(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(
                self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            _migrate(connection, self.path)
        except BaseException as fault:
            if connection is not None:
                connection.close()
            if (named := hardship(fault)) is not None:
                raise named from fault
            if isinstance(fault, sqlite3.DatabaseError):
                raise NodeError(f"{self.path} cannot be opened: {fault}", "Restore it from a backup") from fault
            raise
        return connection

    def _in_transaction(self, act: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            answer = act(connection)
            connection.execute("COMMIT")
        except BaseException as fault:
            if connection.in_transaction:  # SQLite has taken it back by itself where the disk is full
                connection.execute("ROLLBACK")
            if (named := hardship(fault)) is not None:
                raise named from fault
            raise
        return answer

    def _reading(self, act: Callable[[sqlite3.Connection], T], connection: sqlite3.Connection | None = None) -> T:
        own = connection or self.reader()
        try:
            own.execute("BEGIN")  # one consistent picture for the whole act
            return act(own)
        finally:
            if connection is None:
                own.close()
            else:
                own.rollback()

    def reader(self) -> sqlite3.Connection:
        """Return a new connection that cannot write; whoever asks closes it."""
        return sqlite3.connect(
            f"file:{self.path}?mode=ro",
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
        )

    def _kept_open(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Read on a connection that this reader keeps: opening one costs more than most acts."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self.reader()
            self._kept.append(connection)
        return self._reading(act, connection)

    async def write(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Run the act in one transaction; when this returns, it is on disk."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._in_transaction, act)

    async def write_soon(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """`write`, but a power cut may undo it, as long as no later `write` has returned: for what would only be done again."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._without_waiting, act)

    def _without_waiting(self, act: Callable[[sqlite3.Connection], T]) -> T:
        self._connection.execute("PRAGMA synchronous = NORMAL")  # with WAL: synced by the next transaction that is FULL
        try:
            return self._in_transaction(act)
        finally:
            self._connection.execute("PRAGMA synchronous = FULL")

    async def read(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Run the act on a consistent snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._kept_open, act)

    async def compact(self) -> None:
        """Rewrite the file so that it holds nothing of what was deleted, and empty the log beside it."""
        await asyncio.get_running_loop().run_in_executor(self._writer, self._compacting)

    def _compacting(self) -> None:
        connection = self._connection
        connection.execute("VACUUM")
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise NodeError(f"{self.path.name} is being read and could not be compacted", "Do the same again")

    def write_now(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """`write` for callers without an event loop."""
        return self._writer.submit(self._in_transaction, act).result()

    def read_now(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """`read` for callers without an event loop."""
        return self._reading(act)

    def close(self) -> None:
        """Finish what was asked for, then close."""
        self._readers.shutdown()
        for reader in self._kept:
            reader.close()
        self._writer.submit(self._connection.close).result()
        self._writer.shutdown()


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise NodeError(f"{path} was written by a newer Weal", "Upgrade Weal, or use another home")
    for number, schema in enumerate(MIGRATIONS[version:], start=version + 1):
        # executescript commits what is open first, so the transaction stands inside the script.
        connection.executescript(f"BEGIN IMMEDIATE; {schema}; PRAGMA user_version = {number}; COMMIT;")
