"""Frequencies: how many passages hold a term, remembered while there are about as many passages as when they were counted."""

import sqlite3
import threading

from weal_node.store import passages
from weal_node.store.passages import RANKED

DRIFT = 0.1  # change of the number of passages after which a term is counted again
MOST = 20_000  # terms remembered


class Frequencies:
    """Counts by term; a term of several words is a phrase."""

    def __init__(self) -> None:
        self._knowing = threading.Lock()
        self._known: dict[str, tuple[int, int]] = {}

    def of(self, connection: sqlite3.Connection, term: str) -> int:
        """Return how many passages hold a term, counted to `ceiling` at most."""
        total = passages.total(connection)
        with self._knowing:
            count, then = self._known.get(term, (0, -1))
        if then < 0 or abs(total - then) > DRIFT * then:
            count = passages.holding(connection, term, self.ceiling(connection))
            with self._knowing:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[term] = (count, total)
        return count

    def ceiling(self, connection: sqlite3.Connection) -> int:
        """Return from how many on a term says nothing: half of all passages, where BM25's weight of a term is zero, and at
        least RANKED: in a small vault all are weighed."""
        return max(RANKED, passages.total(connection) // 2)

    def telling(self, connection: sqlite3.Connection, terms: tuple[str, ...]) -> tuple[str, ...]:
        """Return the terms that say something."""
        ceiling = self.ceiling(connection)
        return tuple(term for term in terms if self.of(connection, term) < ceiling)

    def rare(self, connection: sqlite3.Connection, terms: tuple[str, ...]) -> tuple[str, ...]:
        """Return the terms that somebody uses and fewer than RANKED passages hold: any one of the others says next to nothing."""
        return tuple(term for term in terms if 0 < self.of(connection, term) < RANKED)
