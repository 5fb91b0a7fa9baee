"""Set aside: what somebody else made and cannot be used costs its own place alone, whatever is wrong with it, never the loop's.

Named and counted, shown by `weal doctor` and on Community; tried again when it changes.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from weal_protocol.errors import WealError

One = TypeVar("One")
Made = TypeVar("Made")
DISK = (sqlite3.OperationalError, sqlite3.InternalError, MemoryError)  # never the fault of what was read


def reason(fault: Exception) -> str:
    """Return a fault in words that no stranger chose: a named one's own, of any other only its kind."""
    return fault.what if isinstance(fault, WealError) else f"it cannot be used ({type(fault).__name__})"


def each(things: Iterable[One], act: Callable[[One], Made]) -> tuple[list[tuple[One, Made]], list[tuple[One, str]]]:
    """Do something with each; return (thing, what was made of it), and (thing, why not) for those that are set aside."""
    made_of: list[tuple[One, Made]] = []
    aside: list[tuple[One, str]] = []
    for thing in things:
        try:
            made_of.append((thing, act(thing)))
        except DISK:
            raise
        except Exception as fault:  # noqa: BLE001 -- whatever a stranger's words do to a parser, they do to themselves alone
            aside.append((thing, reason(fault)))
    return made_of, aside


@contextlib.contextmanager
def apart(connection: sqlite3.Connection, refuse: Callable[[str], None]) -> Iterator[None]:
    """Let the block's writes stand or fall by themselves inside a transaction; `refuse` is told why they fell. The disk's faults go on."""
    connection.execute("SAVEPOINT one")
    try:
        yield
    except DISK:
        raise
    except Exception as fault:  # noqa: BLE001 -- see `each`
        connection.execute("ROLLBACK TO one")
        refuse(reason(fault))
    finally:
        with contextlib.suppress(sqlite3.OperationalError):  # a transaction that the disk has ended already
            connection.execute("RELEASE one")
