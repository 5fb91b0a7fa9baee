"""The values of this room: a note as its rules see it, words quoted from one, and a line that is put to the person."""

import hashlib
import re
from dataclasses import dataclass

DAY_MS = 24 * 3_600 * 1_000
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class OwnNote:
    """A note of the person's vault.

    body: without front matter and remarks.
    links: (as written, path of the note that is meant, "" for one that was never written).
    properties: what else its front matter says, by key in lower case.
    dated_ms: when it was last changed, Unix time in ms, 0 where that is not known.
    written_ms: when it began, as its name or front matter says; else as dated_ms.
    """

    id: str
    path: str
    title: str
    body: str
    dated_ms: int = 0
    written_ms: int = 0
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What the note is called: by its file, its title and its aliases, each once."""
        stem = self.path.rpartition("/")[2].removesuffix(".md")
        return tuple(dict.fromkeys(filter(None, (self.title, stem, *self.aliases))))


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of a note, and where they stand. quote: "" where the note as a whole is meant.  dated_ms: of the note, 0 for unknown."""

    note: str
    path: str
    title: str
    quote: str
    dated_ms: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A line for the person.

    rule: one of RULES.
    key: names it for good, as long as its words are the same.
    says: what the agent says of it, a sentence.
    quotes: the notes that it rests on, the first the one for which *Not like this* silences the rule.
    act: what could be done, in the person's words, "" where nothing can be told apart.
    members: names of the acts that it stands for: once one is closed, so is the line.
    due_ms: the day that was written down, 0 for none.
    """

    rule: str
    key: str
    says: str
    quotes: tuple[Quoted, ...]
    act: str = ""
    members: tuple[str, ...] = ()
    due_ms: int = 0


def quoted(note: OwnNote, quote: str = "") -> Quoted:
    """Return words of this note with where they stand."""
    return Quoted(note.id, note.path, note.title, quote, note.dated_ms)


def folded(text: str) -> tuple[str, ...]:
    """Return the words of a text as they are compared."""
    return tuple(_WORD.findall(text.casefold()))


def key_of(*parts: str) -> str:
    """Return a name made of these parts, 32 hex characters."""
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:32]


def sentence_key(quoted: Quoted) -> str:
    """Return the name of a sentence of a note: two rules that find it make one line."""
    return key_of("sentence", quoted.note, *folded(quoted.quote))


def act_key(act: str) -> str:
    """Return the name of an act: the same words in another note are the same act."""
    return key_of("act", *folded(act))


def wordset(words: str) -> frozenset[str]:
    """Return the words of a table, written with blanks between them."""
    return frozenset(words.split())
