"""What can only be told of all notes together: first what needs no vectors, then what does."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from weal_node.look import copies, heavy, mentions, near, recurring, repeats, unwritten
from weal_node.look.copies import Copy
from weal_node.look.facts import Facts
from weal_node.look.heavy import Heavy
from weal_node.look.mentions import Mention
from weal_node.look.near import Near
from weal_node.look.notes import DAY_MS, folded, wordset
from weal_node.look.recurring import Recurring
from weal_node.look.repeats import Group, same_words, stems
from weal_node.look.unwritten import Unwritten
from weal_node.look.wishes import SHOWN, Wish

Vectors = Mapping[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Structure:
    """What notes are to each other, by their words and links. facts: each note once, without word for word copies.
    dates_known: whether it can be told what changed last: less than half of the notes share one day.  heavy: whom and what to leave out."""

    facts: tuple[Facts, ...]
    copies: tuple[Copy, ...]
    unwritten: tuple[Unwritten, ...]
    mentions: tuple[Mention, ...]
    recurring: tuple[Recurring, ...]
    dates_known: bool
    heavy: Heavy = field(default_factory=Heavy)


@dataclass(frozen=True, slots=True)
class Meanings:
    """What needs vectors, as far as there are any; repeated wishes are found by their words without."""

    groups: tuple[Group, ...]
    near: tuple[Near, ...]


def structure(facts: Sequence[Facts]) -> Structure:
    """Return what notes are to each other. Linear in their words."""
    readings = [one.reading for one in facts]
    by_path = {one.reading.note.path: one for one in facts}
    singles = copies.without(readings)
    names = mentions.names(singles)
    mentioned = [mention for reading in singles for mention in mentions.mentioned(reading, names)]
    return Structure(
        facts=tuple(by_path[reading.note.path] for reading in singles),
        copies=copies.find(readings, {path: one.sketch for path, one in by_path.items()}),
        unwritten=unwritten.find(singles),
        mentions=mentions.chosen(mentioned, len(singles)),
        recurring=recurring.find(singles),
        dates_known=dates_known([reading.note.dated_ms for reading in readings]),
        heavy=heavy.of(readings),
    )


def meanings(held: Structure, acts: Vectors, heads: Vectors) -> Meanings:
    """Return what needs vectors. acts: unit vectors by act.  heads: by path of the note."""
    readings = [one.reading for one in held.facts]
    return Meanings(repeats.groups(open_wishes(held.facts), acts), near.find(readings, heads, held.dates_known))


def dates_known(dated_ms: Sequence[int]) -> bool:
    """Whether less than half of the notes share one day. One alone is dated as it is."""
    days = Counter(ms // DAY_MS for ms in dated_ms)
    return len(dated_ms) < 3 or 2 * max(days.values(), default=0) <= len(dated_ms)


def open_wishes(facts: Sequence[Facts]) -> tuple[Wish, ...]:
    """Return the wishes that may be shown, the newest first, without those that a ticked task of a later note has done."""
    finished: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for one in facts:
        for act in one.finished:
            words = stems(act)
            for word in words:
                finished.setdefault(word, []).append((one.reading.note.dated_ms, words))
    kept = [wish for one in facts for wish in one.wishes if wish.score >= SHOWN and not _done(wish, finished)]
    return tuple(sorted(kept, key=lambda wish: (-wish.written_ms, wish.quoted.path, wish.quoted.quote)))


def _done(wish: Wish, finished: Mapping[str, list[tuple[int, frozenset[str]]]]) -> bool:
    words = stems(wish.act) if wish.act else frozenset[str]()
    later = (done for word in words for done_ms, done in finished.get(word, ()) if done_ms >= wish.quoted.dated_ms)
    return any(same_words(words, done) for done in later)


_ENGLISH = wordset("the and of to a in is i for it that with on my")
MOST_WORDS = 20_000  # that are looked at to tell a language


def english(facts: Sequence[Facts]) -> bool:
    """Whether the notes' own lines are in English, by its smallest words: a tenth of them are such in any English text."""
    words = 0
    small = 0
    for word in _words(facts):
        words += 1
        small += word in _ENGLISH
        if words >= MOST_WORDS:
            break
    return words < 50 or small >= 0.08 * words


def _words(facts: Sequence[Facts]) -> Iterator[str]:
    for one in facts:
        for line in one.reading.lines:
            if line.kind == "prose":
                yield from folded(line.text)
