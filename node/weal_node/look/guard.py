"""What never becomes a line, a card or a pair: death, illness, grief, debt, breakups, sex, self-harm. By words, on everything that is shown.

Too much is left out rather than too little. Words that mean something else in a trade are taken out first.
"""

import re
from collections.abc import Iterable, Mapping

from weal_node.look.guard_words import (
    HARMLESS,
    HARMLESS_FORMS,
    KEPT_FOLDERS,
    KEPT_NOTES,
    MILD,
    MILD_PHRASES,
    PHRASES,
    STEMS,
    WORDS,
)

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_ELIDED = re.compile(r"^(?:[ldnsc]|qu)'(?=[^\W\d_]{3})")  # l'hôpital
_DOCTOR = re.compile(r"\b(?:Dr|Drs|Prof)\.? [A-ZÄÖÜÉ]")
_TREATED = re.compile(
    r"\b(?:appointment|results?|referr\w+|prescri\w+|dose|mg|symptoms?|tablets?|coming off|scan|swab|left side|right side|x-?ray|blood|termin|rezept|ordonnance|cita)\b",
    re.IGNORECASE,
)
_LEFT = re.compile(r"\b[A-ZÄÖÜ][a-zäöüß]{2,20} (?:has |had )?moved out\b")
_SECRET = re.compile(
    r"\b[Dd]o(?:n['’]t| not) tell [A-Z]\w+"
    r"|\b(?:[Hh]e|[Ss]he|[Tt]hey|[A-Z][a-z]+|[Mm]um|[Mm]om|[Dd]ad|parents|Mama|Papa) (?:do(?:es)?n['’]t|do(?:es)? not|mustn['’]t|must not) (?:yet )?know (?:that I|I|about it|about this|yet)\b"
)
_ALLUDED = re.compile(
    r"(?:^|[.!?] )(?:it(?:'s| is| has been) )?(?:a|one|two|three|four|five|ten|\d+) (?:years?|months?)(?: since(?: then)?)?[.!](?:$| )"  # since what is not said
    r"|\b(?:first|another|second) (?:christmas|birthday|easter|summer|winter|new year|\w+day) without\b|\band I are (?:ok|okay|better|talking)\b"
    r"|\bwhat(?:'s| is) the point(?: of (?:it|this|anything|me|going on))?[?.!]*$|\bwhat(?:'s| is) the point of (?:any|all|getting|being|living|trying|me)\b|\bif i (?:wasn't|weren't|was not|were not) (?:here|around)\b|\bbetter off (?:if|with|without) (?:i|me|the insurance)\b|\bdo(?:n't| not) tell (?:anyone|anybody|him|her|them|mum|mom|dad)\b"
    r"|(?:^|\W)\d{1,2}\.\d{1,2}\.\d{4} ?[–—-] ?\d{1,2}\.\d{1,2}\.\d{4}(?:\W|$)|†",  # a life between two dates
    re.IGNORECASE,
)
_HARMLESS_FORM = re.compile("|".join(HARMLESS_FORMS))


def _by_first(phrases: Iterable[str]) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """Return runs of words by their first word, the longest first."""
    made: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        if words := tuple(phrase.split()):
            made.setdefault(words[0], []).append(words)
    return {first: tuple(sorted(runs, key=len, reverse=True)) for first, runs in made.items()}


def _table(text: str) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    return _by_first(phrase.strip() for line in text.splitlines() for phrase in line.split("|"))


_HARMLESS, _PHRASES, _MILD = _table(HARMLESS), _table(PHRASES), _table(MILD_PHRASES)


def tender(*texts: str) -> bool:
    """Whether any of these texts touches what is never put to the person."""
    return any(map(hits, texts))


def kept(path: str, title: str) -> bool:
    """Whether a note's place says that it is nobody's business: a folder "Private", a note "Owing"."""
    *folders, name = path.removesuffix(".md").split("/")
    if any(_called(folder) and _called(folder) <= KEPT_FOLDERS for folder in folders):
        return True
    return any(_called(one) and _called(one) <= KEPT_NOTES for one in (name, title))


def _called(name: str) -> set[str]:
    return {word for word in _words(name) if not word.isdigit()}


def hits(text: str) -> int:
    """Return how many words and phrases of a text do."""
    words = _telling(text)
    mild = sum(word.removesuffix("'s") in MILD for word in words)
    return _heavy(words, text) + mild + _runs(words, _MILD)


def heavy(text: str) -> bool:
    """Whether a text touches it so that a short note is about it: no flu, no headache, no price that is too high."""
    return _heavy(_telling(text), text) > 0


def _heavy(words: list[str], text: str) -> int:
    found = _runs(words, _PHRASES)
    for word in words:
        plain = word.removesuffix("'s")
        found += plain in WORDS or plain.startswith(STEMS)
    return found + bool(_DOCTOR.search(text) and _TREATED.search(text)) + _alluded(text)


def _runs(words: list[str], table: Mapping[str, tuple[tuple[str, ...], ...]]) -> int:
    return sum(_stands(words, place, run) for place, word in enumerate(words) for run in table.get(word, ()))


def _telling(text: str) -> list[str]:
    return _without_harmless(_words(_HARMLESS_FORM.sub(" ", text.casefold().replace("’", "'"))))


def _alluded(text: str) -> int:
    return bool(_LEFT.search(text) or _SECRET.search(text)) + bool(_ALLUDED.search(text.replace("’", "'")))


def _words(text: str) -> list[str]:
    return [_ELIDED.sub("", word.replace("’", "'")) for word in _WORD.findall(text.casefold())]


def _without_harmless(words: list[str]) -> list[str]:
    """Return words without the runs that mean something else; an empty word stands for each, so that no new run arises."""
    kept_words: list[str] = []
    place = 0
    while place < len(words):
        run = next((run for run in _HARMLESS.get(words[place], ()) if _stands(words, place, run)), ())
        kept_words.append("" if run else words[place])
        place += len(run) or 1
    return kept_words


def _stands(words: list[str], place: int, run: tuple[str, ...]) -> bool:
    return tuple(words[place : place + len(run)]) == run
