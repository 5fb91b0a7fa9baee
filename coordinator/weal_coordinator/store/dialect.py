"""What differs between SQLite, the default, and PostgreSQL, named by URL. The SQL of the stores is written for both.

Writers stand in line in both: SQLite's BEGIN IMMEDIATE, on PostgreSQL an advisory lock that ends with the transaction. So
`SELECT MAX(...) + 1` followed by an INSERT is safe in any number of processes. Readers see one snapshot and never wait.
"""

import functools
import re
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from weal_coordinator.errors import CoordinatorError

WAIT_S = 30  # for other writers
REACH_S = 5  # for a server that does not answer
LOCK = int.from_bytes(b"weal", "big")  # one line of writers a database
_READING, _SOON = "weal_reading", "weal_soon"
_SPELLING = {"BLOB": "BYTEA", "INTEGER": "BIGINT"}  # SQLite's INTEGER has 64 bits, PostgreSQL's has 32
# A server whose owner turned durability down would let a ledger be lost that was charged before a release.
_IN_LINE = (
    f"SET LOCAL lock_timeout = '{WAIT_S}s'; SET LOCAL synchronous_commit = on; SELECT pg_advisory_xact_lock({LOCK})"
)


def engine(url: str) -> Engine:
    """Return an engine that has not connected yet; CoordinatorError for a URL that is none of ours, or a missing driver."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        made = create_engine(parsed, connect_args={"timeout": WAIT_S})
        event.listen(made, "connect", _open_sqlite)
        event.listen(made, "begin", _begin_sqlite)
        return made
    options = {"connect_timeout": str(REACH_S), "tcp_user_timeout": str(WAIT_S * 1_000), "application_name": "weal"}
    try:  # pre_ping: a server that was started again is noticed before a statement is lost
        made = create_engine(parsed.update_query_dict(options | dict(parsed.query)), pool_pre_ping=True)
    except ModuleNotFoundError as fault:
        raise CoordinatorError(
            "the driver for PostgreSQL is not installed",
            "Run `pip install 'psycopg[binary]'`, or leave database_url empty",
        ) from fault
    event.listen(made, "connect", _open_postgresql)
    event.listen(made, "begin", _begin_postgresql)
    return made


def reading(made: Engine) -> dict[str, Any]:
    """Return the execution options of a connection that only reads."""
    if made.dialect.name == "sqlite":
        return {_READING: True}
    return {_READING: True, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def soon() -> dict[str, Any]:
    """Return the execution options of a transaction that a power cut may undo, though not out of order."""
    return {_SOON: True}


def spelled(schema: str, made: Engine) -> str:
    """Return a schema, written for SQLite, with the types of this database."""
    if made.dialect.name == "sqlite":
        return schema
    return re.sub(r"\b(BLOB|INTEGER)\b", lambda found: _SPELLING[found[0]], schema)


def place(made: Engine) -> str:
    """Return where the database is, in words and without its password."""
    url = made.url
    if url.get_backend_name() == "sqlite":
        return f"SQLite {url.database or 'in memory'}"
    host = url.host or url.query.get("host") or "this machine"
    return f"PostgreSQL {url.database or ''} at {host}{f':{url.port}' if url.port else ''}"


def next_step(made: Engine) -> str:
    """Return what to look at when the database does not answer."""
    if made.dialect.name == "sqlite":
        return "Is the disk full, or the folder someone else's?"
    return "Is PostgreSQL running, and database_url in coordinator.toml right?"


def _parsed(url: str) -> URL:
    hint = (
        "Mend database_url in coordinator.toml: postgresql://USER:PASSWORD@HOST/DATABASE, or leave it empty for SQLite"
    )
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as fault:
        raise CoordinatorError("database_url cannot be read", hint) from fault
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise CoordinatorError(f"database_url names {parsed.drivername}, which Weal does not speak", hint)
    return parsed


def _open_sqlite(connection: Any, _record: object) -> None:
    # isolation_level None leaves BEGIN to the handler below; FULL survives a power cut under WAL.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {WAIT_S}000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if _reads(connection):
        connection.exec_driver_sql("BEGIN")
        return
    soon = connection.get_execution_options().get(_SOON)  # with WAL: synced by the next transaction that is FULL
    connection.exec_driver_sql(f"PRAGMA synchronous = {'NORMAL' if soon else 'FULL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _open_postgresql(connection: Any, _record: object) -> None:
    connection.adapters.register_dumper(int, _whole_numbers())


def _begin_postgresql(connection: Connection) -> None:
    if not _reads(connection):  # READ COMMITTED, so that what is read after the lock is what the last writer left
        connection.exec_driver_sql(_IN_LINE)
        if connection.get_execution_options().get(_SOON):
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


def _reads(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(_READING))


@functools.cache
def _whole_numbers() -> type:
    """Send every int as 64 bits: a larger one is an OverflowError here, as with SQLite, and not silently another type."""
    from psycopg.types.numeric import Int8Dumper  # not for a coordinator on SQLite

    class WholeNumbers(Int8Dumper):
        def dump(self, number: Any) -> Any:
            if not -(2**63) <= number < 2**63:
                raise OverflowError("a whole number does not fit a database's 64 bits")
            return super().dump(number)

    return WholeNumbers
