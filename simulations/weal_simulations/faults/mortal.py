"""A node's database whose process dies at a write, and which remembers what each write did to a deal."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from weal_node.deals.dialogue import replayed
from weal_node.store import deals
from weal_node.store.database import Database
from weal_protocol.deal import DealState

Wrote = tuple[
    DealState, DealState, str
]  # where the deal stood at a node before a write and after it, and what was written

T = TypeVar("T")


class KilledError(Exception):
    """The process is gone: nothing of it is left but its files."""


class Mortal(Database):
    """A database whose process dies at the n-th write from now, before it is on disk or just after."""

    left: int | None = None
    after: bool = False
    writes: int = 0
    seen: list[Wrote] | None = None
    deal: bytes = b""

    @classmethod
    def watching(cls, file: Path, deal: bytes) -> Self:
        """Open one that remembers what each write did to this deal."""
        made = cls(file)
        made.seen, made.deal = [], deal
        return made

    async def write_soon(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """The process may die here too."""
        return await self.write(act)

    async def write(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Write, unless this is where the process dies."""
        self.writes += 1
        act = act if self.seen is None else partial(_noting, act, self.deal, self.seen)
        dies = self.left is not None and self.writes >= self.left
        if dies and not self.after:
            raise KilledError
        answer = await super().write(act)
        if dies:
            raise KilledError
        return answer


def _noting(
    act: Callable[[sqlite3.Connection], T], deal: bytes, seen: list[Wrote], connection: sqlite3.Connection
) -> T:
    def stood() -> DealState:
        row = deals.get(connection, deal)
        return replayed(row).deal.state if row else DealState.DRAFT

    before, answer = stood(), act(connection)
    what: object = act
    while isinstance(what, partial):
        what = what.func
    seen.append((before, stood(), getattr(what, "__qualname__", type(what).__name__)))
    return answer


def mortal(database: Database | None) -> Mortal:
    """Return the database of a node that can die; RuntimeError of one that does not run, or cannot."""
    if not isinstance(database, Mortal):
        raise RuntimeError("this node is not running, or cannot be killed")
    return database
