"""What was found for a question as it is shown: each passage quoted, its words marked, whose it is, and where it is read; and as JSON."""

from dataclasses import dataclass
from typing import Any

from weal_node.search.addresses import at, beside
from weal_node.search.asking import Asked
from weal_node.search.sources import Found, Source
from weal_node.text.snippet import Snippet, place, snippet

QUOTED = 420  # characters of a passage that are shown, about three lines of a wide page


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage as it is shown. digest: by which it is known again."""

    text: Snippet
    heading: str
    digest: str


@dataclass(frozen=True, slots=True)
class CitedNote:
    """A note that is quoted. name: of its author, "" for this person.  place: the address at which it is read.  best: the digest of the
    passage that bears on the question most.  said: what the person said of it before, "yes", "no" or ""."""

    note: str
    author: str
    name: str
    kind: str
    title: str
    visibility: str
    written_ms: int
    place: str
    quotes: tuple[Quote, ...]
    best: str
    said: str


def cited(asked: Asked, source: Source) -> CitedNote:
    """Return a source as it is shown."""
    terms, document, best = asked.question.terms, source.of, source.best
    words = place(best.sentence or best.passage.text, terms)
    address = at(document.kind, document.author, document.note, document.path)
    return CitedNote(
        document.note,
        document.author,
        source.name,
        document.kind,
        document.title,
        document.visibility,
        document.written_ms,
        beside(address, document.kind, words),
        tuple(Quote(quoted(part, terms), part.heading, part.digest) for part in source.parts),
        best.digest,
        source.said,
    )


def quoted(found: Found, terms: tuple[str, ...], length: int = QUOTED) -> Snippet:
    """Return what of a passage is shown: of what stands under one heading with its nearest sentence all, where that is short; else the
    stretch that begins with this sentence. Headings are left out, for they are named beside it."""
    lines = [line for line in _section(found.passage.text, found.sentence).splitlines() if not _is_heading(line)]
    text = " ".join(" ".join(lines).split()) or found.passage.text
    sentence = " ".join(found.sentence.split())
    begin = text.find(sentence) if sentence and len(text) > length else -1
    if begin <= 0 or len(text) - begin < length // 2:
        return snippet(text, terms, length)
    return (("… ", False), *snippet(text[begin:], terms, length))


def _section(text: str, sentence: str) -> str:
    """Return what stands under one heading with a sentence; all of a text that does not hold it."""
    at = text.find(sentence) if sentence else -1
    if at < 0:
        return text
    begin, end, place = 0, len(text), 0
    for line in text.splitlines(keepends=True):
        if _is_heading(line.rstrip()):
            if place <= at:
                begin = place
            else:
                end = min(end, place)
        place += len(line)
    return text[begin:end]


def _is_heading(line: str) -> bool:
    signs = len(line) - len(line.lstrip("#"))
    return 0 < signs < 7 and line[signs : signs + 1] in ("", " ")


def as_json(asked: Asked) -> dict[str, Any]:
    """Return an answer as JSON: {"question", "said", "sure", "notes": [...], "nearest": [...], "missing", "people", "total", "waiting"}."""
    return {
        "question": asked.question.query.text,
        "said": asked.said,
        "sure": asked.sure,
        "notes": [_note(cited(asked, source)) for source in asked.sources],
        "nearest": [_note(cited(asked, source)) for source in asked.nearest],
        "missing": list(asked.missing),
        "people": [
            {"author": person.author, "name": person.name, "notes": person.count, "tags": list(person.tags)}
            for person in asked.people
        ],
        "total": asked.total,
        "waiting": asked.waiting,
    }


def _note(one: CitedNote) -> dict[str, Any]:
    quotes = [
        {
            "text": "".join(text for text, _ in quote.text),
            "marked": [text for text, marked in quote.text if marked],
            "heading": quote.heading,
            "passage": quote.digest,
        }
        for quote in one.quotes
    ]
    return {
        "note": one.note,
        "author": one.author,
        "name": one.name,
        "kind": one.kind,
        "title": one.title,
        "visibility": one.visibility,
        "written_ms": one.written_ms,
        "place": one.place,
        "said": one.said,
        "best": one.best,
        "quotes": quotes,
    }
