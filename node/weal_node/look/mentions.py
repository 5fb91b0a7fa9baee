"""Mentions that are not linked: a note names another by its title of two words or more, and there is no link (look.md 2.5)."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from weal_node.look.acts import EMPTY
from weal_node.look.lines import Line
from weal_node.look.notes import OwnNote, Quoted, folded, quoted, wordset
from weal_node.look.reading import NoteReading, dated
from weal_node.look.sentences import LONGEST

FEWEST, MOST = 2, 5  # words of a name (look.md 2.5)
SHARE = 0.05  # of all notes: a name in more is a word like any other (look.md 2.5)
AT_LEAST = 3  # notes that may hold it all the same, however few there are; chosen
LISTED = 0.6  # of an item's words: one that is nothing but a title is a list's, and no mention; chosen
_ENDINGS = ("s", "es", "n", "en")
_LINKED = re.compile(
    r"\[\[[^\[\]\n]{0,800}\]\]|\[[^\[\]\n]{0,400}\]\([^()\n]{0,800}\)|[a-z]{2,12}://\S{1,2000}|`[^`\n]{0,400}`"
)
_PLAIN = [
    "readme",
    "untitled",
    "index",
    "home",
    "inbox",
    "todo",
    "to",
    "do",
    "new",
    "note",
    "template",
    "day",
    "week",
    "moc",
    "map",
    "of",
    "content",
]
_PLACES = wordset("places place travel cities city countries country people contacts")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_STOP = "\x00"

Names = dict[
    tuple[str, str], dict[tuple[str, ...], OwnNote]
]  # by the first two words of each; of notes called alike the first by path


@dataclass(frozen=True, slots=True)
class Mention:
    """A note that names another. of: the note that is named.  words: how it is named."""

    where: Quoted
    of: Quoted
    words: str


def names(readings: Iterable[NoteReading]) -> Names:
    """Return what can be looked for: titles, files and aliases of two to five words that are no dates."""
    by_first: Names = {}
    for reading in readings:
        note = reading.note
        if reading.diary or reading.template or reading.tender or _PLACES & set(folded(note.path.rpartition("/")[0])):
            continue
        for name in note.names:
            words = folded(name)
            if usable(name, words):
                by_first.setdefault((words[0], words[1]), {}).setdefault(words, note)
    return by_first


def usable(name: str, words: tuple[str, ...]) -> bool:
    """Whether a name is looked for."""
    if not FEWEST <= len(words) <= MOST or dated(name) or len(name) > 80:
        return False
    telling = [word for word in words if word not in EMPTY and len(word) > 2 and not word.isdigit()]
    return len(telling) >= 2 and not set(words) <= set(_PLAIN)


def mentioned(reading: NoteReading, by_first: Names) -> list[Mention]:
    """Return which other notes this one names without a link to them, each once. One pass over its words."""
    if reading.tender or reading.template or not reading.own:
        return []
    linked = {path for _, path in reading.note.links} | {reading.note.path}
    made: dict[str, Mention] = {}
    for line in reading.lines:
        if line.kind == "heading" or line.foreign > 0.3:
            continue
        for words, note in _in_line(line, by_first):
            if line.kind != "prose" and len(words) >= LISTED * len(folded(line.text)):
                continue
            if note.path in linked or note.path in made or set(folded(note.title)) == set(folded(reading.note.title)):
                continue
            if quote := _quote(reading, line, words):
                made[note.path] = Mention(quoted(reading.note, quote), quoted(note), " ".join(words))
    return list(made.values())


def _in_line(line: Line, by_first: Names) -> list[tuple[tuple[str, ...], OwnNote]]:
    words = folded(_LINKED.sub(f" {_STOP} ", line.raw.replace("\x00", " ")).replace(_STOP, " xlinkx "))
    held: list[tuple[tuple[str, ...], OwnNote]] = []
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        for pair in product(_singular(word), _singular(following)):
            for name, note in by_first.get(pair, {}).items():
                if _stands(words, place, name):
                    held.append((name, note))
    return held


def _singular(word: str) -> list[str]:
    return [
        word,
        *(word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending) and len(word) > len(ending) + 2),
    ]


def _stands(words: Sequence[str], place: int, name: tuple[str, ...]) -> bool:
    if place + len(name) > len(words):
        return False
    return all(named in _singular(words[place + at]) for at, named in enumerate(name))


def _quote(reading: NoteReading, line: Line, words: tuple[str, ...]) -> str:
    """Return the sentence of a line that has these words, "" where it may not be shown."""
    if not reading.quotable(line):
        return ""
    for sentence in _SENTENCE.split(line.text):
        held = folded(sentence)
        if (
            len(sentence) <= LONGEST
            and len(held) > len(words)
            and any(_stands(held, place, words) for place in range(len(held)))
        ):
            return sentence.strip()
    return ""


def chosen(mentions: Iterable[Mention], notes: int) -> tuple[Mention, ...]:
    """Return one mention a title, the newest note's, without those that too many notes hold. notes: how many there are."""
    every = sorted(mentions, key=lambda mention: -mention.where.dated_ms)
    held = Counter(mention.of.path for mention in every)
    most = max(AT_LEAST, SHARE * notes)
    firsts: dict[str, Mention] = {}
    from_notes: Counter[str] = Counter()
    for mention in every:
        if held[mention.of.path] <= most and mention.of.path not in firsts and from_notes[mention.where.note] < 1:
            firsts[mention.of.path] = mention
            from_notes[mention.where.note] += 1
    return tuple(firsts.values())
