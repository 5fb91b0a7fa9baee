"""Evidence: what the rules of proposals are given, out of the index. What is asked is looked for in both ways, words and meaning."""

import math
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

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


@dataclass(frozen=True, slots=True)
class Gathered:
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

    async def candidates(self) -> Gathered:
        """Return what each rule is given."""
        asked = [(p, one) for p in self._own for one in questions(p.text)][:QUESTIONS]
        edits = [p for p in self._own if p.of.written_ms >= self._now_ms - memories.NEW_MS][:EDITS]
        old = Filter(authors=("",), kind="note", until_ms=self._now_ms - memories.OLD_MS)
        everyone = [*self._own, *self._others]
        topics = self._topics()
        return Gathered(
            tuple(self.cite(p, one) for p, one in asked),
            await self.looked_for([one for _, one in asked], OTHERS, among_own=True),
            tuple(self.cite(p, p.text) for p in edits),
            await self.looked_for([f"{p.of.title}\n{p.text}" for p in edits], old, among_own=False),
            topics,
            await self._database.read(partial(self._naming, topics=topics)),
            await self._said([(p, one) for p in everyone for one in goals(p.text)]),
            await self._said([(p, one) for p in everyone for one in resources(p.text)]),
            await self._said([(p, one) for p in everyone for one in limits(p.text)]),
        )

    def wishes(self) -> tuple[list[NeedsAndOffers], list[NeedsAndOffers]]:
        """Return the needs and offers of this person's notes, and of others'."""
        found = [
            NeedsAndOffers(p.of.author, p.of.note, _lines(p.text, NEED), _lines(p.text, OFFER))
            for p in (*self._own, *self._others)
            if NEED in p.text or OFFER in p.text
        ]
        return [one for one in found if not one.author], [one for one in found if one.author]

    def cited(self, wish: NeedsAndOffers, line: str) -> Citation:
        """Return a line of a wish as a citation."""
        where = next(p for p in (*self._own, *self._others) if (p.of.author, p.of.note) == (wish.author, wish.note))
        return self.cite(where, line)

    def cite(self, passage: Passage, quote: str) -> Citation:
        """Return words of a passage with where they stand; more than can be quoted is cut after a word."""
        of, flat = passage.of, " ".join(quote.split())
        short = (
            flat
            if len(flat) <= LONGEST
            else flat[: flat.rfind(" ", 0, LONGEST)]
            if " " in flat[:LONGEST]
            else flat[:LONGEST]
        )
        name = self._names.get(of.author, of.author[:12]) if of.author else ""
        return Citation(of.author, name, of.kind, of.note, of.path, of.title, short)

    async def looked_for(self, texts: Sequence[str], wanted: Filter, among_own: bool) -> tuple[Candidate, ...]:
        """Return passages that have to do with each text. among_own: say how near each is to what the person wrote themself."""
        if not texts:
            return ()
        vectors = await self._mind.vectors(texts)
        look = partial(self._look, texts=texts, vectors=vectors, wanted=wanted, among_own=among_own)
        return await self._database.read(look)

    def _look(
        self, connection: sqlite3.Connection, texts: Sequence[str], vectors: Matrix, wanted: Filter, among_own: bool
    ) -> tuple[Candidate, ...]:
        near = [dict(row) for row in self._search.nearest(connection, vectors, wanted, DEPTH)]
        through = self._search.roster.through(connection, wanted)
        known = self._search.frequencies
        held = [weighed(connection, known, parse(text).terms, through) for text in texts]
        ids = sorted({one for row in (*near, *held) for one in row})
        place, of = {one: row for row, one in enumerate(ids)}, self._search.vectors.of(ids)
        own = self._nearest_own(connection, of) if among_own else [0.0] * len(ids)
        there = _open(passages.fetch(connection, ids, wanted))
        found = []
        for number, text in enumerate(texts):
            for one in sorted({*near[number], *held[number]} & set(there)):
                row, passage = place[one], there[one]
                meaning = float(of[row] @ vectors[number])
                cited = self.cite(passage, stretch(passage.text, parse(text).terms))
                found.append(Candidate(number, one, cited, held[number].get(one, 0.0), meaning, of[row], own[row]))
        return tuple(found)

    def _nearest_own(self, connection: sqlite3.Connection, of: Matrix) -> list[float]:
        return [row[0][1] if row else 0.0 for row in self._search.nearest(connection, of, OWN, 1)] if len(of) else []

    async def _said(self, found: Sequence[tuple[Passage, str]]) -> tuple[RoleSentence, ...]:
        """Return sentences with their vectors: this person's first, for nobody else's may crowd them out."""
        some = sorted(found, key=lambda pair: bool(pair[0].of.author))[: 4 * CONSIDERED]
        vectors = await self._mind.vectors([one for _, one in some])
        return tuple(RoleSentence(self.cite(p, one), vector) for (p, one), vector in zip(some, vectors, strict=True))

    def _topics(self) -> tuple[NamedTopic, ...]:
        """Return what this person has a note or a link for, the most linked first."""
        titles = {p.of.path: p.of.title for p in self._own}
        links = Links(LinkTarget(path, title) for path, title in titles.items())
        linked: Counter[str] = Counter()
        places: dict[str, Passage] = {}
        for p in self._own:
            places.setdefault(p.of.title, p)
        for p in self._own:
            for target in prose.links(p.text):
                name = titles.get(links.find(target, p.of.path)) or target.rpartition("/")[2].removesuffix(".md")
                linked[name] += 1
                places.setdefault(name, p)
        found = [
            NamedTopic(name, self.cite(p, ""), linked[name]) for name, p in places.items() if mentions.usable(name)
        ]
        return tuple(sorted(found, key=lambda one: (-one.links, one.name)))[:TOPICS]

    def _naming(
        self, connection: sqlite3.Connection, topics: Sequence[NamedTopic]
    ) -> dict[str, list[tuple[Citation, str]]]:
        found: dict[str, list[tuple[Citation, str]]] = {}
        others = self._search.roster.through(connection, OTHERS)
        for topic in topics:
            if not (name := phrase(topic.name)):
                continue
            ids = lexicon.words(connection, "text : " + expression((name,), "AND"), others, EACH_TOPIC)
            there = _open(passages.fetch(connection, ids)) if ids else {}
            found[topic.name] = [(self.cite(p, stretch(p.text, (name,))), p.text) for p in there.values()]
        return found


def weighed(
    connection: sqlite3.Connection, known: Frequencies, terms: tuple[str, ...], through: Mask
) -> dict[int, float]:
    """Return passages by how much of the rarer terms they hold: BM25 over what a passage of ordinary length with each
    term once would have, at most 1."""
    rare, total = known.rare(connection, terms), passages.total(connection)
    most = sum(_idf(total, known.of(connection, term)) for term in rare)
    if not rare or most <= 0:
        return {}
    scored = lexicon.scored(connection, expression(rare, "OR"), through, DEPTH)
    return {one: min(1.0, score / most) for one, score in scored}


def stretch(text: str, terms: Sequence[str]) -> str:
    """Return the words of a passage to quote: those around what is looked for."""
    return "".join(piece for piece, _ in snippet(text, terms) if piece not in ("… ", " …"))


def _idf(total: int, holding: int) -> float:
    """Robertson's inverse document frequency, as FTS5 has it."""
    return max(1e-6, math.log((total - holding + 0.5) / (holding + 0.5)))


def _latest(connection: sqlite3.Connection, wanted: Filter) -> list[Passage]:
    ids = passages.allowed(connection, wanted, LATEST)
    there = _open(passages.fetch(connection, ids))
    return [there[one] for one in ids if one in there]


def _open(found: dict[int, Passage]) -> dict[int, Passage]:
    """Return passages without the remarks in them, which are quoted to nobody; those that are nothing else are left out."""
    some = {one: replace(p, text=comments.without(p.text)) if comments.has(p.text) else p for one, p in found.items()}
    return {one: p for one, p in some.items() if p.text.strip() or not found[one].text.strip()}


def _lines(text: str, mark: str) -> tuple[str, ...]:
    return tuple(line.removeprefix(mark) for line in text.splitlines() if line.startswith(mark))
