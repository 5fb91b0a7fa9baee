"""How many passages hold a term, remembered while there are about as many passages as when they were counted."""

import sqlite3
import threading

from weal_node.store import lexicon, passages

COMMON = 5_000  # passages from which on a term is not counted further: any one of them says next to nothing; chosen, for what counting costs
DRIFT = 0.1  # change of the number of passages after which a term is counted again
MOST = 20_000  # terms remembered


class Frequencies:
    """Counts by term; a term of several words is a phrase."""

    def __init__(self) -> None:
        self._knowing = threading.Lock()
        self._known: dict[str, tuple[int, int]] = {}

    def of(self, connection: sqlite3.Connection, term: str) -> int:
        """Return how many passages hold a term, at most COMMON."""
        total = passages.total(connection)
        with self._knowing:
            count, counted_at = self._known.get(term, (0, -1))
        if counted_at < 0 or abs(total - counted_at) > DRIFT * counted_at:
            count = lexicon.holding(connection, term, COMMON)
            with self._knowing:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[term] = (count, total)
        return count

    def rare(self, connection: sqlite3.Connection, terms: tuple[str, ...]) -> tuple[str, ...]:
        """Return the terms that somebody uses, and that are not common."""
        return tuple(term for term in terms if 0 < self.of(connection, term) < COMMON)
