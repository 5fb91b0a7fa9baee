"""A topic with everyone's note of that name, one note with its versions, suggestions and who links to it, a person."""

import asyncio
import datetime as dt
import difflib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
    suggestions: list[Suggestion] = []
    for suggestion, taken in records.suggestions(connection, author, note_id):
        if not suggestion.redacted_by:
            suggestions.append(_suggestion(connection, suggestion, taken))
    return Page(
        author,
        note_id,
        tuple(map(partial(_version, connection), heads)),
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
    sources = [entry for entry, targets in own if _leads(links, entry.path, targets, note.path)]
    sources += [entry for entry in others if entry.author]
    here = ("", own_key) if own_key else ("",)
    return tuple(entry for entry in _once(sources, own_key) if entry.author not in here or entry.note != note.id)[
        :LINKS
    ]


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


def _version(connection: sqlite3.Connection, version: records.Mirrored) -> NoteVersion:
    origin = records.find(connection, version.forked_from or _first(connection, version).forked_from)
    came_from = (origin.author, origin.note, _title(origin)) if origin is not None else None
    return NoteVersion(
        version.id,
        _title(version),
        markdown.body_of(version.body, version.path),
        version.written_ms,
        version.licence,
        _contributors(connection, version),
        came_from,
        _properties(version),
    )


def _properties(version: records.Mirrored) -> tuple[tuple[str, tuple[str, ...]], ...]:
    try:
        return markdown.read(version.body.encode(), version.path or "note.md").properties
    except VaultError:
        return ()


def _title(version: records.Mirrored) -> str:
    try:
        return topics.plain(markdown.read(version.body.encode(), version.path or "note.md").title)
    except VaultError:
        return topics.plain(version.path)


def _first(connection: sqlite3.Connection, version: records.Mirrored) -> records.Mirrored:
    """Return the version of this note that follows none, where its lineage is short enough to look."""
    for _ in range(ANCESTORS):
        before = _former(connection, version)
        if before is None:
            break
        version = before
    return version


def _former(connection: sqlite3.Connection, version: records.Mirrored) -> records.Mirrored | None:
    """Return the first version of its note that this one follows."""
    for parent in records.parents(connection, version.id):
        former = records.find(connection, parent)
        if former is not None and former.kind == "note":
            return former
    return None


def _contributors(connection: sqlite3.Connection, version: records.Mirrored) -> tuple[str, ...]:
    """Return whose suggestions this version and those before it took in."""
    seen, waiting, contributors = {version.id}, [version.id], dict[str, None]()
    while waiting and len(seen) < ANCESTORS:
        for parent in records.parents(connection, waiting.pop()):
            before = records.find(connection, parent)
            if before is None or parent in seen:
                continue
            seen.add(parent)
            if before.kind == "suggestion":
                contributors[before.author] = None
            else:
                waiting.append(parent)
    return tuple(contributors)


def _suggestion(connection: sqlite3.Connection, suggestion: records.Mirrored, taken: str) -> Suggestion:
    parents = records.parents(connection, suggestion.id)
    base = records.find(connection, parents[0]) if parents else None
    text, before = markdown.body_of(suggestion.body), markdown.body_of(base.body) if base is not None else ""
    return Suggestion(
        suggestion.id, suggestion.author, suggestion.written_ms, text, bool(taken), difference(before, text)
    )


def difference(before: str, after: str) -> tuple[str, ...]:
    """Return what changed, as lines of a unified diff without its head; () where a text is too long to compare here."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > DIFF_LINES:
        return ()
    lines = difflib.unified_diff(old, new, lineterm="", n=2)
    return tuple(line for line in lines if not line.startswith(("---", "+++")))[:400]
