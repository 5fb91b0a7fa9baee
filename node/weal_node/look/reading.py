"""Whose words these are: which lines of a note are the person's own, and what kind of note it is. It matters more than any pattern (look.md 2.1)."""

import re
from dataclasses import dataclass
from itertools import pairwise

from weal_node.look import guard, voice
from weal_node.look.lines import Line, cut
from weal_node.look.notes import OwnNote, folded, wordset

PERSONAL = 0.15  # share of own lines that say I, from which on a note is personal (look.md 2.1)
IMPERSONAL = 0.06  # below which it is not (look.md 2.2)
FOREIGN = 0.5  # share of links from which on a line is somebody else's (look.md 2.1)
FEW_QUESTIONS = 5  # a note with as many, at a fifth of its lines, asks somebody (look.md 6.4)
TENDER_LINES = 2  # with as many hits a note is about it, and nothing at all is taken from it; chosen
SHORT_WORDS = (
    60  # a note of so many words is about what one line of it touches; measured on two vaults, simulations/LOG.md
)
BESIDE = 2  # lines before and after, empty ones too, that what one line touches reaches; chosen
_FIRST = wordset(
    """
    i i'm i'd i've i'll im my me myself ich mein meine meinen meiner mich mir je mon ma mes yo mi mis
    """
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_DATE = re.compile(
    r"(?:19|20)\d\d[-_. ]?(?:[01]\d[-_. ]?[0-3]\d|W[0-5]\d|Q[1-4]|[01]\d)(?!\d)|^(?:19|20)\d\d$", re.IGNORECASE
)
_DIARY = wordset("journal journals daily dailies weekly diary diaries log logbook tagebuch periodic")
_PERSONAL = _DIARY | wordset(
    """
    goals goal plans plan ideas idea todo todos inbox drafts draft thoughts thought someday bucket me personal life reflections reflection
    retrospective resolutions wishlist review monthly yearly tasks task projects
    """
)
_TUTORIAL = wordset("howto howtos tutorial tutorials anleitung anleitungen")
_SOURCE = wordset("author authors source url isbn director pages publisher channel")
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class NoteReading:
    """A note with what was found out about it.

    own: whether its words are the person's.
    personal: whether it speaks of them.  diary: whether it is a page of a diary.  first: share of own lines that say I.
    tutorial: whether it shows code, or is called so.
    asking: whether it is an interview, a survey or a checklist: nothing is taken from its sentences.
    weak: whether its sentences are a character's, a speaker's or for a reader: only its open boxes are the person's.
    over: whether it was laid aside: what it plans is over.
    tender: whether it is about what is never put to the person: nothing at all is taken from it.
    template: whether it is a form for other notes.
    lines: its own lines, in order.
    harmless: numbers of the lines that may be quoted: they, what stands beside and above them, touch nothing of that kind.
    words: how many the lines have.
    touched: what its lines that touch something say.
    """

    note: OwnNote
    own: bool
    personal: bool
    diary: bool
    first: float
    tutorial: bool
    asking: bool
    weak: bool
    over: bool
    tender: bool
    template: bool
    lines: tuple[Line, ...]
    harmless: frozenset[int]
    words: int
    touched: tuple[str, ...] = ()

    @property
    def told_ms(self) -> int:
        """When what it says of "Friday" was said: a diary's page on its day, another note when it was last changed; 0 for unknown."""
        first, last = self.note.written_ms, self.note.dated_ms
        return (first or last) if self.diary else max(first, last)

    @property
    def speaks(self) -> bool:
        """Whether sentences of it may be the person's words to themself, about what is not over."""
        return self.own and not (self.asking or self.tender or self.template or self.over)

    def quotable(self, line: Line) -> bool:
        """Whether a line of this note may be quoted."""
        return line.number in self.harmless


def read(note: OwnNote) -> NoteReading:
    """Return what kind of note this is, with its own lines. Never raises, whatever the text."""
    whole = cut(note.body)
    path_words = _path_words(note.path)
    lines = tuple(line for line in whole.lines if _own(line))
    speaking = [line for line in lines if line.kind != "heading"]
    first = sum(says_i(line.text) for line in speaking) / len(speaking) if speaking else 0.0
    diary = bool(_DATE.search(note.path.rpartition("/")[2].removesuffix(".md"))) or bool(path_words & _DIARY)
    questions = sum(line.text.endswith("?") for line in lines)
    heading_words = set(folded(" ".join(line.text for line in lines if line.kind == "heading")))
    keys = {name.casefold() for name, _ in note.properties}
    touched = frozenset(line.number for line in whole.lines if guard.tender(line.text))
    words = sum(len(line.text.split()) for line in lines)
    spoken = voice.of_note(note.path, note.title, note.tags, whole.lines, diary)
    return NoteReading(
        note=note,
        own=not (spoken.others or keys & _SOURCE or "book reviews" in note.path.casefold()),
        personal=first > PERSONAL or diary or bool(path_words & _PERSONAL),
        diary=diary,
        first=first,
        tutorial=whole.fences >= 2 or bool(path_words & _TUTORIAL),
        asking=bool((path_words | set(folded(note.title)) | heading_words) & voice.ASKING)
        or (questions >= FEW_QUESTIONS and 5 * questions >= len(lines)),
        weak=spoken.weak,
        over=spoken.over,
        tender=_tender(note, whole.lines, touched, words),
        template=bool(path_words & {"template", "templates"}) or "{{" in note.body or "<%" in note.body,
        lines=lines,
        harmless=_harmless(whole.lines, touched),
        words=words,
        touched=tuple(line.text for line in whole.lines if line.number in touched),
    )


def says_i(text: str) -> bool:
    """Whether a line says I, my or me, in one of a few languages."""
    return any(word.casefold().replace("’", "'") in _FIRST for word in _WORD.findall(text))


def dated(name: str) -> bool:
    """Whether a name is a date, or nothing but numbers."""
    return bool(_DATE.search(name)) or not _NUMBERS.sub("", "".join(folded(name)))


def _path_words(path: str) -> frozenset[str]:
    return frozenset(folded(path.removesuffix(".md")))


def _own(line: Line) -> bool:
    if line.kind == "quote" or line.foreign >= FOREIGN or not line.text:
        return False
    return not voice.of_section(line) and not voice.said_by_another(line.text)


def _harmless(lines: tuple[Line, ...], touched: frozenset[int]) -> frozenset[int]:
    """Return the numbers of the lines that may be quoted: not those that touch something, nor what stands in one paragraph with
    them, a little before and after, or below such a heading."""
    bad_headings = {line.text for line in lines if line.kind == "heading" and line.number in touched}
    reached = {number + away for number in touched for away in range(-BESIDE, BESIDE + 1)}
    for ordered in (lines, lines[::-1]):
        for one, following in pairwise(ordered):
            if abs(one.number - following.number) == 1 and one.number in reached and _paragraph(one, following):
                reached.add(following.number)
    return frozenset(
        line.number for line in lines if line.number not in reached and not bad_headings & set(line.headings)
    )


def _paragraph(one: Line, other: Line) -> bool:
    return one.kind == other.kind == "prose"


def _tender(note: OwnNote, lines: tuple[Line, ...], touched: frozenset[int], words: int) -> bool:
    """Whether a note is about what is never put to the person: by its path, title, names, tags or first heading, again and again, or
    once where it is short."""
    headings = [line.text for line in lines if line.kind == "heading"]
    path = re.sub(r"[-_/.]", " ", note.path)
    if guard.kept(note.path, note.title) or guard.tender(path, note.title, *note.tags, *note.aliases, *headings[:1]):
        return True
    heavy = sum(guard.heavy(line.text) for line in lines if line.number in touched)
    if words <= SHORT_WORDS and heavy:
        return True
    return heavy + (len(touched) - heavy) / 2 >= max(TENDER_LINES, len(lines) // 20)  # a flu counts half
