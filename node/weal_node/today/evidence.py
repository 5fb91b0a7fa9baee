"""What the rules of proposals are given, out of the index. What is asked is looked for in both ways, words and meaning."""

import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import starmap
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from weal_node.features.projection import relative
from weal_node.mind.mind import Mind
from weal_node.proposals import memories, mentions
from weal_node.proposals.evidence import Candidate, Citation
from weal_node.proposals.matches import NeedsAndOffers
from weal_node.proposals.mentions import NamedTopic
from weal_node.proposals.recombine import CONSIDERED, RoleSentence
from weal_node.proposals.sentences import LONGEST, goals, limits, questions, resources
from weal_node.search.frequencies import Frequencies
from weal_node.search.service import Search
from weal_node.store import lexicon, passages
from weal_node.store.database import Database
from weal_node.store.lexicon import Mask
from weal_node.store.passages import Filter, Passage
from weal_node.text.query import expression, parse, phrase
from weal_node.text.snippet import snippet
from weal_node.vault import comments, prose
from weal_node.vault.links import Links, LinkTarget

LATEST = 2_000  # passages of this person, and as many of others, in which sentences are looked for
QUESTIONS = 40
EDITS = 20
TOPICS = 100
EACH_TOPIC = 5
DEPTH = 50  # passages of each way of looking
OTHERS = Filter(others=True, kind="note")
OWN = Filter(authors=("",), kind="note")
NEED, OFFER = "Needs: ", "Offers: "  # how the index writes the lines of the front matter

Matrix = npt.NDArray[np.float32]
SentenceKind = Callable[[str], tuple[str, ...]]  # which sentences of a text are of a kind: its questions, its goals ...


@dataclass(frozen=True, slots=True)
class GatheredEvidence:
    """What each rule is given."""

    questions: tuple[Citation, ...]
    answers: tuple[Candidate, ...]
    edits: tuple[Citation, ...]
    memories: tuple[Candidate, ...]
    topics: tuple[NamedTopic, ...]
    mentions: dict[str, list[tuple[Citation, str]]]
    goals: tuple[RoleSentence, ...]
    resources: tuple[RoleSentence, ...]
    limits: tuple[RoleSentence, ...]


class NoteEvidence:
    """The latest of this person's notes and of others', and ways to look from one to the other."""

    def __init__(
        self, database: Database, search: Search, mind: Mind, now_ms: int, own: list[Passage], others: list[Passage]
    ) -> None:
        self._database = database
        self._search = search
        self._mind = mind
        self._now_ms = now_ms
        self._names = search.names()
        self._own = own
        self._others = others

    @classmethod
    async def gather(cls, database: Database, search: Search, mind: Mind, now_ms: int) -> "NoteEvidence":
        """Read the latest passages."""
        own, others = await database.read(lambda connection: (_latest(connection, OWN), _latest(connection, OTHERS)))
        return cls(database, search, mind, now_ms, own, others)

    async def candidates(self) -> GatheredEvidence:
        """Return what each rule is given."""
        questions_asked = list(self._sentences(self._own, questions))[:QUESTIONS]
        edits = [passage for passage in self._own if passage.of.written_ms >= self._now_ms - memories.NEW_MS][:EDITS]
        old = Filter(authors=("",), kind="note", until_ms=self._now_ms - memories.OLD_MS)
        edited = [f"{passage.of.title}\n{passage.text}" for passage in edits]
        everyone = [*self._own, *self._others]
        topics = self._topics()
        return GatheredEvidence(
            tuple(starmap(self.cite, questions_asked)),
            await self.looked_for(list(map(itemgetter(1), questions_asked)), OTHERS, among_own=True),
            tuple(self.cite(passage, passage.text) for passage in edits),
            await self.looked_for(edited, old, among_own=False),
            topics,
            await self._database.read(partial(self._naming, topics=topics)),
            await self._in_role(everyone, goals),
            await self._in_role(everyone, resources),
            await self._in_role(everyone, limits),
        )

    def wishes(self) -> tuple[list[NeedsAndOffers], list[NeedsAndOffers]]:
        """Return the needs and offers of this person's notes, and of others'."""
        return _wishes(self._own), _wishes(self._others)

    @staticmethod
    def _sentences(notes: Iterable[Passage], kind: SentenceKind) -> Iterator[tuple[Passage, str]]:
        for passage in notes:
            for sentence in kind(passage.text):
                yield passage, sentence

    def cited(self, wish: NeedsAndOffers, line: str) -> Citation:
        """Return a line of a wish as a citation."""
        for passage in (*self._own, *self._others):
            if (passage.of.author, passage.of.note) == (wish.author, wish.note):
                return self.cite(passage, line)
        raise LookupError("a wish of no passage")  # wishes are made of passages

    def cite(self, passage: Passage, quote: str) -> Citation:
        """Return words of a passage with where they stand; more than can be quoted is cut after a word."""
        note, flat = passage.of, " ".join(quote.split())
        short = flat
        if len(flat) > LONGEST:
            blank = flat.rfind(" ", 0, LONGEST)
            short = flat[:blank] if blank >= 0 else flat[:LONGEST]
        name = self._names.get(note.author, note.author[:12]) if note.author else ""
        return Citation(note.author, name, note.kind, note.note, note.path, note.title, short)

    async def looked_for(self, texts: Sequence[str], wanted: Filter, among_own: bool) -> tuple[Candidate, ...]:
        """Return passages that have to do with each text. among_own: say how near each is to what the person wrote themself."""
        if not texts:
            return ()
        vectors = relative(await self._mind.vectors(texts))
        look = partial(self._look, texts=texts, vectors=vectors, wanted=wanted, among_own=among_own)
        return await self._database.read(look)

    def _look(
        self, connection: sqlite3.Connection, texts: Sequence[str], vectors: Matrix, wanted: Filter, among_own: bool
    ) -> tuple[Candidate, ...]:
        near = list(map(dict, self._search.nearest(connection, vectors, wanted, DEPTH)))
        through = self._search.roster.through(connection, wanted)
        terms, weights = list[tuple[str, ...]](), list[dict[int, float]]()
        for text in texts:
            terms.append(parse(text).terms)
            weights.append(weighed(connection, self._search.frequencies, terms[-1], through))
        ids = sorted(set().union(*near, *weights))
        rows = {passage: row for row, passage in enumerate(ids)}
        embedded = self._search.vectors.of(ids)
        own = self._nearest_own(connection, embedded) if among_own else [0.0] * len(ids)
        readable = _open(passages.fetch(connection, ids, wanted))
        candidates: list[Candidate] = []
        for question in range(len(texts)):
            for number in sorted({*near[question], *weights[question]} & set(readable)):
                row, passage = rows[number], readable[number]
                meaning = float(embedded[row] @ vectors[question])
                cited = self.cite(passage, stretch(passage.text, terms[question]))
                weight = weights[question].get(number, 0.0)
                candidates.append(Candidate(question, number, cited, weight, meaning, embedded[row], own[row]))
        return tuple(candidates)

    def _nearest_own(self, connection: sqlite3.Connection, vectors: Matrix) -> list[float]:
        if not len(vectors):
            return []
        return [row[0][1] if row else 0.0 for row in self._search.nearest(connection, vectors, OWN, 1)]

    async def _in_role(self, notes: Iterable[Passage], kind: SentenceKind) -> tuple[RoleSentence, ...]:
        """Return sentences with their vectors: this person's first, for nobody else's may crowd them out."""
        pairs = sorted(self._sentences(notes, kind), key=lambda pair: bool(pair[0].of.author))[: 4 * CONSIDERED]
        vectors = await self._mind.vectors(list(map(itemgetter(1), pairs)))
        return tuple(map(RoleSentence, starmap(self.cite, pairs), vectors))

    def _topics(self) -> tuple[NamedTopic, ...]:
        """Return what this person has a note or a link for, the most linked first."""
        titles = {passage.of.path: passage.of.title for passage in self._own}
        links = Links(starmap(LinkTarget, titles.items()))
        linked: Counter[str] = Counter()
        places: dict[str, Passage] = {}
        for passage in self._own:
            places.setdefault(passage.of.title, passage)
        for passage in self._own:
            for target in prose.links(passage.text):
                name = titles.get(links.find(target, passage.of.path)) or target.rpartition("/")[2].removesuffix(".md")
                linked[name] += 1
                places.setdefault(name, passage)
        topics: list[NamedTopic] = []
        for name, passage in places.items():
            if mentions.usable(name):
                topics.append(NamedTopic(name, self.cite(passage, ""), linked[name]))
        return tuple(sorted(topics, key=lambda topic: (-topic.links, topic.name)))[:TOPICS]

    def _naming(
        self, connection: sqlite3.Connection, topics: Sequence[NamedTopic]
    ) -> dict[str, list[tuple[Citation, str]]]:
        naming: dict[str, list[tuple[Citation, str]]] = {}
        others = self._search.roster.through(connection, OTHERS)
        for topic in topics:
            if not (name := phrase(topic.name)):
                continue
            ids = lexicon.words(connection, "text : " + expression((name,), "AND"), others, EACH_TOPIC)
            found_passages = _open(passages.fetch(connection, ids)) if ids else {}
            for passage in found_passages.values():
                citation = self.cite(passage, stretch(passage.text, (name,)))
                naming.setdefault(topic.name, []).append((citation, passage.text))
        return naming


def weighed(
    connection: sqlite3.Connection, frequencies: Frequencies, terms: tuple[str, ...], through: Mask
) -> dict[int, float]:
    """Return passages by how much of the rarer terms they hold: BM25 over what a passage of ordinary length with each
    term once would have, at most 1."""
    rare, total = frequencies.rare(connection, terms), passages.total(connection)
    most = sum(_idf(total, frequencies.of(connection, term)) for term in rare)
    if not rare or most <= 0:
        return {}
    scored = lexicon.scored(connection, expression(rare, "OR"), through, DEPTH)
    return {passage: min(1.0, score / most) for passage, score in scored}


def stretch(text: str, terms: Sequence[str]) -> str:
    """Return the words of a passage to quote: those around what is looked for."""
    return "".join(piece for piece, _ in snippet(text, terms) if piece not in ("… ", " …"))


def _idf(total: int, holding: int) -> float:
    """Robertson's inverse document frequency, as FTS5 has it."""
    return max(1e-6, math.log((total - holding + 0.5) / (holding + 0.5)))


def _latest(connection: sqlite3.Connection, wanted: Filter) -> list[Passage]:
    ids = passages.allowed(connection, wanted, LATEST)
    readable = _open(passages.fetch(connection, ids))
    return list(filter(None, map(readable.get, ids)))


def _open(fetched: dict[int, Passage]) -> dict[int, Passage]:
    """Return passages without the remarks in them, which are quoted to nobody; those that are nothing else are left out."""
    readable: dict[int, Passage] = {}
    for number, passage in fetched.items():
        text = comments.without(passage.text) if comments.has(passage.text) else passage.text
        if text.strip() or not passage.text.strip():
            readable[number] = passage if text == passage.text else replace(passage, text=text)
    return readable


def _wishes(notes: Iterable[Passage]) -> list[NeedsAndOffers]:
    wishes: list[NeedsAndOffers] = []
    for passage in notes:
        needs, offers = _lines(passage.text, NEED), _lines(passage.text, OFFER)
        if NEED in passage.text or OFFER in passage.text:
            wishes.append(NeedsAndOffers(passage.of.author, passage.of.note, needs, offers))
    return wishes


def _lines(text: str, mark: str) -> tuple[str, ...]:
    return tuple(line.removeprefix(mark) for line in text.splitlines() if line.startswith(mark))
