"""The rows about a note go, and its words in rows that stay; as `store/words.py` says of each column."""

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from weal_node.commons import disclosed_records
from weal_node.errors import VaultError
from weal_node.features.layout import NAMES
from weal_node.mind.text_vectors import digest
from weal_node.records import Disclosure
from weal_node.store import (
    announcements,
    answered,
    consents,
    disclosures,
    drafts,
    embeddings,
    holds,
    imports,
    look_gestures,
    notes,
    own_statements,
    passages,
    pasts,
    proposals,
    records,
    topic_index,
)
from weal_node.upkeep.remains import Sought
from weal_node.vault import markdown

DIGEST = 32  # bytes: what stays of a payload


@dataclass(frozen=True, slots=True)
class Erased:
    """A note that is forgotten. embedded: digests of its passages, of every version."""

    note: str
    paths: tuple[str, ...]
    own_key: str
    sought: Sought
    embedded: frozenset[str]


def rows(connection: sqlite3.Connection, about: Erased) -> tuple[int, tuple[str, ...]]:
    """Drop all rows about a note; of the ledger's entries keep that it left, not what. Return how often it had left, and which states
    are no more."""
    left = published(connection, about.note, about.paths)
    for entry in left:
        _forget_payload(connection, entry)
    for entry in disclosures.all_of(connection):  # prompts to models, whole: what else they quote goes with them
        if len(entry.payload) > DIGEST and _quotes(entry.payload, about):
            _forget_payload(connection, entry)
    for author in ("", about.own_key):
        passages.forget(connection, author, about.note)
        answered.forget(connection, author, about.note)
        for head in topic_index.heads(connection, author, about.note):
            topic_index.clear(connection, author, about.note, head)
    notes.forget(connection, about.note)
    pasts.forget(connection)  # the history was written anew
    holds.forget(connection, about.note)
    consents.forget(connection, about.note, about.paths)
    imports.forget(connection, list(about.paths))
    imports.unsuggest(connection, [line.decode(errors="replace") for line in about.sought.lines])
    records.forget(connection, about.own_key, about.note)
    drafts.forget(connection, about.note)
    look_gestures.forget(connection, about.note)
    resting = _proposals(connection, about.note)
    own = own_statements.forget(connection, about.note)
    embeddings.remove(connection, list(map(digest, own.values())))
    gone = (*resting, *own)
    _embeddings(connection, about.embedded)
    announcements.unname(connection, NAMES)
    return len(left), gone


def _quotes(payload: bytes, about: Erased) -> bool:
    """Whether words that are surely of the note stand there."""
    return any(needle.sure and needle.within(payload) for needle in about.sought.needles)


def published(connection: sqlite3.Connection, note: str, paths: Sequence[str]) -> list[Disclosure]:
    """Return the ledger's entries of versions of this note that left, but for those of which it has forgotten the words."""
    return [entry for entry in disclosures.all_of(connection) if entry.what == "note" and _is_of(entry, note, paths)]


def _is_of(entry: Disclosure, note: str, paths: Sequence[str]) -> bool:
    whole = disclosed_records.record_in(entry)
    if whole is not None:
        return whole.note.hex() == note
    for path in paths:  # of before whole records were entered
        try:
            note_then = markdown.read(entry.payload, path)
        except VaultError:
            return False
        note_id = note_then.id or hashlib.sha256(b"weal/note/" + path.encode()).hexdigest()[:32]
        if note_id == note:
            return True
    return False


def _forget_payload(connection: sqlite3.Connection, entry: Disclosure) -> None:
    disclosures.forget_payload(connection, entry.id, hashlib.sha256(entry.payload).digest())


def _proposals(connection: sqlite3.Connection, note: str) -> tuple[str, ...]:
    """Drop proposals that rest on this note; those that were answered stay as what was judged."""
    resting = [state for state, proposal in proposals.every(connection).items() if _rests_on(proposal, note)]
    proposals.drop(connection, resting)
    return tuple(resting)


def _rests_on(proposal: proposals.Made, note: str) -> bool:
    return any(not citation.author and citation.note == note for citation in proposal.citations)


def _embeddings(connection: sqlite3.Connection, digests: frozenset[str]) -> None:
    used = {digest for digest in digests if passages.uses(connection, digest)}
    embeddings.remove(connection, digests - used)
