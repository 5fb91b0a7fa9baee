"""A topic with everyone's note of that name, one note with its versions, suggestions and who links to it, a person."""

import asyncio
import datetime as dt
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from weal_node.commons import note_versions
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
class Page:
    """One note of the commons. taken_back: how many of its versions were.  verdicts: why a jury took some of them back."""

    author: str
    note: str
    versions: tuple[note_versions.NoteVersion, ...]
    suggestions: tuple[note_versions.Suggestion, ...]
    links: tuple[topic_index.TopicEntry, ...]
    topics: tuple[str, ...]
    taken_back: int
    verdicts: tuple[str, ...] = ()


async def topic(database: Database, vault: Vault, key: str, own_key: str) -> TopicPage:
    """Return a topic; own notes as they stand in the vault, others' as they were mirrored."""

    def look(
        connection: sqlite3.Connection,
    ) -> tuple[tuple[topic_index.TopicEntry, ...], tuple[topic_index.TopicEntry, ...], tuple[int, int], dict[str, str]]:
        entries = _once(topic_index.named(connection, key, 2 * SIDES), own_key)[:SIDES]
        linking = _once(topic_index.linking(connection, [key], LINKS), own_key)
        return entries, linking, topic_index.count(connection, key), _bodies(connection, entries)

    entries, links, (notes, linking), bodies = await database.read(look)
    texts = await asyncio.to_thread(_texts, vault, entries, bodies)
    heads = Counter((entry.author, entry.note) for entry in entries)
    sides: list[Side] = []
    for entry, text in zip(entries, texts, strict=True):
        if text is None:
            continue
        beginning, cut = text[:EXTRACT], len(text) > EXTRACT
        versions = heads[entry.author, entry.note]
        sides.append(Side(entry.author, entry.note, entry.title, beginning, entry.written_ms, versions, cut))
    return TopicPage(key, tuple(sides), links, notes, linking)


def _bodies(connection: sqlite3.Connection, entries: Iterable[topic_index.TopicEntry]) -> dict[str, str]:
    """Return what others' notes say, by the record that says it."""
    bodies: dict[str, str] = {}
    for entry in entries:
        version = records.find(connection, entry.head) if entry.author else None
        if version is not None:
            bodies[entry.head] = version.body
    return bodies


async def note(database: Database, author: str, note_id: str) -> Page:
    """Return one note of the commons; NotFoundError where nothing of it was mirrored."""
    return await database.read(partial(_page, author=author, note_id=note_id))


def _page(connection: sqlite3.Connection, author: str, note_id: str) -> Page:
    _refuse_expelled(connection, author)
    versions = records.versions(connection, author, note_id)
    if not versions:
        raise NotFoundError("nothing of this note was mirrored", "It may come later")
    standing = set(records.heads(connection, author, note_id))
    heads = [version for version in versions if version.id in standing and not version.redacted_by]
    names: set[str] = set()
    for head in topic_index.of_note(connection, author, note_id):
        names.update(topic_index.topics_of(connection, head))
    suggestions: list[note_versions.Suggestion] = []
    for suggestion, taken in records.suggestions(connection, author, note_id):
        if not suggestion.redacted_by:
            suggestions.append(note_versions.suggestion(connection, suggestion, taken))
    return Page(
        author,
        note_id,
        tuple(map(partial(note_versions.version, connection), heads)),
        tuple(suggestions),
        _linking(connection, sorted(names), author, note_id),
        tuple(sorted(names)),
        sum(bool(version.redacted_by) for version in versions),
        _verdicts(connection, versions),
    )


def _refuse_expelled(connection: sqlite3.Connection, author: str) -> None:
    expulsion = expulsions.of(connection, author)
    if expulsion is None:
        return
    name, why, at_ms = expulsion
    day = dt.datetime.fromtimestamp(at_ms / 1_000, dt.UTC).date().isoformat()
    raise NotFoundError(
        f"{name} was expelled from the community on {day}{f': {why}' if why else ''}",
        "What this node had of theirs is kept here, and is not shown",
    )


def _linking(
    connection: sqlite3.Connection, names: Sequence[str], author: str, note_id: str
) -> tuple[topic_index.TopicEntry, ...]:
    """Return who links to a note by one of its names, but for the note itself."""
    links = topic_index.linking(connection, names, LINKS)
    return _once([link for link in links if (link.author, link.note) != (author, note_id)], "")


async def backlinks(database: Database, vault: Vault, note: Note, own_key: str) -> tuple[topic_index.TopicEntry, ...]:
    """Return the notes, own ones first, whose links lead to this note of the own vault. Another's link means the note that this
    vault has for its name."""
    notes, _ = await asyncio.to_thread(vault.read_all)
    links = await asyncio.to_thread(vault.links.of, notes)
    names = await asyncio.to_thread(_meant, links, {other_note.path: other_note for other_note in notes}, note)
    own, others = await database.read(
        lambda c: (
            topic_index.own_linking(c, topics.names(note)),
            topic_index.linking(c, names, 2 * LINKS) if names else (),
        )
    )
    sources: list[topic_index.TopicEntry] = []
    for entry, targets in own:
        if entry.note != note.id and _leads(links, entry.path, targets, note.path):
            sources.append(entry)
    itself = (own_key, note.id)
    sources += [entry for entry in others if entry.author and (entry.author, entry.note) != itself]
    return _once(sources, own_key)[:LINKS]


def _leads(links: Links, source: str, targets: Iterable[str], path: str) -> bool:
    """Whether one of these links, as they stand in the file `source`, means the file `path`."""
    return any(target and links.find(target, source) == path for target in targets)


def _meant(links: Links, notes: dict[str, Note], note: Note) -> list[str]:
    """Return the topics that mean this note: those by which nothing else in this vault is known better."""
    keys: dict[str, None] = {}
    for called in (note.path.rpartition("/")[2], note.title, *note.aliases):
        topic, best = topics.key(called), notes.get(links.find(called))
        if topic and (best is None or topics.ranked(best).get(topic, 2) >= topics.ranked(note)[topic]):
            keys[topic] = None
    return list(keys)


def _verdicts(connection: sqlite3.Connection, versions: Sequence[records.Mirrored]) -> tuple[str, ...]:
    reasons: dict[str, None] = {}
    for taker in dict.fromkeys(version.redacted_by for version in versions):
        verdict = records.find(connection, taker) if taker else None
        if verdict is not None and verdict.kind == "verdict":
            reasons[reason_of(verdict.body)] = None
    return tuple(reasons)


async def person(database: Database, author: str, limit: int) -> tuple[topic_index.TopicEntry, ...]:
    """Return a person's mirrored notes, the newest first."""
    return await database.read(partial(topic_index.by, author=author, limit=limit))


def _once(entries: Sequence[topic_index.TopicEntry], own_key: str) -> tuple[topic_index.TopicEntry, ...]:
    """Leave out what the commons has of notes that stand in the own vault too."""
    if not own_key:
        return tuple(entries)
    own = {entry.note for entry in entries if not entry.author}
    return tuple(entry for entry in entries if entry.author != own_key or entry.note not in own)


def _texts(vault: Vault, entries: Iterable[topic_index.TopicEntry], bodies: Mapping[str, str]) -> Iterable[str | None]:
    return [_text(vault, entry, bodies) for entry in entries]


def _text(vault: Vault, entry: topic_index.TopicEntry, bodies: Mapping[str, str]) -> str | None:
    """Return a note's Markdown without front matter; None where the own file has just gone."""
    try:
        return (
            vault.read(entry.path).body
            if not entry.author
            else markdown.body_of(bodies.get(entry.head, ""), entry.path)
        )
    except VaultError:
        return None
