"""How fast is search over 50,000 notes, and what does it cost in memory?

Half of the notes are files of a vault, half records of 200 others, made from 1,000 sentences that repeat, a few tags and a long tail of made-up names. The
index is built by the product's own code. Questions go all the way: parsed, encoded by the real encoder, looked up in both ways, fused, cut into snippets. `words`
holds words of one sentence, `names` a rare name, `common` the most frequent words, `filtered` words with a tag, an author or a time. Seconds of the real clock, whatever else the
machine does (`load`, at the end); `of a core` is what one question took of processors, the mean. `recall at 20` is of the passages that would come first were every match
weighed and every cosine taken (of questions with twenty matches at least; the most frequent words say next to nothing, and are cut off first).

What is not the real thing: embedding 50,000 passages takes the encoder the hours that the row `encoder` says (measured on 32 of them), so the real encoder reads the 1,000 sentences,
and a passage is given the mean of its sentences' vectors instead of its own. That changes what is found by meaning, which is not measured here, and not how fast.
`people` is the number of notes.
"""

import asyncio
import hashlib
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil

from weal_node.features.projection import relative
from weal_node.features.weights import ENCODER_SHA256, WIDTH
from weal_node.search import indexing
from weal_node.search.fuse import fused
from weal_node.search.service import DEPTH, FEW, LEAST_COSINE, Search, by_words
from weal_node.store import embeddings, lexicon, passages, records
from weal_node.store.database import Database
from weal_node.store.records import Mirrored
from weal_node.text.query import expression, parse
from weal_node.vault.folder import Vault
from weal_node.worker import TorchWorker
from weal_simulations.bench.study import Floor, Progress, Row, Study
from weal_simulations.worlds.neighbourhood import CLOSINGS, OPENINGS

QUESTION = "How fast is search over 50,000 notes, and what does it cost in memory?"
PEOPLE = 50_000
SENTENCES, AUTHORS, QUESTIONS, SAMPLE = 1_000, 200, 30, 32
PROMISED_S = 0.05
DAY_MS = 24 * 3_600 * 1_000
NOW = 1_800_000_000_000
WHO = (
    "the neighbours",
    "my aunt",
    "the choir",
    "a carpenter",
    "the children",
    "our baker",
    "the club",
    "an old friend",
    "the school",
    "the night nurse",
)
DOES = (
    "repairs",
    "wants to borrow",
    "gave away",
    "is looking for",
    "paints",
    "planted",
    "forgot",
    "teaches everyone about",
    "measures",
    "sings of",
)
WHAT = (
    "a bicycle",
    "the piano",
    "apple trees",
    "a wooden boat",
    "winter coats",
    "the water pump",
    "old maps",
    "a beehive",
    "solar panels",
    "the roof of the mill",
)
WHERE = (
    "by the river",
    "in the library",
    "behind the station",
    "on Sundays",
    "after the rain",
    "in the empty hall",
    "near the market",
    "before breakfast",
)
TAGS = ("garden", "home/garage", "music", "work/plans", "town", "food", "books", "health")
OWN = "0" * 64

Array = npt.NDArray[np.float32]


def run(seed: int, people: int, progress: Progress) -> Study:
    """Build and ask; people: how many notes."""
    with tempfile.TemporaryDirectory() as folder:
        rows, late = asyncio.run(_measured(Path(folder), seed, people, progress))
    floors = (Floor(f"search: p95 seconds over {people} notes", late, PROMISED_S, at_least=False),)
    return Study("search", seed, tuple(rows), floors)


async def _measured(folder: Path, seed: int, notes: int, progress: Progress) -> tuple[list[Row], float]:
    draw = random.Random(seed)
    said = sentences(draw)
    database, worker = Database(folder / "node.db"), TorchWorker()
    progress(0.0, "writing notes")
    names = await asyncio.to_thread(_write, folder, database, draw, said, notes)
    began = time.perf_counter()
    vault = Vault(folder / "vault")
    await indexing.by_words(
        database, vault, OWN, lambda done, of_all: progress(0.1 + 0.5 * done / of_all, "index of words")
    )
    built = time.perf_counter() - began
    progress(0.6, "reading sentences")
    vectors = dict(zip(said, await worker.embed(said), strict=True))
    some = (await database.read(partial(passages.waiting, limit=SAMPLE)))[:SAMPLE]
    began = time.perf_counter()
    await worker.embed([indexing.embedded(title, text) for _, title, text, _ in some])
    each = (time.perf_counter() - began) / len(some)
    await _understand(database, vectors, progress)
    search = Search(database, worker, lambda: {f"{one:064x}": f"person{one}" for one in range(1, AUTHORS + 1)})
    began = time.perf_counter()
    await search.find(parse("a first question"))
    rows: list[Row] = [
        {"method": "index of words", "seconds": built, "passages": (await database.read(passages.counts))[0]},
        {"method": "encoder", "seconds": each, "hours for all": each * notes / 3_600},
        {"method": "first question after a start", "seconds": time.perf_counter() - began},
    ]
    asked = questions(draw, said, names)
    every: list[float] = []
    for place, (kind, texts) in enumerate(asked.items()):
        progress(0.85 + 0.15 * place / len(asked), f"asking: {kind}")
        for way in ("both", "words", "meaning"):
            used = time.process_time()
            taken = [await _timed(search, text, way) for text in texts]
            used = (time.process_time() - used) / len(texts)
            every += taken if way == "both" else []
            figures = {"median": float(np.median(taken)), "p95": float(np.percentile(taken, 95)), "of a core": used}
            rows.append({"method": way, "questions": kind, **figures})
        rows.append({"method": "recall at 20", "questions": kind, "of all": await _recall(search, worker, texts)})
    late = float(np.percentile(every, 95))
    rows.append({"method": "both", "questions": "all", "median": float(np.median(every)), "p95": late})
    rows.append(_memory(search, folder))
    database.close()
    worker.close()
    return rows, late


async def _recall(search: Search, worker: TorchWorker, texts: Sequence[str]) -> float:
    """Return the mean share of the 20 first passages by exact rankings (every match weighed, every cosine taken) that are
    among those by the product's."""
    vectors = relative(await worker.embed([parse(text).text for text in texts]))
    shares = [
        await search.database.read(partial(_share, search, text, vector))
        for text, vector in zip(texts, vectors, strict=True)
    ]
    known = [share for share in shares if share is not None]
    return float(np.mean(known)) if known else float("nan")


def _share(search: Search, text: str, vector: Array, connection: sqlite3.Connection) -> float | None:
    query = parse(text)
    wanted = search.filter(query)
    through = search.roster.through(connection, wanted)
    every = lexicon.words(connection, expression(query.terms, "AND"), through, DEPTH, most=10**9)
    (cosines,) = search.vectors.nearest(vector[None], DEPTH, through, exactly=True)
    exact = fused([every, [one for one, cosine in cosines if cosine >= LEAST_COSINE]])[:20]
    (near,) = search.nearest(connection, vector[None], wanted, DEPTH)
    words = by_words(connection, search.frequencies, query.terms, through)
    found = {one for one, _ in fused([words, [one for one, _ in near]])[:20]}
    return sum(one in found for one, _ in exact) / len(exact) if len(every) >= FEW or len(query.terms) == 1 else None


def _memory(search: Search, folder: Path) -> Row:
    now, most = psutil.Process().memory_info().rss / 1e6, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    size = (folder / "node.db").stat().st_size / 1e6
    load = psutil.getloadavg()[0]
    return {
        "method": "memory in MB",
        "now": now,
        "most": most,
        "vectors": search.vectors.megabytes,
        "database": size,
        "load": load,
    }


async def _timed(search: Search, text: str, way: str) -> float:
    began = time.perf_counter()
    await search.find(parse(text), way=way)
    return time.perf_counter() - began


def sentences(draw: random.Random) -> list[str]:
    """Return different sentences."""
    every = [f"{who} {does} {what} {where}." for who in WHO for does in DOES for what in WHAT for where in WHERE]
    return [one[0].upper() + one[1:] for one in draw.sample(every, SENTENCES)]


def questions(draw: random.Random, said: Sequence[str], names: Sequence[str]) -> dict[str, list[str]]:
    """Return QUESTIONS texts of each kind."""
    some = [draw.choice(said).rstrip(".").split() for _ in range(4 * QUESTIONS)]
    filters = (
        f"tag:{draw.choice(TAGS)}",
        f"author:person{draw.randint(1, AUTHORS)}",
        "in:mine",
        "since:2026-06-01",
        "is:public",
    )
    return {
        "words": [" ".join(draw.sample(words, min(4, len(words)))) for words in some[:QUESTIONS]],
        "names": [draw.choice(names) for _ in range(QUESTIONS)],
        "common": [" ".join(draw.sample(("the", "a", "of", "in", "old", "our"), 3)) for _ in range(QUESTIONS)],
        "filtered": [f"{' '.join(words[-4:])} {draw.choice(filters)}" for words in some[:QUESTIONS]],
    }


def _write(folder: Path, database: Database, draw: random.Random, said: Sequence[str], notes: int) -> list[str]:
    """Write half of the notes as files, half as records; return some of the names in them."""
    vault = folder / "vault"
    rows: list[Mirrored] = []
    names: list[str] = []
    for number in range(notes):
        name = "".join((draw.choice(OPENINGS), draw.choice(OPENINGS), draw.choice(OPENINGS), draw.choice(CLOSINGS)))
        names += [name] if number % 50 == 0 else []
        text = f"---\ntitle: {name.capitalize()} {number}\ntags: [{draw.choice(TAGS)}]\nvisibility: {draw.choice(('public', 'community'))}\n---\n"
        text += " ".join(draw.choices(said, k=draw.randint(2, 8))) + f"\n\nSays {name}.\n"
        if number % 2:
            place = vault / f"{number % 100:02}" / f"{number}.md"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        else:
            author, written = f"{1 + number % AUTHORS:064x}", NOW - draw.randrange(1_000) * DAY_MS
            one = hashlib.sha256(f"{number}".encode()).hexdigest()
            rows.append(Mirrored(one, number, "note", author, one[:32], "n.md", "public", written, text, b""))
    database.write_now(lambda connection: records.add(connection, rows))
    return names


async def _understand(database: Database, vectors: dict[str, Array], progress: Progress) -> None:
    """Give every passage the mean of its sentences' vectors."""
    total, _ = await database.read(passages.counts)
    done = 0
    while rows := await database.read(partial(passages.waiting, limit=2_000)):
        made = [(name, _mean(text, vectors)) for _, _, text, name in rows]
        await database.write(partial(_keep, rows=rows, made=made))
        done += len(rows)
        progress(0.7 + 0.15 * done / max(1, total), "vectors")


def _keep(connection: sqlite3.Connection, rows: list[tuple[int, str, str, str]], made: list[tuple[str, Array]]) -> None:
    embeddings.add(connection, ENCODER_SHA256, made)
    passages.understood(connection, [row[0] for row in rows])


def _mean(text: str, vectors: dict[str, Array]) -> Array:
    known = [vectors[one + "."] for one in text.replace("\n", " ").split(". ") if one + "." in vectors]
    known += [vectors[one] for one in [text.split("\n")[0].rsplit(". ", 1)[-1]] if one in vectors]
    summed = np.sum(known, axis=0) if known else np.ones(WIDTH, np.float32)
    unit: Array = (summed / np.linalg.norm(summed)).astype(np.float32)
    return unit
