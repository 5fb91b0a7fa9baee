"""The person's notes read by rule, in stages: what needs no vectors at once, what needs them as they come. Kept as the vault changes."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from weal_node.errors import OWN_FAULTS, NotFoundError
from weal_node.look import facts as taking
from weal_node.look import gathering, harvest, near, page
from weal_node.look.facts import Facts
from weal_node.look.gathering import Meanings, Structure
from weal_node.look.likes import Like
from weal_node.look.notes import DAY_MS, Finding, OwnNote
from weal_node.look.page import Page
from weal_node.look.wishes import Wish
from weal_node.rereading import gestures, meaning
from weal_node.rereading.gathered import file_ms, imported_ms, links_of, named_ms, own_note
from weal_node.store import imports
from weal_node.store.database import Database
from weal_node.store.look_gestures import Gesture
from weal_node.vault.folder import Vault
from weal_node.vault.links import Links
from weal_node.vault.versions import VaultNote, first_by_id
from weal_node.worker import TorchWorker

log = logging.getLogger(__name__)
CHUNK = 50  # notes read before others are let in
PATIENCE_S = 2.0  # how long a page waits for notes that are being read; then it shows what there is
EVERY_S = 5.0  # between two looks at whether the vault changed
MOST_HEADS = 5_000  # notes, the newest, that are compared by meaning; chosen: 10 MB of vectors
SHOWN_EVERY = 4  # batches of texts, after which what was found by meaning is found anew

Progress = Callable[[int, int], None]  # done, of all


def nothing(_done: int, _all: int) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True)
class Looked:
    """In your notes, now. read, total: notes.  understood, texts: what is compared by meaning, and how much of it is read.
    said: what the person said of lines, the newest first."""

    page: Page
    read: int
    total: int
    understood: int
    texts: int
    said: tuple[Gesture, ...]

    @property
    def whole(self) -> bool:
        """Whether everything has been read."""
        return self.read == self.total and self.understood == self.texts


class Rereading:
    """What is found in the notes of one vault. One a home; every method is for the event loop's thread."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        worker: TorchWorker,
        now_ms: Callable[[], int],
        progress: Progress = nothing,
    ) -> None:
        self._database, self._vault, self._worker, self._now_ms = database, vault, worker, now_ms
        self._progress = progress  # told how much is read by meaning
        self._facts: dict[str, Facts] = {}
        self._mark: tuple[object, ...] = ()
        self._total = 0
        self._reading: asyncio.Task[None] | None = None
        self._held: tuple[int, Structure] | None = None  # with how often facts had changed
        self._meant: tuple[int, int, Meanings] | None = None  # with that, and how many vectors there were
        self._changes = 0
        self._gave: tuple[int, tuple[Wish, ...], tuple[Like, ...]] | None = None  # to others, after so many changes
        self._vectors: meaning.Vectors = {}
        self._wanted: tuple[str, ...] = ()

    async def look(self, patience_s: float | None = PATIENCE_S) -> Looked:
        """Return the page as far as it is read. patience_s: how long to wait for notes that are being read, None for all."""
        reading = await self._read(patience_s)
        held, meant = await self._gathered()
        said = await gestures.every(self._database)
        now_ms = self._now_ms()
        whole = reading.done()
        shown = await asyncio.to_thread(page.compose, held, meant, gestures.heeded(said), now_ms, whole)
        understood = sum(text in self._vectors for text in self._wanted)
        total = len(self._facts) if whole else max(self._total, len(self._facts))
        return Looked(shown, len(self._facts), total, understood, len(self._wanted), said)

    async def _read(self, patience_s: float | None) -> asyncio.Task[None]:
        """Wait so long for all notes to be read, None to the end; return the reading, of which there is one, whoever asks for it."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self.read())
        done, _ = await asyncio.wait({self._reading}, timeout=patience_s)
        for task in done:
            task.result()
        return self._reading

    async def read(self) -> None:
        """Read every note that is new or changed, the newest first, a few at a time."""
        versions = await asyncio.to_thread(self._vault.versions)
        today = self._now_ms() // DAY_MS
        mark = (today, tuple((version.note.path, version.sha256) for version in versions))
        if mark == self._mark:
            return
        dates = await self._database.read(imports.dates)
        notes = await asyncio.to_thread(_newest_first, self._vault, first_by_id(versions).values(), dates)
        links = await asyncio.to_thread(links_of, notes)
        self._total = len(notes)
        same_day = bool(self._mark) and self._mark[0] == today
        former, fresh = self._facts if same_day else {}, dict[str, Facts]()
        for start in range(0, len(notes), CHUNK):
            some = notes[start : start + CHUNK]
            read = await asyncio.to_thread(_facts_of, self._vault, some, links, dates, former, self._now_ms())
            fresh |= {one.reading.note.path: one for one in read}
            if not self._mark:  # the first time: what is found so far is shown
                self._facts, self._changes = dict(fresh), self._changes + 1
            await asyncio.sleep(0)
        self._facts, self._mark, self._changes = fresh, mark, self._changes + 1

    async def understand(self, most: int | None = None) -> None:
        """Read by meaning what is not read yet: acts first, then the notes that changed last, then the others. most: texts at most."""
        held, _ = await self._gathered()
        heads = {near.head(one.reading.note): None for one in _to_compare(held)}
        wishes = await asyncio.to_thread(gathering.open_wishes, held.facts)
        acts = dict.fromkeys(wish.act for wish in wishes if wish.act)
        self._wanted = tuple({**acts, **heads})[:most]
        missing = [text for text in self._wanted if text not in self._vectors]
        self._vectors = {text: self._vectors[text] for text in self._wanted if text in self._vectors}
        self._vectors |= await meaning.known(self._database, missing)
        missing = [text for text in missing if text not in self._vectors]
        for start in range(0, len(missing), meaning.AT_ONCE):
            some = missing[start : start + meaning.AT_ONCE]
            made = await meaning.compute(self._database, self._worker, some)
            self._vectors |= made
            lost = set(some) - set(made)
            self._wanted = tuple(text for text in self._wanted if text not in lost)
            self._progress(min(len(missing), start + len(some)), len(missing))

    async def keep_up(self) -> None:
        """Read what changes, by rule and then by meaning, until cancelled."""
        seen: tuple[object, ...] = ()
        while True:
            mark = (self._vault.changes, self._now_ms() // DAY_MS)
            if mark != seen:
                before = self._changes
                await self.look(None)
                if self._changes != before or not seen:
                    await self.understand()
                seen = mark
            await asyncio.sleep(EVERY_S)

    async def say(self, line: str, gesture: str) -> Finding:
        """Keep what the person says of a line that is shown, by its key or the beginning of it; NotFoundError where none is."""
        held, meant = await self._gathered(fresh=True)
        named = await asyncio.to_thread(_named, held, meant, line, self._now_ms())
        if len({finding.key for finding in named}) != 1:
            raise NotFoundError("there is no such line in your notes any more", "Load the page In your notes again")
        await gestures.keep(self._database, named[0], gesture, self._now_ms())
        return named[0]

    async def acts(self) -> tuple[Wish, ...]:
        """Return own wishes cut to acts, each with where it stands, once all notes are read; none that the person has closed."""
        closed = gestures.heeded(await gestures.every(self._database)).closed
        return tuple(wish for wish in (await self._harvested())[0] if wish.key not in closed)

    async def likes(self) -> tuple[Like, ...]:
        """Return sentences that say what the person likes, to be confirmed, once all notes are read."""
        return (await self._harvested())[1]

    @property
    def is_read(self) -> bool:
        """Whether every note has been read by rule once: asking for acts waits for what changed since, and no more."""
        return bool(self._mark)

    async def _harvested(self) -> tuple[tuple[Wish, ...], tuple[Like, ...]]:
        """Return acts and likes of all notes: of some of them, what the others say would seem to be gone."""
        await self._read(None)
        if self._gave is None or self._gave[0] != self._changes:
            facts, changes = list(self._facts.values()), self._changes
            self._gave = (
                changes,
                await asyncio.to_thread(harvest.acts, facts),
                await asyncio.to_thread(harvest.likes, facts),
            )
        return self._gave[1], self._gave[2]

    async def _gathered(self, fresh: bool = False) -> tuple[Structure, Meanings]:
        """Return what is told of all notes together, made anew where notes or vectors are others. fresh: read first."""
        if fresh:
            await self.look()
        changes, count = self._changes, len(self._vectors)
        if self._held is None or self._held[0] != changes:
            self._held = (changes, await asyncio.to_thread(gathering.structure, list(self._facts.values())))
        _, held = self._held
        if self._meant is None or self._meant[0] != changes or abs(self._meant[1] - count) >= self._step(count):
            heads = {one.reading.note.path: near.head(one.reading.note) for one in held.facts}
            known = {path: self._vectors[head] for path, head in heads.items() if head in self._vectors}
            self._meant = (
                changes,
                count,
                await asyncio.to_thread(gathering.meanings, held, dict(self._vectors), known),
            )
        return held, self._meant[2]

    def _step(self, count: int) -> int:
        """Return how many vectors more are worth another look: any once all are there."""
        return 1 if count >= len(self._wanted) else SHOWN_EVERY * meaning.AT_ONCE


def _named(held: Structure, meant: Meanings, line: str, now_ms: int) -> list[Finding]:
    """Return the lines whose key begins so; none for nothing."""
    rules = (page.candidates(held, meant, rule, now_ms) for rule in page.RULES)
    return [finding for finding in chain.from_iterable(rules) if line and finding.key.startswith(line)]


def _newest_first(vault: Vault, versions: Iterable[VaultNote], dates: dict[tuple[str, str], int]) -> list[VaultNote]:
    def dated(version: VaultNote) -> int:
        return named_ms(version.note.path) or imported_ms(version, dates) or file_ms(vault.root, version.note)

    return sorted(versions, key=lambda version: (-dated(version), version.note.path))


def _facts_of(
    vault: Vault,
    versions: Sequence[VaultNote],
    links: Links,
    dates: dict[tuple[str, str], int],
    former: dict[str, Facts],
    now_ms: int,
) -> list[Facts]:
    """Return what some notes say. One that cannot be read so is left out: the others do not wait for it."""
    read: list[Facts] = []
    for version in versions:
        try:
            note: OwnNote = own_note(vault.root, version, links, dates)
            before = former.get(note.path)
            read.append(before if before is not None and before.reading.note == note else taking.of(note, now_ms))
        except OWN_FAULTS as fault:
            log.warning("a note cannot be read by rule: %s", type(fault).__name__)
    return read


def _to_compare(held: Structure) -> list[Facts]:
    """Return the notes that are compared by meaning, those first that something is looked for."""
    able = [one for one in held.facts if near.usable(one.reading)]
    newest = {reading.note.path for reading in near.newest([one.reading for one in able], held.dates_known)}
    return sorted(able, key=lambda one: (one.reading.note.path not in newest, -one.reading.note.dated_ms))[:MOST_HEADS]
