"""Browse: a topic with everyone's note of that name, one note with its versions, suggestions and who links to it, a person."""

import asyncio
import datetime as dt
import difflib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from weal_node.errors import NotFoundError, VaultError
from weal_node.records import Note
from weal_node.store import expulsions, records, topic_index
from weal_node.store.database import Database
from weal_node.vault import markdown, topics
from weal_node.vault.folder import Vault
from weal_node.vault.links import Links
from weal_protocol.jury import reason_of

SIDES = 12  # notes side by side on a topic's page
LINKS = 40  # of them listed
EXTRACT = 3_000  # characters of a note on a topic's page
ANCESTORS = 400  # versions looked back on for who contributed
DIFF_LINES = 800  # of a version (0.3 s where every line is repeated as badly as can be); longer ones are shown whole, not compared


@dataclass(frozen=True, slots=True)
class Side:
    """A note on a topic's page. heads: how many versions of it stand side by side.  cut: whether `text` is only its beginning."""

    author: str
    note: str
    title: str
    text: str
    written_ms: int
    heads: int
    cut: bool


@dataclass(frozen=True, slots=True)
class TopicPage:
    """Everyone's notes of one name, and the notes that link to it; with how many there are of each in all."""

    key: str
    sides: tuple[Side, ...]
    links: tuple[topic_index.TopicEntry, ...]
    notes: int
    linking: int


@dataclass(frozen=True, slots=True)
class NoteVersion:
    """A version of a note that nothing follows yet. by: who else's suggestions it has taken in, hex keys."""

    record: str
    title: str
    text: str
    written_ms: int
    licence: str
    by: tuple[str, ...]
    forked_from: tuple[str, str, str] | None  # author, note and title of what it began as a copy of
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()  # as in `records.Note`


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion to a note. accepted: whether a version names it.  diff: lines, each with its sign first; () where it is too long."""

    record: str
    author: str
    written_ms: int
    text: str
    accepted: bool
    diff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One note of the commons. taken_back: how many of its versions were.  verdicts: why a jury took some of them back."""

    author: str
    note: str
    versions: tuple[NoteVersion, ...]
    suggestions: tuple[Suggestion, ...]
    links: tuple[topic_index.TopicEntry, ...]
    topics: tuple[str, ...]
    taken_back: int
    verdicts: tuple[str, ...] = ()


async def topic(database: Database, vault: Vault, key: str, own_key: str) -> TopicPage:
    """Return a topic; own notes as they stand in the vault, others' as they were mirrored."""

    def look(
        connection: sqlite3.Connection,
    ) -> tuple[tuple[topic_index.TopicEntry, ...], tuple[topic_index.TopicEntry, ...], tuple[int, int], dict[str, str]]:
        found = _once(topic_index.named(connection, key, 2 * SIDES), own_key)[:SIDES]
        bodies = {one.head: kept.body for one in found if one.author and (kept := records.find(connection, one.head))}
        return (
            found,
            _once(topic_index.linking(connection, [key], LINKS), own_key),
            topic_index.count(connection, key),
            bodies,
        )

    found, links, (notes, linking), bodies = await database.read(look)
    heads: dict[tuple[str, str], int] = {}
    for one in found:
        heads[one.author, one.note] = heads.get((one.author, one.note), 0) + 1
    texts = await asyncio.to_thread(lambda: [_text(vault, one, bodies) for one in found])
    sides = tuple(
        Side(
            one.author,
            one.note,
            one.title,
            text[:EXTRACT],
            one.written_ms,
            heads[one.author, one.note],
            len(text) > EXTRACT,
        )
        for one, text in zip(found, texts, strict=True)
        if text is not None
    )
    return TopicPage(key, sides, links, notes, linking)


async def note(database: Database, author: str, of: str) -> Page:
    """Return one note of the commons; NotFoundError where nothing of it was mirrored."""

    def look(connection: sqlite3.Connection) -> Page:
        if (said := expulsions.of(connection, author)) is not None:
            name, why, at_ms = said
            day = dt.datetime.fromtimestamp(at_ms / 1_000, dt.UTC).date().isoformat()
            raise NotFoundError(
                f"{name} was expelled from the community on {day}{f': {why}' if why else ''}",
                "What this node had of theirs is kept here, and is not shown",
            )
        versions = records.versions(connection, author, of)
        if not versions:
            raise NotFoundError("nothing of this note was mirrored", "It may come later")
        standing = set(records.heads(connection, author, of))
        heads = [one for one in versions if one.id in standing and not one.redacted_by]
        names = sorted(
            {
                name
                for one in topic_index.of_note(connection, author, of)
                for name in topic_index.topics_of(connection, one)
            }
        )
        links = [one for one in topic_index.linking(connection, names, LINKS) if (one.author, one.note) != (author, of)]
        return Page(
            author,
            of,
            tuple(_version(connection, one) for one in heads),
            tuple(
                _suggestion(connection, one, taken)
                for one, taken in records.suggestions(connection, author, of)
                if not one.redacted_by
            ),
            _once(links, ""),
            tuple(names),
            sum(bool(one.redacted_by) for one in versions),
            _verdicts(connection, versions),
        )

    return await database.read(look)


async def backlinks(database: Database, vault: Vault, note: Note, own_key: str) -> tuple[topic_index.TopicEntry, ...]:
    """Return the notes, own ones first, whose links lead to this note of the own vault. Another's link means the note that this
    vault has for its name."""
    notes, _ = await asyncio.to_thread(vault.read_all)
    links = await asyncio.to_thread(vault.links.of, notes)
    names = await asyncio.to_thread(_meant, links, {one.path: one for one in notes}, note)
    own, others = await database.read(
        lambda c: (
            topic_index.own_linking(c, topics.names(note)),
            topic_index.linking(c, names, 2 * LINKS) if names else (),
        )
    )
    ours = [
        one for one, targets in own if any(links.find(target, one.path) == note.path for target in targets if target)
    ]
    found = _once((*ours, *(one for one in others if one.author)), own_key)
    here = ("", own_key) if own_key else ("",)
    return tuple(one for one in found if not (one.author in here and one.note == note.id))[:LINKS]


def _meant(links: Links, notes: dict[str, Note], note: Note) -> list[str]:
    """Return the topics that mean this note: those by which nothing else in this vault is known better."""
    found: dict[str, None] = {}
    for name in (note.path.rpartition("/")[2], note.title, *note.aliases):
        topic, best = topics.key(name), notes.get(links.find(name))
        if topic and (best is None or topics.ranked(best).get(topic, 2) >= topics.ranked(note)[topic]):
            found[topic] = None
    return list(found)


def _verdicts(connection: sqlite3.Connection, versions: Sequence[records.Mirrored]) -> tuple[str, ...]:
    takers = [records.find(connection, one) for one in dict.fromkeys(one.redacted_by for one in versions) if one]
    return tuple(dict.fromkeys(reason_of(one.body) for one in takers if one is not None and one.kind == "verdict"))


async def person(database: Database, author: str, limit: int) -> tuple[topic_index.TopicEntry, ...]:
    """Return a person's mirrored notes, the newest first."""
    return await database.read(partial(topic_index.by, author=author, limit=limit))


def _once(found: Sequence[topic_index.TopicEntry], own_key: str) -> tuple[topic_index.TopicEntry, ...]:
    """Leave out what the commons has of notes that stand in the own vault too."""
    own = {one.note for one in found if not one.author}
    return tuple(one for one in found if not own_key or one.author != own_key or one.note not in own)


def _text(vault: Vault, one: topic_index.TopicEntry, bodies: dict[str, str]) -> str | None:
    """Return a note's Markdown without front matter; None where the own file has just gone."""
    try:
        return vault.read(one.path).body if not one.author else markdown.body_of(bodies.get(one.head, ""), one.path)
    except VaultError:
        return None


def _version(connection: sqlite3.Connection, one: records.Mirrored) -> NoteVersion:
    origin = records.find(connection, one.forked_from or _first(connection, one).forked_from)
    came_from = (origin.author, origin.note, _title(origin)) if origin is not None else None
    return NoteVersion(
        one.id,
        _title(one),
        markdown.body_of(one.body, one.path),
        one.written_ms,
        one.licence,
        _contributors(connection, one),
        came_from,
        _properties(one),
    )


def _properties(one: records.Mirrored) -> tuple[tuple[str, tuple[str, ...]], ...]:
    try:
        return markdown.read(one.body.encode(), one.path or "note.md").properties
    except VaultError:
        return ()


def _title(one: records.Mirrored) -> str:
    try:
        return topics.plain(markdown.read(one.body.encode(), one.path or "note.md").title)
    except VaultError:
        return topics.plain(one.path)


def _first(connection: sqlite3.Connection, one: records.Mirrored) -> records.Mirrored:
    """Return the version of this note that follows none, where its lineage is short enough to look."""
    for _ in range(ANCESTORS):
        before = [
            found
            for parent in records.parents(connection, one.id)
            if (found := records.find(connection, parent)) and found.kind == "note"
        ]
        if not before:
            return one
        one = before[0]
    return one


def _contributors(connection: sqlite3.Connection, one: records.Mirrored) -> tuple[str, ...]:
    """Return whose suggestions this version and those before it took in."""
    seen, waiting, found = {one.id}, [one.id], dict[str, None]()
    while waiting and len(seen) < ANCESTORS:
        for parent in records.parents(connection, waiting.pop()):
            known = records.find(connection, parent)
            if known is None or parent in seen:
                continue
            seen.add(parent)
            if known.kind == "suggestion":
                found[known.author] = None
            else:
                waiting.append(parent)
    return tuple(found)


def _suggestion(connection: sqlite3.Connection, one: records.Mirrored, taken: str) -> Suggestion:
    parents = records.parents(connection, one.id)
    base = records.find(connection, parents[0]) if parents else None
    text, before = markdown.body_of(one.body), markdown.body_of(base.body) if base is not None else ""
    return Suggestion(one.id, one.author, one.written_ms, text, bool(taken), difference(before, text))


def difference(before: str, after: str) -> tuple[str, ...]:
    """Return what changed, as lines of a unified diff without its head; () where a text is too long to compare here."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > DIFF_LINES:
        return ()
    return tuple(
        line for line in difflib.unified_diff(old, new, lineterm="", n=2) if not line.startswith(("---", "+++"))
    )[:400]
