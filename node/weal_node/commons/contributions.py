"""Build on a note: suggest a change to another's, accept one, fork a note, join versions written apart, take one's own back.

Each is a signed record that names what it follows, so who wrote what stays known. Nothing is merged by itself.
"""

import asyncio
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from weal_node.commons import publishing
from weal_node.commons.admission import Quota, admit
from weal_node.config import Settings
from weal_node.errors import HeldError, NotFoundError, RefusedError
from weal_node.keys import Keys
from weal_node.outbound.community import Community
from weal_node.records import Note, Visibility
from weal_node.store import disclosures, notes, records
from weal_node.store.database import Database
from weal_node.vault import comments, markdown, prose, sensitive
from weal_node.vault.folder import Vault
from weal_protocol import licences
from weal_protocol import record as wire
from weal_protocol.jury import NONE, Jury
from weal_protocol.record import Record


@dataclass(frozen=True, slots=True)
class BuildOn:
    """What a person does with notes of the commons. clock: Unix time in milliseconds."""

    database: Database
    vault: Vault
    settings: Settings
    keys: Keys
    community: Community
    clock: Callable[[], int]
    jury: Callable[[], Jury] = lambda: NONE

    async def suggest(self, record: str, text: str, allowed: frozenset[str] = frozenset()) -> Record:
        """Suggest this text, without front matter, as the body of another's note; it leaves at once.

        HeldError where it seems to give something away that the note did not already say, and whose digest the person has not
        `allowed`: nothing has left then."""
        target = await self.found(record)
        if target.kind != "note" or target.author == self.keys.agent_public.hex():
            raise RefusedError("only another's note can be given a suggestion", "Your own you can change")
        whole = markdown.apart(target.body, target.path).document
        text = comments.without(prose.ended(text, whole.body))
        if whole.body.strip() == text.strip():
            raise RefusedError("this suggestion changes nothing", "Change the text first")
        before = await asyncio.to_thread(sensitive.found, whole.body)
        known = allowed | sensitive.digests(before)
        after = await asyncio.to_thread(sensitive.found, text)
        fresh = tuple(finding for finding in after if finding.digest not in known)
        if fresh:
            raise HeldError(
                f"it seems to hold {sensitive.said(fresh)}, and would leave at once", "Look at it again", fresh
            )
        made = wire.make(
            "suggestion",
            replace(whole, body=text).text.encode(),
            author=self.keys.agent,
            salt=secrets.token_bytes(16),
            written_ms=self.clock(),
            note=bytes.fromhex(target.note),
            visibility=target.visibility,
            licence=target.licence,
            parents=(target.id,),
        )
        await self.send([made])
        return made

    async def accept(self, suggestion: str, text: str) -> Note:
        """Make this text the own note's next version, which names the suggestion as a parent beside the last one."""
        suggested = await self.found(suggestion)
        parents = await self.database.read(partial(records.parents, record=suggestion))
        about = (await self.found(parents[0])).author if parents else ""  # a note's first version follows nothing
        if suggested.kind != "suggestion" or about != self.keys.agent_public.hex():
            raise RefusedError("only a suggestion to your own note can be accepted", "Fork the note instead")
        note = await self.own_note(suggested.note)
        if note.visibility == Visibility.PRIVATE:
            raise RefusedError("this note is private now", "Share it again first")
        await self.database.write(partial(notes.follow, note=note.id, record=suggestion))
        body = comments.kept(prose.ended(text, note.body), note.body)  # whoever suggested it never saw the remarks
        return await publishing.save(self.database, self.vault, self.settings, self.clock(), replace(note, body=body))

    async def join(self, note: str) -> None:
        """Let the own note's next version follow all versions that stand side by side."""
        own = self.keys.agent_public.hex()
        for head in await self.database.read(partial(records.heads, author=own, note=note)):
            await self.database.write(partial(notes.follow, note=note, record=head))

    async def fork(self, record: str, note_id: str = "") -> Note:
        """Copy another's note, its licence with it, into the vault under this or a new id, private at first; what it leaves as will name where it came from."""
        target = await self.found(record)
        if target.kind != "note":
            raise RefusedError("only a note can be forked", "Open the note it is about")
        copied = markdown.read(target.body.encode(), target.path or "note.md")
        note = Note(
            note_id or secrets.token_hex(16),
            "",
            copied.title,
            copied.body,
            Visibility.PRIVATE,
            needs=copied.needs,
            offers=copied.offers,
            tags=copied.tags,
            # What was signed counts; where that says nothing, the author's own words for it do.
            licence=copied.licence if target.licence == licences.UNKNOWN else target.licence,
        )
        await self.database.write(partial(notes.begin, note=note.id, record=record))
        return await publishing.save(self.database, self.vault, self.settings, self.clock(), note)

    async def take_back(self, note: str) -> int:
        """Ask everyone to drop every version of the own note, or the own suggestion of this record id; return how many.

        The note becomes private here. Headers stay, and copies outside of Weal cannot be called back.
        """
        own = self.keys.agent_public.hex()
        await self.database.write(partial(notes.withdraw, note=note))
        vault_notes, _ = await publishing.written(self.database, self.vault)
        for note_there in vault_notes:
            if note_there.id == note and note_there.visibility != Visibility.PRIVATE:
                await asyncio.to_thread(self.vault.save, replace(note_there, visibility=Visibility.PRIVATE))
        versions = await self.database.read(partial(records.versions, author=own, note=note))
        return await self._take_back([version for version in versions if not version.redacted_by])

    async def take_back_one(self, record: str) -> int:
        """The same for one record of one's own, such as a suggestion."""
        version = await self.found(record)
        if version.author != self.keys.agent_public.hex():
            raise RefusedError("only its author can take a record back")
        return await self._take_back([version])

    async def found(self, record: str) -> records.Mirrored:
        """Return a record that is there and was not taken back; NotFoundError else."""
        version = await self.database.read(partial(records.find, record=record))
        if version is None or version.redacted_by:
            raise NotFoundError("there is no such version", "Its author may have taken it back")
        return version

    async def own_note(self, note: str) -> Note:
        """Return the own note of this id as the vault has it; NotFoundError where it has none."""
        own = await publishing.own_note(self.database, self.vault, note)
        if own is None:
            raise NotFoundError("this note is not in your vault", "Restore it from its history first")
        return own

    async def _take_back(self, versions: Sequence[records.Mirrored]) -> int:
        now = self.clock()
        await self.send([self.taking(version, "tombstone", b"", now) for version in versions])
        return len(versions)

    def taking(self, version: records.Mirrored, kind: str, body: bytes, now_ms: int) -> Record:
        """Return a record of one's own that takes this one back: a tombstone, or a verdict with its body."""
        return wire.make(
            kind,
            body,
            author=self.keys.agent,
            salt=secrets.token_bytes(16),
            written_ms=now_ms,
            note=bytes.fromhex(version.note),
            visibility=version.visibility,
            parents=(version.id,),
        )

    async def send(self, made: list[Record]) -> None:
        """Write down what leaves, let it leave, and keep it as everyone does."""
        if not made:
            return
        now, own = self.clock(), self.keys.agent_public

        def enter(connection: sqlite3.Connection) -> None:
            for record in made:
                disclosures.write(
                    connection, now, "commons", record.kind, record.raw, disclosures.Amount(len(record.raw))
                )

        def keep(connection: sqlite3.Connection) -> None:
            admit(connection, made, is_author=lambda _: True, own=own, limits=Quota(), jury=self.jury())

        await self.database.write(enter)
        await self.community.publish(made)
        await self.database.write(keep)
