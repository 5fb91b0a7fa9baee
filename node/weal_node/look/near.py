"""Old notes that bear on what changed last: two notes near in meaning that are not linked (look.md 2.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.look.acts import EMPTY
from weal_node.look.notes import DAY_MS, OwnNote, Quoted, folded, quoted
from weal_node.look.reading import NoteReading
from weal_node.look.sentences import sentences

HEAD = 700  # characters of a note of which its vector is made, after its title (look.md 2.6)
LEAST, COPY = 0.5, 0.95  # cosine from which on, and up to which, one note bears on another (look.md 1)
NEWEST = 10  # notes that something is looked for (look.md 2.6)
OLD_MS = 30 * DAY_MS
FEWEST_WORDS = 20  # of a note (look.md 1)
WORDS = 4  # of a sentence that is quoted


@dataclass(frozen=True, slots=True)
class Near:
    """An old note that bears on a newer one. cosine: of their vectors."""

    new: Quoted
    old: Quoted
    cosine: float


def head(note: OwnNote) -> str:
    """Return the text of which a note's vector is made."""
    return f"{note.title}\n{note.body[:HEAD]}".strip()


def usable(reading: NoteReading) -> bool:
    """Whether a note is looked for, or found."""
    return reading.speaks and not reading.weak and reading.words >= FEWEST_WORDS


def newest(readings: Sequence[NoteReading], known: bool) -> list[NoteReading]:
    """Return the ten notes that changed last; where that is not known, the ten longest personal ones."""
    able = [reading for reading in readings if usable(reading)]
    if known:
        return sorted(able, key=lambda reading: (-reading.note.dated_ms, reading.note.path))[:NEWEST]
    return sorted(able, key=lambda reading: (not reading.personal, -reading.words, reading.note.path))[:NEWEST]


def find(
    readings: Sequence[NoteReading], vectors: Mapping[str, npt.NDArray[np.float32]], known: bool
) -> tuple[Near, ...]:
    """Return pairs, nearest first, each note in one. vectors: unit, by path, as many as there are.  known: whether it is known
    what changed last."""
    fresh = [reading for reading in newest(readings, known) if reading.note.path in vectors]
    others = [reading for reading in readings if usable(reading) and reading.note.path in vectors]
    if not fresh or not others:
        return ()
    cosines = (
        np.stack([vectors[one.note.path] for one in fresh]) @ np.stack([vectors[one.note.path] for one in others]).T
    )
    pairs: list[tuple[float, NoteReading, NoteReading]] = []
    for row, column in np.argwhere((cosines >= LEAST) & (cosines < COPY)):
        new, old = fresh[row], others[column]
        if _apart(new, old, known):
            pairs.append((float(cosines[row, column]), new, old))
    pairs.sort(key=lambda pair: (-pair[0], pair[1].note.path, pair[2].note.path))
    used: set[str] = set()
    made: list[Near] = []
    for cosine, new, old in pairs:
        if used & {new.note.path, old.note.path}:
            continue
        words = (telling(new, old), telling(old, new))
        if all(words):
            used |= {new.note.path, old.note.path}
            made.append(Near(quoted(new.note, words[0]), quoted(old.note, words[1]), cosine))
    return tuple(made)


def _apart(new: NoteReading, old: NoteReading, known: bool) -> bool:
    """Whether two notes are different, not linked, not both pages of a diary, and one of them is old where that is known."""
    first, second = new.note, old.note
    if first.path == second.path or (new.diary and old.diary) or first.title == second.title:
        return False
    if any(path == second.path for _, path in first.links) or any(path == first.path for _, path in second.links):
        return False
    return not known or second.dated_ms <= first.dated_ms - OLD_MS


def telling(reading: NoteReading, other: NoteReading) -> str:
    """Return the sentence of a note that has most words in common with another note, "" where none may be shown."""
    theirs = _content(f"{other.note.title} {' '.join(line.text for line in other.lines[:60])}")
    best, most = "", -1.0
    for place, sentence in enumerate(sentences(reading)):
        words = _content(sentence.text)
        if len(sentence.text.split()) < WORDS or place > 200:
            continue
        common = len(words & theirs) / (2 + len(words)) - 0.001 * place
        if common > most:
            best, most = sentence.text, common
    return best


def _content(text: str) -> set[str]:
    return {word[:5] for word in folded(text) if word not in EMPTY and len(word) > 3}
