"""What all notes together know: people and pages that what hurts has come to. A line that names or links to one is left out too."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from weal_node.look.notes import OwnNote, Quoted, folded, wordset
from weal_node.look.reading import NoteReading, dated
from weal_node.look.recurring import kind_of

FAMILY = wordset(
    """
    dad daddy papa papá pa father mum mom mummy mama mamá mother grandma grandpa granny grandad granddad gran nan nana omi oma opa opi mutti vati vater mutter tante
    onkel abuela abuelo padre madre maman grandmère grandpère mamie papi papy
    """
)
_LOST = re.compile(
    r"\b(?:died|death|dying|funeral|buried|grave|hospice|ashes|coffin|cremat\w+|obituary|cemetery|would have been \d+|passed away|gestorben|stirbt|beerdigung|bestattung|begräbnis|trauer\w*"
    r"|friedhof|todestag|murió|funeral|entierro|falleció|mort|obsèques|enterrement|décès|palliativ\w*|chemo\w*|dementia|demenz|alzheimer\w*|moved out|left me|broke up|divorce\w*|trennung|scheidung)\b",
    re.IGNORECASE,
)
TOUCHED = 2  # lines of a person's page from which on it is about what hurts; chosen
_ASIDE = wordset(
    "mr mrs ms dr prof the and of a frau herr tante onkel uncle aunt auntie señor señora madame monsieur mme"
)
_BY_NAME = re.compile(
    r"\b(?P<who>[A-ZÄÖÜÉÁ][a-zäöüßéáíóúñ]{2,20})(?: (?:has|had|is|ist))? (?:died|passed away|gestorben|tot|verstorben|murió|falleció)\b"
    r"|\b(?P<whose>[A-ZÄÖÜÉÁ][a-zäöüßéáíóúñ]{2,20}?)(?:['’]s|s) (?:funeral|grave|death|ashes|coffin|Beerdigung|Grab)\b"
    r"|\b(?:funeral|grave|death|Beerdigung|entierro|obsèques) (?:of|for|von|de) (?P<of>[A-ZÄÖÜÉÁ][a-zäöüßéáíóúñ]{2,20})\b"
    r"|\b(?:broke up with|split up with|split from|Schluss mit|Trennung von|my ex,?) (?P<left>[A-ZÄÖÜÉÁ][a-zäöüßéáíóúñ]{2,20})\b"
)
_NOBODY = wordset(
    "nobody someone somebody everyone everybody anyone she they who which this that there the his her our your their has had and but when since nothing"
)
_NAME = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Heavy:
    """People by one word of their name, as it is compared; pages by path and by their names of two words or more."""

    people: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    pages: frozenset[tuple[str, ...]] = frozenset()

    def touches(self, *texts: str) -> bool:
        """Whether a text names such a person or page."""
        for text in texts:
            words = folded(text)
            if self.people and any(_base(word) in self.people for word in _people_in(text)):
                return True
            if any(
                words[place : place + len(page)] == page
                for page in self.pages
                for place in range(len(words) if page[0] in words else 0)
            ):
                return True
        return False

    def of(self, quotes: Iterable[Quoted]) -> bool:
        """Whether one of these stands on such a page, below such a title, or says such a name."""
        return any(quote.path in self.paths or self.touches(quote.title, quote.quote) for quote in quotes)


def of(readings: Sequence[NoteReading]) -> Heavy:
    """Return the people and pages that what hurts has come to. Linear in what is touched."""
    known = _known(readings)
    people: set[str] = set()
    paths: set[str] = set()
    pages: set[tuple[str, ...]] = set()
    for reading in readings:
        note = reading.note
        for line in reading.touched:
            if _LOST.search(line):
                people |= _named(line, known)
            for match in _BY_NAME.finditer(line):
                people |= {_base(name) for name in match.groups() if name} - _NOBODY
        if not reading.tender:
            continue
        paths.add(note.path)
        called = {_base(word) for name in note.names for word in _people_in(name)}
        people |= called & FAMILY
        if kind_of(reading) == "person" and (
            len(reading.touched) >= TOUCHED or any(map(_LOST.search, reading.touched))
        ):
            people |= _telling(note)
        pages |= {
            words
            for name in note.names
            if len(words := folded(name)) > 1 and not dated(name) and len("".join(words)) > 5
        }
    return Heavy(frozenset(people), frozenset(paths), frozenset(pages))


def _known(readings: Iterable[NoteReading]) -> frozenset[str]:
    """Return the words that name people with a note of their own, and family."""
    named = {word for reading in readings if kind_of(reading) == "person" for word in _telling(reading.note)}
    return frozenset(named) | FAMILY


def _telling(note: OwnNote) -> set[str]:
    """Return the words of a person's names: first and last, as they are compared."""
    words = {_base(word) for name in note.names for word in _people_in(name)}
    return {word for word in words if len(word) > 2 and word not in _ASIDE}


def _named(line: str, known: frozenset[str]) -> set[str]:
    """Return whom a line is about: the one that stands nearest before what happened, else right behind it."""
    match = _LOST.search(line)
    if match is None:
        return set()
    before = [_base(word) for word in _people_in(line[: match.start()])]
    behind = [_base(word) for word in _people_in(line[match.end() :])][:1]
    near = [word for word in before if word in known][-1:] or [word for word in behind if word in known]
    return set(near)


def _people_in(text: str) -> list[str]:
    """Return the words of a text that may name somebody: in capitals, or a word of family."""
    return [word for word in _NAME.findall(text) if word[:1].isupper() or word.casefold() in FAMILY]


def _base(word: str) -> str:
    return word.casefold()
