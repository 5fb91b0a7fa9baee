"""Sources: what was found for a question, as passages of notes in an order that can be read, each cited, and who wrote of it."""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from weal_node.store import passages
from weal_node.store.answered import Verdict
from weal_node.store.passages import IndexedDocument, Passage
from weal_node.text.bearing import SURE, Evidence, heading

SHOWN = 8  # notes of one answer
PARTS = 3  # passages of one note
NEAREST = 3  # notes that are named where nothing bears on a question
KNOWS = 0.4  # cosine from which on what somebody shares is of a question's subject; chosen: of the study's questions one in three has a passage so near
BESIDE = 0.6  # of the best passage's strength, below which another note is not shown beside it; no right one was lost by it (simulations/LOG.md, 2026-11-30, "Asking")
PEOPLE = 4

Key = tuple[str, str]  # author, note


@dataclass(frozen=True, slots=True)
class Found:
    """A passage and what speaks for it. sentence: the one nearest to the question, "" where none was read by itself.
    heading: the last one above its best place, "" for none."""

    passage: Passage
    evidence: Evidence
    sentence: str = ""
    heading: str = ""

    @property
    def digest(self) -> str:
        """By what it is known again."""
        return digest(self.passage)


@dataclass(frozen=True, slots=True)
class Source:
    """A note with its passages that bear on a question, in the order in which they stand there.
    name: of its author, "" for this person.  said: what the person said of it when they asked before: "yes", "no" or ""."""

    of: IndexedDocument
    name: str
    parts: tuple[Found, ...]
    said: str = ""

    @property
    def best(self) -> Found:
        """The passage that bears on it most."""
        return max(self.parts, key=lambda part: part.evidence.rank)

    @property
    def sure(self) -> bool:
        """Whether it may be called an answer."""
        return self.said == "yes" or self.best.evidence.strength >= SURE


@dataclass(frozen=True, slots=True)
class Knowing:
    """Somebody whose notes are near the question. count: how many of those this node may read.  tags: theirs, the commonest first."""

    author: str
    name: str
    count: int
    tags: tuple[str, ...]


def chosen(
    found: Sequence[Found], verdicts: Sequence[Verdict], names: Mapping[str, str]
) -> tuple[tuple[Source, ...], tuple[Source, ...]]:
    """Return the notes to show, and those that were nearest where there are none to show. found: best first.

    What the person said answers it comes first, what they said does not comes last and is no answer by itself."""
    said = _said(found, verdicts)
    least = BESIDE * max((one.evidence.strength for one in found), default=0.0)
    bearing = [one for one in found if _is_shown(one, least) or said.get(_key(one)) == "yes"]
    ordered = sorted(_grouped(bearing, said, names), key=lambda source: ("yes", "", "no").index(source.said))
    if all(source.said == "no" for source in ordered):
        return (), _grouped(found, said, names)[:NEAREST]
    return tuple(ordered[:SHOWN]), ()


def _is_shown(one: Found, least: float) -> bool:
    return one.evidence.bears and one.evidence.strength >= least


def _said(found: Sequence[Found], verdicts: Sequence[Verdict]) -> dict[Key, str]:
    """Return what was said of each note: of a passage as it still stands, or, of one that was changed since, that its note answered."""
    standing = {(_key(one), one.digest) for one in found}
    said: dict[Key, str] = {}
    for verdict in verdicts:
        key = verdict.author, verdict.note
        if verdict.answers or (key, verdict.passage) in standing:
            said.setdefault(key, "yes" if verdict.answers else "no")
    return said


def _grouped(found: Sequence[Found], said: Mapping[Key, str], names: Mapping[str, str]) -> tuple[Source, ...]:
    """Return one source a note, the notes by their best passage, the passages of each as they stand in it."""
    parts: dict[Key, list[Found]] = {}
    for one in found:
        of_note = parts.setdefault(_key(one), [])
        if len(of_note) < PARTS:
            of_note.append(one)
    sources: list[Source] = []
    for key, of_note in parts.items():
        in_order = tuple(sorted(of_note, key=lambda one: one.passage.id))
        name = names.get(key[0], key[0][:12]) if key[0] else ""
        sources.append(Source(of_note[0].passage.of, name, in_order, said.get(key, "")))
    return tuple(sources)


def _key(one: Found) -> Key:
    return one.passage.of.author, one.passage.of.note


def remembered(connection: sqlite3.Connection, verdicts: Sequence[Verdict]) -> list[int]:
    """Return the passages of notes that were said to answer a question, where they still stand; of a note that was changed all."""
    ids: list[int] = []
    for verdict in verdicts:
        if verdict.answers:
            of_note = passages.of_note(connection, verdict.author, verdict.note)
            standing = [passage.id for passage in of_note if digest(passage) == verdict.passage]
            ids += standing or [passage.id for passage in of_note[:PARTS]]
    return ids


def digest(passage: Passage) -> str:
    """Return by what a passage is known again, though the index was made anew."""
    return hashlib.sha256(passage.text.encode(errors="replace")).hexdigest()


def knowing(
    connection: sqlite3.Connection,
    shown: Sequence[Source],
    near: Sequence[tuple[int, float]],
    names: Mapping[str, str],
) -> tuple[Knowing, ...]:
    """Return others who wrote what is shown, or share what is near the question, who shares most of it first. near: (passage, cosine)."""
    close = [number for number, cosine in near if cosine >= KNOWS]
    documents = [source.of for source in shown] + [passage.of for passage in passages.fetch(connection, close).values()]
    notes: dict[str, dict[str, IndexedDocument]] = {}
    for document in documents:
        if document.author:
            notes.setdefault(document.author, {})[document.note] = document
    people = [
        Knowing(author, names.get(author, author[:12]), len(theirs), _tags(list(theirs.values())))
        for author, theirs in notes.items()
    ]
    return tuple(sorted(people, key=lambda person: (-person.count, person.name))[:PEOPLE])


def _tags(documents: Sequence[IndexedDocument]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for document in documents:
        for tag in document.tags:
            counts[tag] = counts.get(tag, 0) + 1
    return tuple(sorted(counts, key=lambda tag: (-counts[tag], tag))[:3])


def headed(connection: sqlite3.Connection, source: Source) -> Source:
    """Return a source whose passages know under which heading they stand."""
    of_note = passages.of_note(connection, source.of.author, source.of.note)
    parts: list[Found] = []
    for part in source.parts:
        before = [passage.text for passage in of_note if passage.id < part.passage.id]
        at = max(0, part.passage.text.find(part.sentence)) if part.sentence else 0
        parts.append(replace(part, heading=heading(before, part.passage.text, at)))
    return replace(source, parts=tuple(parts))
