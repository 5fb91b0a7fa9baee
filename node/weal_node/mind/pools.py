"""What can be asked about, by where it comes from, and which two things a person can compare. Pure.

Two things they mean to do are a question; one of them against a stranger's statement hardly ever is (3 of 26 good, look.md 4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.records import Item
from weal_node.store.own_statements import OwnStatement

# From as many things of a person's own or their community's on, the built-in statements are not asked any more (look.md, 4: below, mix).
ENOUGH = 15
WORDS_APART = 4  # that two acts may differ by in length (look.md, 4: 17 of 31 good with it)
OWN, SHARED, BUILT_IN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Pool:
    """What is asked about. rows: of items that may be compared or judged alone.  unfit: (n, n), of which rows no question is made.
    confirmable: rows of what the person wrote that they like or not, to be confirmed and nothing else."""

    rows: tuple[int, ...]
    unfit: npt.NDArray[np.bool_]
    confirmable: tuple[int, ...]

    def at(self, places: Sequence[int]) -> "Pool":
        """Return the pool of the rows at these places alone."""
        return Pool(tuple(self.rows[place] for place in places), self.unfit[np.ix_(places, places)], self.confirmable)


def pool(items: Sequence[Item], rows: Sequence[int], own: Mapping[str, OwnStatement], built_in: frozenset[str]) -> Pool:
    """Return the pool of these rows of items."""
    likes = tuple(row for row in rows if items[row].id in own and own[items[row].id].says)
    rest = [row for row in rows if row not in set(likes)]
    if sum(items[row].id not in built_in for row in rest) >= ENOUGH:
        rest = [row for row in rest if items[row].id not in built_in]
    return Pool(tuple(rest), _unfit([items[row] for row in rest], own, built_in), likes)


def _unfit(items: Sequence[Item], own: Mapping[str, OwnStatement], built_in: frozenset[str]) -> npt.NDArray[np.bool_]:
    source, note, words = np.zeros(len(items), np.int64), np.full(len(items), -1), np.zeros(len(items), np.int64)
    notes: dict[str, int] = {}
    for row, item in enumerate(items):
        words[row] = len(item.text.split())
        if (said := own.get(item.id)) is not None:
            note[row] = notes.setdefault(said.note, len(notes))
        else:
            source[row] = BUILT_IN if item.id in built_in else SHARED
    mine = (source == OWN)[:, None] & (source == OWN)[None, :]
    together = note[:, None] == note[None, :]
    uneven = np.abs(words[:, None] - words[None, :]) > WORDS_APART
    unfit: npt.NDArray[np.bool_] = (source[:, None] != source[None, :]) | (mine & (together | uneven))
    return unfit
