"""Mirror: keep copies of what others share, put them on the shelf by topic, and let the agent read them.

Three steps, each with its own place in the records, so that none is lost by a crash and a slow one keeps no other waiting.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from weal_node.errors import UnreachableError, VaultError
from weal_node.keys import Keys
from weal_node.loop.judge import Mind
from weal_node.loop.pull import Puller
from weal_node.outbound.community import Community
from weal_node.outbound.peer import Peer
from weal_node.outbound.source import RecordSource, Source
from weal_node.records import State
from weal_node.store import drawn, follows, records, shelf
from weal_node.store.database import Database
from weal_node.vault import markdown, prose, topics
from weal_node.vault.folder import Vault
from weal_protocol import record as wire
from weal_protocol.cards import Member
from weal_protocol.errors import PeerError, WealError
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
                    came += await self._pull_from_peer(member)
                    answered = True
                except (UnreachableError, PeerError):
                    continue
            if not answered:
                raise
            return came

    async def pull_from(self, source: Source) -> int:
        """Fetch what is followed from one source; one's own and what was suggested to it always is."""
        everyone, people = await self.database.read(lambda c: (follows.everyone(c), follows.people(c)))
        scopes = [""] if everyone else [self.keys.agent_public.hex(), *people]
        return sum([(await self.puller.pull(source, self.clock(), scope)).came for scope in scopes])

    async def _reachable(self) -> list[Member]:
        """Return members with an address, those who are followed first; a few each time, others the next time."""
        followed = set(await self.database.read(follows.people))
        own = self.keys.agent_public
        found = [one for one in self.community.members() if one.address and one.agent_key != own]
        turn = self.clock() // 1_000 % len(found) if found else 0
        found = [*found[turn:], *found[:turn]]
        return sorted(found, key=lambda one: one.agent_key.hex() not in followed)[:PEERS]

    async def _pull_from_peer(self, member: Member) -> int:
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
    read = await asyncio.to_thread(lambda: [(one, *_described(one)) for one in batch])
    await database.write(partial(_stand, read=read))


def _described(one: records.Mirrored) -> tuple[str, dict[str, int], tuple[str, ...]]:
    """Return title, topics and links of a note; what cannot be read is found by its path alone."""
    if one.kind != "note":
        return "", {}, ()
    try:
        note = markdown.read(one.body.encode(), one.path or "note.md")
    except VaultError:
        name = topics.key(one.path)
        return topics.plain(one.path), {name: 0} if name else {}, ()
    return topics.plain(note.title), topics.ranked(note), topics.links(note)


def _stand(
    connection: sqlite3.Connection, read: list[tuple[records.Mirrored, str, dict[str, int], tuple[str, ...]]]
) -> None:
    last = 0
    for one, title, names, links in read:
        last = one.position
        records.link(connection, one.id, wire.parents_of(one.raw))  # those that came before this was kept
        if one.kind in wire.TAKERS:
            gone = records.find(connection, records.parents(connection, one.id)[0])
            if gone is not None:
                shelf.clear(connection, gone.author, gone.note, gone.id)
        if one.kind != "note":
            continue
        standing, shelved = (
            records.heads(connection, one.author, one.note),
            shelf.heads(connection, one.author, one.note),
        )
        for head in shelved:
            if head not in standing:
                shelf.clear(connection, one.author, one.note, head)
        now = records.find(connection, one.id)  # it may have been taken back since the batch was read
        if one.id in standing and one.id not in shelved and now is not None and not now.redacted_by:
            row = shelf.Standing(one.author, one.note, one.id, title, topics.plain(one.path), one.written_ms)
            shelf.put(connection, row, names, links)
    records.advance(connection, SHELF, last)


async def shelve_own(database: Database, vault: Vault) -> int:
    """Put the person's own notes on the shelf as the vault has them now; return how many changed."""
    found = {version.note.id: version for version in await asyncio.to_thread(vault.versions)}
    before = await database.read(partial(shelf.of, author=""))
    changed = [one for one in found.values() if before.get(one.note.id) != one.sha256]
    gone = [(note, head) for note, head in before.items() if note not in found or found[note].sha256 != head]

    def act(connection: sqlite3.Connection) -> None:
        for note, head in gone:
            shelf.clear(connection, "", note, head)
        for one in changed:
            mine = one.note  # its former version was cleared above
            row = shelf.Standing("", mine.id, one.sha256, mine.title, mine.path, 0)
            shelf.put(connection, row, topics.ranked(mine), topics.links(mine), prose.links(mine.body))

    if gone or changed:
        await database.write(act)
    return len(changed) + len(gone)


async def read(database: Database, keys: Keys, mind: Mind) -> int:
    """Let the agent read what came, and let go of what was taken back; return how many records were looked at."""
    return await _read_on(database, AGENT, partial(_read, database, keys.agent_public.hex(), mind))


async def _read(database: Database, own_key: str, mind: Mind, batch: tuple[records.Mirrored, ...]) -> None:
    states = await asyncio.to_thread(
        lambda: {one.id: found for one in batch if (found := _state(one, own_key)) is not None}
    )
    await mind.add_states(list(states.values()))

    def draw(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
        for record, state in states.items():
            drawn.add(connection, record, state.id)
        # What was taken back while it was read above is met again: its tombstone came later.
        back = [parent for one in batch if one.kind in wire.TAKERS for parent in records.parents(connection, one.id)]
        return back, drawn.only(connection, back)

    def done(connection: sqlite3.Connection) -> None:
        drawn.forget(connection, back)
        records.advance(connection, AGENT, batch[-1].position)

    back, gone = await database.write(draw)
    if gone:
        await mind.let_go(gone)
    await database.write(done)


async def _read_on(
    database: Database, reader: str, act: Callable[[tuple[records.Mirrored, ...]], Awaitable[None]]
) -> int:
    """Hand a reader everything after its place, in batches; `act` moves the place in its own transaction."""
    looked = 0
    while True:
        place = await database.read(partial(records.position, reader=reader))
        batch = await database.read(partial(records.after, position=place, limit=BATCH))
        if not batch:
            return looked
        await act(batch)
        looked += len(batch)


def _state(row: records.Mirrored, own_key: str) -> State | None:
    """Return what can be judged in a record: an item's text, or another's note in short."""
    if row.redacted_by or row.kind not in ("item", "note"):
        return None
    if row.kind == "item":
        return State(item_id(row.body), row.body)
    if row.author == own_key:
        return None
    try:
        note = markdown.read(row.body.encode(), row.path or "note.md")
    except WealError:
        return None
    if note.broken:  # front matter of another that cannot be used: kept, not judged
        return None
    text = f"{note.title}: {' '.join(note.body.split())}"[:NOTE_CHARACTERS]
    return State(item_id(text), text, "note")
