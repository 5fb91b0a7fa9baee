"""One question to everything this node knows, answered by words (BM25) and by meaning (embeddings), fused."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from weal_node.features.projection import relative
from weal_node.features.weights import ENCODER_SHA256, WIDTH
from weal_node.search.frequencies import Frequencies
from weal_node.search.fuse import fused
from weal_node.search.roster import Roster
from weal_node.search.vectors import Vectors
from weal_node.store import lexicon, passages
from weal_node.store.database import Database
from weal_node.store.lexicon import Mask
from weal_node.store.passages import Filter, Passage
from weal_node.text.query import Query, expression
from weal_node.text.snippet import Snippet, snippet
from weal_node.text.snippet import place as near
from weal_node.worker import TorchWorker

DEPTH = 200  # passages of each ranking that are fused (simulations/LOG.md, 2026-11-25, "Search over 50,000 notes")
FEW = 20  # passages that hold all words, from which on none is looked for that holds only some; as many as are shown
LEAST_COSINE = 0.18  # relative to public text; where most is right and most answers in other words are found (simulations/LOG.md, 2026-11-30, "Proposals under another encoder")
HITS = 20
WAYS = ("both", "words", "meaning")

Names = Callable[[], dict[str, str]]  # hex agent key to name, of everyone known


@dataclass(frozen=True, slots=True)
class Hit:
    """A note that was found, by its best passage. author: hex key, "" for this person.  by: "words", "meaning" or "both".
    near: words of the passage by which its page finds the place, or ""."""

    note: str
    version: str
    author: str
    name: str
    kind: str
    title: str
    path: str
    tags: tuple[str, ...]
    visibility: str
    written_ms: int
    snippet: Snippet
    by: str
    score: float
    near: str = ""


class Search:
    """Everything that can be found on a node."""

    def __init__(self, database: Database, worker: TorchWorker, names: Names) -> None:
        self.database = database
        self._worker = worker
        self.names = names
        self.vectors = Vectors(ENCODER_SHA256, WIDTH, relative)
        self.roster = Roster()
        self.frequencies = Frequencies()

    async def find(self, query: Query, limit: int = HITS, way: str = "both") -> tuple[Hit, ...]:
        """Return notes, best first: those whose title holds all words, then what words and meaning find. Meaning counts by the share
        of all passages that it has read. A #tag means the notes that have it, then those that have it as a word. Without a text it lists what the filters let through, the latest first; of a text
        without a word there is nothing."""
        if query.wordless:
            return ()
        if query.loose:
            tagged = await self.find(replace(query, loose=()), limit, way)
            worded = replace(query, tag="", terms=query.loose, loose=(), text=f"{query.text} {query.tag}".strip())
            by_note = {(hit.author, hit.note): hit for hit in tagged}
            for hit in await self.find(worded, limit, way) if len(tagged) < limit else ():
                by_note.setdefault((hit.author, hit.note), hit)
            return tuple(by_note.values())[:limit]
        wanted = self.filter(query)
        if not query.terms:
            listed = await self.database.read(partial(passages.allowed, wanted=wanted, limit=DEPTH))
            return await self._hits(query, [(passage, 0.0) for passage in listed], {}, limit)
        looks: dict[str, Awaitable[list[int]]] = {}
        titled, share = list[int](), 1.0
        if way != "meaning":
            looks["words"] = self.database.read(partial(self._by_words, terms=query.terms, wanted=wanted))
        if way != "words":
            looks["meaning"] = self._by_meaning(query.text, wanted)
            total, waiting = await self.database.read(passages.counts)
            share = (total - waiting) / total if total else 1.0
        rankings = dict(
            zip(looks, await asyncio.gather(*looks.values()), strict=True)
        )  # the store looks while the encoder reads
        if way != "meaning":
            titled = await self.database.read(partial(self._titled, terms=query.terms, wanted=wanted))
        weights = [share if name == "meaning" else 1.0 for name in rankings]
        ranked = first(titled, fused(list(rankings.values()), weights))
        return await self._hits(query, ranked, rankings, limit)

    def _titled(self, connection: sqlite3.Connection, terms: tuple[str, ...], wanted: Filter) -> list[int]:
        through = None if wanted == Filter() else self.roster.through(connection, wanted)
        return lexicon.titled(connection, terms, through, DEPTH)

    def _by_words(self, connection: sqlite3.Connection, terms: tuple[str, ...], wanted: Filter) -> list[int]:
        through = None if wanted == Filter() else self.roster.through(connection, wanted)
        return by_words(connection, self.frequencies, terms, through)

    async def _by_meaning(self, text: str, wanted: Filter) -> list[int]:
        return list(map(itemgetter(0), await self.near(text, wanted)))

    async def near(self, text: str, wanted: Filter = Filter(), limit: int = DEPTH) -> list[tuple[int, float]]:
        """Return the passages (id, cosine) that mean what a text does, best first."""
        vectors = await self.meaning([text])
        return await self.database.read(lambda connection: self.nearest(connection, vectors, wanted, limit)[0])

    async def meaning(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return what texts mean as vectors (n, WIDTH), relative to public text, as passages' are held."""
        return relative(np.asarray(await self._worker.embed(texts), np.float32))

    def nearest(
        self, connection: sqlite3.Connection, vectors: npt.NDArray[np.float32], wanted: Filter, limit: int
    ) -> list[list[tuple[int, float]]]:
        """Return for each of these vectors (m, WIDTH), relative to public text, the passages (id, cosine) nearest to it, best first."""
        self.vectors.follow(connection)
        rows = self.vectors.nearest(vectors, limit, self.roster.through(connection, wanted))
        return [[pair for pair in row if pair[1] >= LEAST_COSINE] for row in rows]

    async def _hits(
        self,
        query: Query,
        ranked: Sequence[tuple[int, float]],
        rankings: dict[str, list[int]],
        limit: int,
    ) -> tuple[Hit, ...]:
        best = await self.database.read(partial(_best, ids=list(map(itemgetter(0), ranked)), limit=limit))
        fetched = await self.database.read(partial(passages.fetch, ids=best))
        names = self.names()
        hits: dict[tuple[str, str], Hit] = {}
        for number, score in ranked:
            passage = fetched.get(number)
            if passage is None or (passage.of.author, passage.of.note) in hits:
                continue
            ways = [way for way, ranking in rankings.items() if number in ranking]
            way = "both" if len(ways) > 1 else "".join(ways)
            hits[passage.of.author, passage.of.note] = _hit(passage, query.terms, way, names, score)
        return tuple(hits.values())

    def filter(self, query: Query) -> Filter:
        """Return which passages a question is about."""
        authors: tuple[str, ...] | None = None
        if query.scope == "mine" or query.author.casefold() == "me":
            authors = ("",)
        elif query.author:
            name_or_key = query.author.casefold()
            keys = [key for key, name in self.names().items() if name.casefold().startswith(name_or_key)]
            authors = (*keys, name_or_key)  # a key may be given as it is
        others = query.scope == "others"
        return Filter(authors, query.tag, query.visibility, others, since_ms=query.since_ms, until_ms=query.until_ms)


def _best(connection: sqlite3.Connection, ids: Sequence[int], limit: int) -> list[int]:
    """Return the first passage of each note, in order, of at most so many notes."""
    notes = passages.notes_of(connection, ids)
    firsts: dict[tuple[str, str], int] = {}
    for passage in ids:
        if len(firsts) == limit:
            break
        if passage in notes:
            firsts.setdefault(notes[passage], passage)
    return list(firsts.values())


def first(chosen: Sequence[int], ranked: Sequence[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Return the ranking with the chosen ones before all others, each part in its order; no score is lower than one after it."""
    score, ahead = dict(ranked), set(chosen)
    most = max(score.values(), default=0.0)
    ahead_rows = sorted(
        ((passage, most + score.get(passage, 0.0)) for passage in dict.fromkeys(chosen)), key=lambda pair: -pair[1]
    )
    return (*ahead_rows, *(pair for pair in ranked if pair[0] not in ahead))


def by_words(
    connection: sqlite3.Connection,
    frequencies: Frequencies,
    terms: tuple[str, ...],
    through: Mask | None,
    limit: int = DEPTH,
) -> list[int]:
    """Return passages that hold all terms, best first; where those are few, after them such as hold some of the rarer ones."""
    with_all = lexicon.words(connection, expression(terms, "AND"), through, limit)
    if len(with_all) >= FEW or len(terms) == 1:
        return with_all
    rare = frequencies.rare(connection, terms)
    some = lexicon.words(connection, expression(rare, "OR"), through, limit) if rare else []
    return list(dict.fromkeys((*with_all, *some)))[:limit]


def _hit(passage: Passage, terms: Sequence[str], by: str, names: dict[str, str], score: float) -> Hit:
    document = passage.of
    name = names.get(document.author, document.author[:12]) if document.author else ""
    extract = snippet(passage.text, terms)
    return Hit(
        document.note,
        document.version,
        document.author,
        name,
        document.kind,
        document.title,
        document.path,
        document.tags,
        document.visibility,
        document.written_ms,
        extract,
        by,
        score,
        near(passage.text, terms),
    )


async def state(database: Database) -> tuple[int, int]:
    """Return how many passages can be found, and how many of them by their words only as yet."""
    return await database.read(passages.counts)
