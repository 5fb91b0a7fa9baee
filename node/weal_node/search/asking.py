"""A question answered in words that stand in notes: the passages that bear on it, put in order and cited, or plainly none.

Candidates come from both rankings of the index; what bears on the question is for `text/bearing.py` to say. Nothing here leaves the node.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from weal_node.errors import OWN_FAULTS
from weal_node.search import sources
from weal_node.search.indexing import embedded
from weal_node.search.service import Search
from weal_node.search.sources import Found, Knowing, Source
from weal_node.store import answered, lexicon, passages
from weal_node.store.answered import Verdict
from weal_node.store.isolation import each
from weal_node.store.passages import Passage
from weal_node.text import bearing, question
from weal_node.text.bearing import Evidence
from weal_node.text.query import expression
from weal_node.text.question import Question

# Chosen on one half of the study's questions: more passages, or more sentences, found no more (simulations/LOG.md, 2026-11-30, "Asking").
CANDIDATES = 8  # of each ranking
READ = 48  # sentences of all candidates that are read by themselves for one question
WORDS_ALONE = (
    0.3  # cosine that a passage is taken to have which holds all words and is not read by its meaning yet; chosen
)
DEPTH = 200  # passages near a question among which people are looked for who could know

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found for a question.

    sources: notes with passages that bear on it, the likeliest first; () where nothing does.
    nearest: notes that were nearest where nothing bears on it, not to be taken for answers.
    sure: whether the first of them may be called an answer.
    missing: words of the question that stand in no note at all, where others do.
    people: who could know, by what they share.
    total, waiting: passages there are, and how many are found by their words only as yet.
    said: for whoever asked without a word, "" for anyone else.
    """

    question: Question
    sources: tuple[Source, ...] = ()
    nearest: tuple[Source, ...] = ()
    sure: bool = False
    missing: tuple[str, ...] = ()
    people: tuple[Knowing, ...] = ()
    total: int = 0
    waiting: int = 0
    said: str = ""


@dataclass(slots=True)
class _Look:
    """What the store says of a question. candidates: passages by id.  cosines: of question and passage, where they are
    known.  near: passages that mean what is asked, with their cosines, the nearest first."""

    candidates: dict[int, Passage] = field(default_factory=dict)
    cosines: dict[int, float] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    near: tuple[tuple[int, float], ...] = ()
    counts: tuple[int, int] = (0, 0)


async def ask(search: Search, text: str) -> Asked:
    """Return what bears on a question in every note this node may show its person. WealError for a filter that is none."""
    asked = question.read(text)
    if not asked.terms:
        said = asked.query.wordless or "Nothing was asked"
        return Asked(asked, said=said)
    vector = await _meaning(search, [asked.query.text])
    look = await search.database.read(partial(_look, search=search, asked=asked, vector=vector))
    found = await _weighed(search, asked, look, vector)
    chosen, nearest = sources.chosen(found, look.verdicts, search.names())
    chosen, nearest = await search.database.read(partial(_headed, both=(chosen, nearest)))
    people = await search.database.read(partial(sources.knowing, shown=chosen, near=look.near, names=search.names()))
    return Asked(asked, chosen, nearest, _is_sure(chosen, look.missing), look.missing, people, *look.counts)


def _is_sure(chosen: Sequence[Source], missing: Sequence[str]) -> bool:
    """Whether the first note may be called an answer. Where a word of the question stands in no note at all, that may be the very thing
    that was asked, so only the person's word makes it one."""
    return bool(chosen) and (chosen[0].said == "yes" or (chosen[0].sure and not missing))


def _headed(
    connection: sqlite3.Connection, both: tuple[tuple[Source, ...], tuple[Source, ...]]
) -> tuple[tuple[Source, ...], tuple[Source, ...]]:
    chosen, nearest = (tuple(sources.headed(connection, source) for source in several) for several in both)
    return chosen, nearest


async def _meaning(search: Search, texts: Sequence[str]) -> Vectors | None:
    """Return what texts mean; None where the encoder cannot read one of them, and words have to do."""
    try:
        return await search.meaning(texts)
    except OWN_FAULTS:
        return None


def _look(connection: sqlite3.Connection, search: Search, asked: Question, vector: Vectors | None) -> _Look:
    wanted = search.filter(asked.query)
    through = search.roster.through(connection, wanted)
    total = passages.total(connection)
    holding = {term: search.frequencies.of(connection, term) for term in asked.terms}
    worded = _rarest(holding)
    by_words = lexicon.words(connection, expression(worded, "OR"), through, CANDIDATES) if worded else []
    near = search.nearest(connection, vector, wanted, DEPTH)[0] if vector is not None else []
    by_meaning = [number for number, _ in near[:CANDIDATES]]
    verdicts = answered.of(connection, asked.key)
    remembered = sources.remembered(connection, verdicts)
    ids = list(dict.fromkeys((*by_words, *by_meaning, *remembered)))
    return _Look(
        passages.fetch(connection, ids, wanted),
        _cosines(search, ids, dict(near), vector),
        {term: bearing.rarity(count, total) for term, count in holding.items()},
        tuple(term for term, count in holding.items() if not count) if any(holding.values()) else (),
        verdicts,
        tuple(near),
        passages.counts(connection),
    )


def _rarest(holding: Mapping[str, int]) -> tuple[str, ...]:
    """Return the terms that somebody uses, the rarest first, as many as can all be weighed; at least one."""
    used = sorted((term for term, count in holding.items() if count), key=lambda term: holding[term])
    taken, sum_of = used[:1], holding[used[0]] if used else 0
    for term in used[1:]:
        sum_of += holding[term]
        if sum_of > lexicon.RANKED:
            break
        taken.append(term)
    return tuple(taken)


def _cosines(
    search: Search, ids: Sequence[int], known: Mapping[int, float], vector: Vectors | None
) -> dict[int, float]:
    if vector is None or not ids:
        return {}
    cosines = (search.vectors.of(ids) @ vector[0]).tolist()  # 0 of one that is not embedded yet
    return {number: known.get(number, cosine) for number, cosine in zip(ids, cosines, strict=True) if cosine}


async def _weighed(search: Search, asked: Question, look: _Look, vector: Vectors | None) -> list[Found]:
    """Return the candidates with what speaks for each, best first; one that cannot be read is left out by itself."""
    plain = _quick(asked, look)
    order = sorted(look.candidates.values(), key=lambda passage: -plain.get(passage.id, Evidence(0, 0, 0, False)).rank)
    parts: dict[int, tuple[str, ...]] = {}
    left = READ
    for passage in order if vector is not None else ():
        if passage.id in plain and passage.id in look.cosines:
            parts[passage.id] = bearing.sentences(passage.text, look.weights)[:left]
            left -= len(parts[passage.id])
    rows = [(number, part) for number, several in parts.items() for part in several]
    texts = [embedded(look.candidates[number].of.title, part) for number, part in rows]
    read = await _meaning(search, texts) if texts else None
    near = read @ vector[0] if read is not None and vector is not None else np.zeros(0, np.float32)
    best: dict[int, tuple[float, str]] = {}
    for (number, part), cosine in zip(rows, near.tolist(), strict=False):
        best[number] = max(best.get(number, (-1.0, "")), (cosine, part))
    found = [_found(passage, plain[passage.id], best.get(passage.id)) for passage in order if passage.id in plain]
    return sorted(found, key=lambda one: (-one.evidence.rank, one.passage.id))


def _quick(asked: Question, look: _Look) -> dict[int, Evidence]:
    """Return what speaks for each candidate before any of its sentences is read."""
    weigh: Callable[[Passage], Evidence] = partial(_evidence, asked, look)
    made, _ = each(look.candidates.values(), weigh)
    return {passage.id: evidence for passage, evidence in made}


def _evidence(asked: Question, look: _Look, passage: Passage) -> Evidence:
    if not any(map(str.isalnum, passage.text)):  # an empty note is near to anything that means nothing
        return Evidence(0.0, 0.0, 0.0, False)
    held = bearing.coverage(look.weights, passage.of.title, passage.text)
    cosine = look.cosines.get(passage.id, WORDS_ALONE * held)
    titled = bearing.coverage(look.weights, passage.of.title, "")
    return Evidence(cosine, cosine, held, bearing.cue(asked.query.text, f"{passage.of.title}. {passage.text}"), titled)


def _found(passage: Passage, plain: Evidence, best: tuple[float, str] | None) -> Found:
    if best is None:
        return Found(passage, plain)
    return Found(passage, replace(plain, sentence=best[0]), best[1])
