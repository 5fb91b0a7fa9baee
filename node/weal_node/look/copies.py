"""Copies of a note: two files that say the same. Every note is compared by a sketch of its runs of five words, so that the cost is linear."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from weal_node.look.notes import OwnNote, Quoted, folded, quoted
from weal_node.look.reading import NoteReading

RUN = 5  # words
SHARED = 0.8  # of the shorter note's runs that the other has too (look.md 1)
FEWEST_WORDS = 20  # of a note (look.md 1)
SKETCH = 24  # runs by which two notes that may be copies are found: the least by hash; chosen
COMMON = 8  # notes that may hold a run of a sketch: one in more is a form's, and tells nothing; chosen
LONGEST = 200_000  # characters that are compared


@dataclass(frozen=True, slots=True)
class Copy:
    """Two notes that say the same. exact: word for word."""

    first: Quoted
    second: Quoted
    exact: bool
    share: float


def digest(note: OwnNote) -> str:
    """Return what two notes have in common whose words are the same, "" for one without words."""
    words = folded(note.body[:LONGEST])
    return hashlib.sha256(" ".join(words).encode(errors="replace")).hexdigest() if words else ""


def runs(note: OwnNote) -> frozenset[int]:
    """Return the hashes of a note's runs of words."""
    words = folded(note.body[:LONGEST])
    if len(words) < FEWEST_WORDS:
        return frozenset()
    return frozenset(_hash(words[place : place + RUN]) for place in range(len(words) - RUN + 1))


def sketch(note: OwnNote) -> tuple[int, ...]:
    """Return the least of them, by which copies are found."""
    return tuple(sorted(runs(note))[:SKETCH])


def find(readings: Sequence[NoteReading], sketches: dict[str, tuple[int, ...]]) -> tuple[Copy, ...]:
    """Return copies, the exact ones first, each note in one. sketches: by path."""
    holding: dict[int, list[NoteReading]] = defaultdict(list)
    for reading in readings:
        if not (reading.template or reading.tender):
            for run in sketches.get(reading.note.path, ()):
                holding[run].append(reading)
    pairs: dict[tuple[str, str], tuple[NoteReading, NoteReading]] = {}
    for together in holding.values():
        if len(together) <= COMMON:
            for place, one in enumerate(together):
                for other in together[place + 1 :]:
                    pairs[one.note.path, other.note.path] = one, other
    made: list[Copy] = []
    for one, other in pairs.values():
        share = _share(one.note, other.note)
        if share >= SHARED:
            exact = digest(one.note) == digest(other.note)
            made.append(Copy(quoted(one.note, _begin(one)), quoted(other.note, _begin(other)), exact, share))
    made.sort(key=lambda copy: (not copy.exact, -copy.share, copy.first.path, copy.second.path))
    return _once(made)


def without(readings: Iterable[NoteReading]) -> list[NoteReading]:
    """Return notes, of those that say the same word for word the first by path: a copy counts once before everything. Two short notes
    that say the same are none: who wrote a line twice meant it twice, unless the files are called alike."""
    firsts: dict[tuple[str, str], NoteReading] = {}
    for reading in sorted(readings, key=lambda reading: reading.note.path):
        name = reading.note.path if reading.words < FEWEST_WORDS else ""
        firsts.setdefault((digest(reading.note) or reading.note.path, name.rpartition("/")[2]), reading)
    return list(firsts.values())


def _once(copies: Iterable[Copy]) -> tuple[Copy, ...]:
    used: set[str] = set()
    kept: list[Copy] = []
    for copy in copies:
        if not used & {copy.first.path, copy.second.path}:
            used |= {copy.first.path, copy.second.path}
            kept.append(copy)
    return tuple(kept)


def _share(one: OwnNote, other: OwnNote) -> float:
    first, second = runs(one), runs(other)
    return len(first & second) / max(1, min(len(first), len(second)))


def _hash(words: Sequence[str]) -> int:
    """Return the same number in every process."""
    return int.from_bytes(hashlib.blake2b(" ".join(words).encode(errors="replace"), digest_size=8).digest(), "big")


def _begin(reading: NoteReading) -> str:
    for line in reading.lines:
        if line.kind != "heading" and len(line.text.split()) >= 3 and len(line.text) <= 300 and reading.quotable(line):
            return line.text
    return ""
