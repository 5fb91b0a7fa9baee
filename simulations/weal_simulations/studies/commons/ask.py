"""Does a question find the note that answers it, does one that nothing answers find nothing, and how fast?

328 notes and 137 questions, all written by hand (worlds/asked/): 111 that one of the notes answers, in other words, by a name, a figure, a day, a person, a
decision, yes or no, in another language; 26 that none answers, half of them about what no note is about (`far`), half about people and things of the notes
(`near`). Weights and floors of `weal ask` were tuned on every second question of each kind; what is reported here is the other half. The real encoder reads
every note. `ask`: what is shown, with the floor on evidence; `ask, ranking`: with what lies nearest where nothing bears, as the page folds it away; `words`:
BM25 over the words that say what is asked; `meaning`: cosines. Recall is of questions whose right note is the first, or among the first three notes.
`refused`: questions to which no passage is shown. `called sure`: those whose first passage is called the best one, not only the nearest.

Then as many further notes as `people` says are laid around them, made of the sentences of `search`, whose vectors are the means of theirs, and every
question is asked again, for recall there and for seconds of the real clock, whatever else the machine does (`load`); `of a core` is what a question took of processors.
"""

import asyncio
import hashlib
import random
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import psutil

from weal_node.features.weights import ENCODER_SHA256
from weal_node.search import indexing
from weal_node.search.asking import Asked, ask
from weal_node.search.service import DEPTH, Search
from weal_node.store import embeddings, lexicon, passages
from weal_node.store.database import Database
from weal_node.store.passages import IndexedDocument
from weal_node.text import question
from weal_node.text.query import expression
from weal_node.worker import TorchWorker
from weal_simulations.bench.study import Floor, Progress, Row, Study
from weal_simulations.studies.commons.search import sentences
from weal_simulations.worlds import asked_notes
from weal_simulations.worlds.asked_notes import AskedQuestion

QUESTION = "Does a question find the note that answers it, does one that nothing answers find nothing, and how fast?"
PEOPLE = 5_000
OPTIONS = {"tuning": {"kind": "flag", "help": "Report the half of the questions that was tuned on instead"}}
FIRST = 3
PROMISED_S = 0.3
AT_ONCE = 500
DAY_MS = 24 * 3_600 * 1_000
NOW = 1_800_000_000_000


@dataclass(frozen=True, slots=True)
class Tried:
    """A question, the titles that each way of looking found, best first, and seconds that `ask` took: of the clock, and of processors."""

    asked: AskedQuestion
    titles: dict[str, list[str]]
    sure: bool
    seconds: float
    of_a_core: float = 0.0


def run(seed: int, people: int, progress: Progress, tuning: bool = False) -> Study:
    """Ask; people: how many further notes."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measured(Path(folder), seed, people, progress, tuning))


async def _measured(folder: Path, seed: int, people: int, progress: Progress, tuning: bool) -> Study:
    database, worker = Database(folder / "node.db"), TorchWorker()
    search = Search(database, worker, dict)
    chosen = [one for one in asked_notes.questions() if one.tuning == tuning]
    progress(0.0, "reading notes")
    await database.write(_write)
    while await indexing.by_meaning(database, worker):
        pass
    await ask(search, "a first question")
    alone = [await _tried(search, one) for one in chosen]
    rows = [row for way in ("ask", "ask, ranking", "words", "meaning") for row in _recalls(alone, way)]
    rows += refusals(alone)
    progress(0.3, "laying further notes around")
    await _lay(database, worker, random.Random(seed), people, progress)
    await ask(search, "a first question")
    among = [await _tried(search, one) for one in chosen]
    rows += [row | {"method": f"{row['method']}, among {people} more"} for row in _recalls(among, "ask, ranking")[:1]]
    taken = [one.seconds for one in among]
    late = float(np.percentile(taken, 95))
    cores = [one.of_a_core for one in among]
    figures = {"median": float(np.median(taken)), "p95": late, "load": psutil.getloadavg()[0]}
    figures |= {"of a core, median": float(np.median(cores)), "of a core, p95": float(np.percentile(cores, 95))}
    rows.append({"method": "seconds a question", "notes": people + len(asked_notes.notes()), **figures})
    database.close()
    worker.close()
    ours, words, meaning = (recall(alone, way, FIRST) for way in ("ask, ranking", "words", "meaning"))
    floors = (
        Floor("ask: recall of the right note in the first three", ours, 0.9, at_least=True),
        Floor("ask: recall above words alone", ours - words, 0.0, at_least=True),
        Floor("ask: recall above meaning alone", ours - meaning, 0.0, at_least=True),
        Floor(f"ask: p95 seconds over {people} notes", late, PROMISED_S, at_least=False),
    )
    return Study("ask", seed, tuple(rows), floors)


def _write(connection: sqlite3.Connection) -> None:
    for number, note in enumerate(asked_notes.notes()):
        document = IndexedDocument(
            note.by, f"asked-{number}", f"v{number}", "note", f"{number}.md", note.title, (), "private", NOW
        )
        passages.replace(connection, document, indexing.pieces(note.title, note.body))


async def _tried(search: Search, asked: AskedQuestion) -> Tried:
    began, used = time.perf_counter(), time.process_time()
    answer = await ask(search, asked.text)
    seconds, used = time.perf_counter() - began, time.process_time() - used
    read = question.read(asked.text)
    near = [number for number, _ in await search.near(read.query.text)]
    words = await search.database.read(
        partial(lexicon.words, expression=expression(read.terms, "OR"), through=None, limit=DEPTH)
    )
    titles = {
        "ask": _titles(answer),
        "ask, ranking": _titles(answer) or [source.of.title for source in answer.nearest],
        "words": await search.database.read(partial(_named, ids=words)),
        "meaning": await search.database.read(partial(_named, ids=near)),
    }
    return Tried(asked, titles, answer.sure, seconds, used)


def _titles(answer: Asked) -> list[str]:
    return [source.of.title for source in answer.sources]


def _named(connection: sqlite3.Connection, ids: Sequence[int]) -> list[str]:
    fetched = passages.fetch(connection, ids)
    return list(dict.fromkeys(fetched[number].of.title for number in ids if number in fetched))


def recall(tried: Sequence[Tried], way: str, first: int) -> float:
    """Return the share of answerable questions whose right note is among the first so many that a way of looking found."""
    answerable = [one for one in tried if one.asked.right]
    found = [not one.asked.right.isdisjoint(one.titles[way][:first]) for one in answerable]
    return float(np.mean(found)) if found else float("nan")


def _recalls(tried: Sequence[Tried], way: str) -> list[Row]:
    """Return the recall of one way over all questions, then by kind."""
    kinds = dict.fromkeys(one.asked.kind for one in tried if one.asked.right)
    rows: list[Row] = []
    for kind in ("all", *kinds):
        some = [one for one in tried if one.asked.right and kind in ("all", one.asked.kind)]
        recalls = {"recall at 1": recall(some, way, 1), "recall at 3": recall(some, way, FIRST)}
        rows.append({"method": way, "questions": kind, "number": len(some), **recalls})
    return rows


def refusals(tried: Sequence[Tried]) -> list[Row]:
    """Return how often nothing was shown, by kind of question, and how rightly over all."""
    rows: list[Row] = []
    for kind in ("answered", asked_notes.FAR, asked_notes.NEAR):
        some = [one for one in tried if one.asked.kind == kind or (kind == "answered" and one.asked.right)]
        refused = [not one.titles["ask"] for one in some]
        sure = [one.sure for one in some]
        rows.append(
            {
                "method": "refusal",
                "questions": kind,
                "number": len(some),
                "refused": float(np.mean(refused)),
                "called sure": float(np.mean(sure)),
            }
        )
    nothing = [one for one in tried if not one.asked.right]
    refused_all = [one for one in tried if not one.titles["ask"]]
    rightly = sum(not one.asked.right for one in refused_all)
    rows.append(
        {
            "method": "refusal",
            "questions": "all",
            "number": len(tried),
            "precision": rightly / max(1, len(refused_all)),
            "recall": rightly / max(1, len(nothing)),
        }
    )
    return rows


async def _lay(database: Database, worker: TorchWorker, draw: random.Random, count: int, progress: Progress) -> None:
    said = sentences(draw)
    vectors = dict(zip(said, np.asarray(await worker.embed(said), np.float32), strict=True))
    for start in range(0, count, AT_ONCE):
        made = [draw.choices(said, k=draw.randint(2, 8)) for _ in range(min(AT_ONCE, count - start))]
        await database.write(partial(_enter, start=start, made=made, vectors=vectors))
        progress(0.3 + 0.6 * start / count, "laying further notes around")


def _enter(
    connection: sqlite3.Connection, start: int, made: Sequence[list[str]], vectors: dict[str, np.ndarray]
) -> None:
    """Enter notes with the mean of their sentences' vectors."""
    for number, several in enumerate(made, start=start):
        text, name = " ".join(several), hashlib.sha256(f"laid {number}".encode()).hexdigest()
        written = NOW - number % 1_000 * DAY_MS
        author = "" if number % 2 else f"{number % 200:064x}"
        title = several[0].rstrip(".")
        document = IndexedDocument(author, f"laid-{number}", name, "note", "n.md", title, (), "public", written)
        summed = np.sum([vectors[one] for one in several], axis=0)
        passages.replace(connection, document, [(text, name)])
        embeddings.add(connection, ENCODER_SHA256, [(name, summed / np.linalg.norm(summed))])
    laid = [f"laid-{number}" for number in range(start, start + len(made))]
    marks = ", ".join("?" * len(laid))
    rows = connection.execute(f"SELECT id FROM passages WHERE note IN ({marks})", laid)  # noqa: S608 -- marks only
    passages.understood(connection, [number for (number,) in rows.fetchall()])
