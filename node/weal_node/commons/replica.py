"""Copies of what others share: kept, put on the shelf by topic, and read by the agent.

Three steps, each with its own place in the records, so that none is lost by a crash and a slow one keeps no other waiting.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from weal_node.commons.reconcile import Puller
from weal_node.errors import OWN_FAULTS, UnreachableError, VaultError
from weal_node.keys import Keys
from weal_node.mind.mind import Mind
from weal_node.outbound.community import Community
from weal_node.outbound.peer import Peer
from weal_node.outbound.source import RecordFeed, RecordSource
from weal_node.records import Item
from weal_node.store import aside as kept_aside
from weal_node.store import drawn, expulsions, follows, reading_places, record_counts, records, topic_index
from weal_node.store.database import Database
from weal_node.store.isolation import apart, each, reason
from weal_node.vault import comments, markdown, topics
from weal_node.vault.folder import Vault
from weal_protocol import record as wire
from weal_protocol.cards import Member
from weal_protocol.errors import MalformedError, PeerError, WealError
from weal_protocol.items import item_id

NOTE_CHARACTERS = 400  # of another's note, as a state to judge
BATCH = 256
PEERS = 3  # members' nodes asked each time the coordinator does not answer
SHELF, AGENT = "reader/shelf", "reader/agent"


@dataclass(frozen=True, slots=True)
class Mirror:
    """One node's copies."""

    database: Database
    keys: Keys
    community: Community
    puller: Puller
    clock: Callable[[], int]

    async def pull(self) -> int:
        """Fetch what is new: from the coordinator, or, while it does not answer, from members whose cards have an address.

        Return how many records came. UnreachableError where nobody answers.
        """
        try:
            return await self.pull_from(RecordSource.of_community(self.community))
        except UnreachableError:
            came, answered = 0, False
            for member in await self._reachable():
                try:
                    came += await self.pull_from_peer(member)
                    answered = True
                except WealError:  # whatever this one answers: the others are asked all the same
                    continue
            if not answered:
                raise
            return came

    async def pull_from(self, source: RecordFeed) -> int:
        """Fetch what is followed from one source; one's own and what was suggested to it always is."""
        everyone, people = await self.database.read(lambda c: (follows.everyone(c), follows.people(c)))
        scopes = [""] if everyone else [self.keys.agent_public.hex(), *people]
        came, aside = 0, dict[str, str]()
        for scope in scopes:
            try:
                came += (await self.puller.pull(source, self.clock(), scope)).came
            except PeerError as fault:  # what one person is said to have written keeps nobody else's away
                aside[scope or source.key] = fault.what
        await self.database.write(partial(kept_aside.only, kind="pull", aside=aside, now_ms=self.clock()))
        if len(aside) == len(scopes):
            raise MalformedError(next(iter(aside.values())), "It is tried again by itself")
        return came

    async def _reachable(self) -> list[Member]:
        """Return members with an address, those who are followed first; a few each time, others the next time."""
        followed = set(await self.database.read(follows.people))
        own = self.keys.agent_public
        members = [member for member in self.community.members() if member.address and member.agent_key != own]
        turn = self.clock() // 1_000 % len(members) if members else 0
        members = [*members[turn:], *members[:turn]]
        return sorted(members, key=lambda member: member.agent_key.hex() not in followed)[:PEERS]

    async def pull_from_peer(self, member: Member) -> int:
        """Take in what one member's node has; return how many records came."""
        peer = await Peer.reach(member, self.keys)
        try:
            return await self.pull_from(RecordSource.of_peer(peer))
        finally:
            await peer.close()


async def shelve(database: Database) -> int:
    """Put what came on the shelf by topic; return how many records were looked at."""
    return await _read_on(database, SHELF, partial(_shelve, database))


async def _shelve(database: Database, batch: tuple[records.Mirrored, ...]) -> None:
    # A stranger's front matter may take its parser a second: never on the event loop.
    read, bad = await asyncio.to_thread(each, batch, _described)
    descriptions = {version.id: described for version, described in read}
    await database.write(partial(_stand, batch=batch, read=descriptions, bad=bad))


def _described(version: records.Mirrored) -> "Described":
    """Return title, topics and links of a note; what cannot be read is found by its path alone."""
    if version.kind != "note":
        return "", {}, ()
    try:
        note = markdown.read(version.body.encode(), version.path or "note.md")
    except VaultError:
        name = topics.key(version.path)
        return topics.plain(version.path), {name: 0} if name else {}, ()
    return topics.plain(note.title), topics.ranked(note), topics.links(note)


Described = tuple[str, dict[str, int], tuple[str, ...]]  # title, topics, links


def _stand(
    connection: sqlite3.Connection,
    batch: tuple[records.Mirrored, ...],
    read: Mapping[str, Described],
    bad: list[tuple[records.Mirrored, str]],
) -> None:
    hidden = expulsions.keys(connection)
    for version, why in bad:
        kept_aside.add(connection, "topics", version.id, why)
    for version in batch:
        refuse = partial(kept_aside.add, connection, "topics", version.id)
        with apart(connection, refuse):
            _place(connection, version, read.get(version.id) if version.author not in hidden else None)
    reading_places.advance(connection, SHELF, batch[-1].position)


def _place(connection: sqlite3.Connection, version: records.Mirrored, described: Described | None) -> None:
    """Put one record where it belongs; it costs as many steps as it names others, whatever else there is of its note."""
    named = wire.parents_of(version.raw)
    records.link(connection, version.id, named)  # those that came before this was kept
    if version.kind in wire.TAKERS:
        taken_back = records.find(connection, named[0])
        if taken_back is not None:
            topic_index.clear(connection, taken_back.author, taken_back.note, taken_back.id)
            kept_aside.done_with(connection, taken_back.id)
    if version.kind != "note":
        return
    for before in named:
        topic_index.clear(connection, version.author, version.note, before)  # it is followed now
        kept_aside.done_with(connection, before)
    current = records.find(connection, version.id)  # it may have been taken back since the batch was read
    if described is None or current is None or current.redacted_by or record_counts.followed(connection, version.id):
        return
    title, names, links = described
    topic_index.clear(connection, version.author, version.note, version.id)
    row = topic_index.TopicEntry(
        version.author, version.note, version.id, title, topics.plain(version.path), version.written_ms
    )
    topic_index.put(connection, row, names, links)


async def shelve_own(database: Database, vault: Vault) -> int:
    """Put the person's own notes on the shelf as the vault has them now; return how many changed."""
    versions = {version.note.id: version for version in await asyncio.to_thread(vault.versions)}
    shelved = await database.read(partial(topic_index.of, author=""))
    changed = [version for version in versions.values() if shelved.get(version.note.id) != version.sha256]
    gone = [(note, head) for note, head in shelved.items() if note not in versions or versions[note].sha256 != head]

    def act(connection: sqlite3.Connection) -> None:
        for note, head in gone:
            topic_index.clear(connection, "", note, head)
        for version in changed:
            mine = version.note  # its former version was cleared above
            row = topic_index.TopicEntry("", mine.id, version.sha256, mine.title, mine.path, 0)
            topic_index.put(connection, row, topics.ranked(mine), topics.links(mine), topics.targets(mine))

    if gone or changed:
        await database.write(act)
    return len(changed) + len(gone)


async def read(database: Database, keys: Keys, mind: Mind) -> int:
    """Let the agent read what came, and let go of what was taken back; return how many records were looked at."""
    if hidden := await database.read(drawn.of_expelled):
        if gone := await database.read(partial(drawn.only, taken_back=hidden)):
            await mind.let_go(gone)
        await database.write(partial(drawn.forget, taken_back=hidden))
    return await _read_on(database, AGENT, partial(_read, database, keys.agent_public.hex(), mind))


async def _read(database: Database, own_key: str, mind: Mind, batch: tuple[records.Mirrored, ...]) -> None:
    hidden = await database.read(expulsions.keys)
    readable = [version for version in batch if version.author not in hidden]
    judged, bad = await asyncio.to_thread(each, readable, partial(_state, own_key=own_key))
    fresh = {version.id: item for version, item in judged if item is not None}
    items, refused = await _taught(mind, fresh)
    refused += [(version.id, why) for version, why in bad]

    def draw(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
        for name, why in refused:
            kept_aside.add(connection, "reading", name, why)
        for record, item in items.items():
            drawn.add(connection, record, item.id)
        # What was taken back while it was read above is met again: its tombstone came later.
        back: list[str] = []
        for version in batch:
            if version.kind in wire.TAKERS:
                back += records.parents(connection, version.id)
        return back, drawn.only(connection, back)

    def advance(connection: sqlite3.Connection) -> None:
        drawn.forget(connection, back)
        reading_places.advance(connection, AGENT, batch[-1].position)

    back, gone = await database.write(draw)
    if gone:
        await mind.let_go(gone)
    await database.write(advance)


async def _taught(mind: Mind, states: dict[str, Item]) -> tuple[dict[str, Item], list[tuple[str, str]]]:
    """Give the agent these states; return those it took, and (record, why) of those it could not: found one by one where all at once fail."""
    try:
        await mind.add_items(list(states.values()))
    except OWN_FAULTS:
        accepted, bad = dict[str, Item](), list[tuple[str, str]]()
        for name, item in states.items():
            try:
                await mind.add_items([item])
                accepted[name] = item
            except OWN_FAULTS as fault:
                bad.append((name, reason(fault)))
        return accepted, bad
    return states, []


async def _read_on(
    database: Database, reader: str, act: Callable[[tuple[records.Mirrored, ...]], Awaitable[None]]
) -> int:
    """Hand a reader everything after its place, in batches; `act` moves the place in its own transaction."""
    looked = 0
    while True:
        place = await database.read(partial(reading_places.position, reader=reader))
        batch = await database.read(partial(records.after, position=place, limit=BATCH))
        if not batch:
            return looked
        await act(batch)
        looked += len(batch)


def _state(row: records.Mirrored, own_key: str) -> Item | None:
    """Return what can be judged in a record: an item's text, or another's note in short."""
    if row.redacted_by or row.kind not in ("item", "note"):
        return None
    if row.kind == "item":
        return Item(item_id(row.body), row.body)
    if row.author == own_key:
        return None
    try:
        note = markdown.read(row.body.encode(), row.path or "note.md")
    except WealError:
        return None
    if note.broken:  # front matter of another that cannot be used: kept, not judged
        return None
    text = f"{note.title}: {' '.join(comments.without(note.body).split())}"[:NOTE_CHARACTERS]
    return Item(item_id(text), text, "note")
