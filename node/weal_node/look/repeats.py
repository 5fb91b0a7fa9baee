"""Wishes written again and again, and two of them that disagree. By words at once, by meaning where vectors are there (look.md 2.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.look.acts import EMPTY, base
from weal_node.look.notes import folded, wordset
from weal_node.look.wishes import Wish

NEAR = 0.6  # cosine of two acts from which on they are one wish (look.md 2.4); the same held of eight made-up pairs under this encoder, decision 0047
APART = 0.62  # from which on one that takes back what the other wants disagrees with it (look.md 2.4)
ALIKE = 0.6  # share of content words in common from which on two acts are one without vectors; chosen
MOST = 5  # of one group that are shown (look.md 1)
CONSIDERED = 1_500  # acts, the newest first: every one is held against the others
_LESS = wordset("less stop never close quit avoid reduce cancel drop limit")

Vectors = Mapping[str, npt.NDArray[np.float32]]  # unit vectors by text


@dataclass(frozen=True, slots=True)
class Group:
    """Wishes of different notes that say the same, the oldest first. disagree: one of them takes back what another wants.
    keys: of all of them, shown or not."""

    wishes: tuple[Wish, ...]
    disagree: bool
    keys: tuple[str, ...]


def stems(act: str) -> frozenset[str]:
    """Return what is compared of an act's words: their beginnings, without those that say nothing."""
    first, *others = folded(act) or ("",)
    words = [base(first) or first, *others]
    return frozenset(word[:5] for word in words if word not in EMPTY and len(word) > 1)


def same_words(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two acts say the same by their words: two in common, and most of all."""
    common = len(one & other)
    return common >= 2 and common >= ALIKE * len(one | other)


def groups(wishes: Sequence[Wish], vectors: Vectors) -> tuple[Group, ...]:
    """Return wishes that stand in more than one note, those in most notes first. vectors: of acts, as many as are known."""
    rows = sorted((wish for wish in wishes if wish.act), key=lambda wish: -wish.written_ms)[:CONSIDERED]
    likeness = _likeness(rows, vectors)
    words = [stems(wish.act) for wish in rows]
    left, made = set(range(len(rows))), list[Group]()
    for leader in range(len(rows)):
        if leader not in left:
            continue
        same = [row for row in sorted(left) if row == leader or _one(leader, row, words, likeness)]
        together = _one_a_note([rows[row] for row in same])
        if len(together) > 1:
            left -= set(same)
            shown = tuple(sorted(together, key=lambda wish: wish.written_ms))[-MOST:]
            made.append(Group(shown, _disagree(shown), tuple(dict.fromkeys(rows[row].key for row in same))))
    made.sort(key=lambda group: (-group.disagree, -len(group.wishes), -group.wishes[-1].written_ms))
    return tuple(made)


def _one(leader: int, row: int, words: Sequence[frozenset[str]], likeness: npt.NDArray[np.float32]) -> bool:
    if same_words(words[leader], words[row]):
        return True
    least = APART if bool(words[leader] & _LESS_STEMS) != bool(words[row] & _LESS_STEMS) else NEAR
    return bool(likeness[leader, row] > least)


_LESS_STEMS = frozenset(word[:5] for word in _LESS) | {"less"}


def _likeness(rows: Sequence[Wish], vectors: Vectors) -> npt.NDArray[np.float32]:
    """Return the cosines (n, n) of acts, 0 where a vector is not known yet."""
    known = [row for row, wish in enumerate(rows) if wish.act in vectors]
    cosines = np.zeros((len(rows), len(rows)), np.float32)
    if known:
        matrix = np.stack([vectors[rows[row].act] for row in known])
        cosines[np.ix_(known, known)] = matrix @ matrix.T
    return cosines


def _one_a_note(wishes: Sequence[Wish]) -> list[Wish]:
    by_note: dict[str, Wish] = {}
    for wish in wishes:
        by_note.setdefault(wish.quoted.note, wish)
    return list(by_note.values())


def _disagree(wishes: Sequence[Wish]) -> bool:
    takes_back = [bool({"less", *_LESS} & set(folded(wish.act))) for wish in wishes]
    return any(takes_back) and not all(takes_back)
