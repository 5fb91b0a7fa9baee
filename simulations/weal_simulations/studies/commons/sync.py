"""How fast do records come in, and how fast is a topic's page over many notes?

Real servers over TLS on this machine, coordinator and nodes in one process on one event loop, so on two cores the figures are on the slow side. 10,000
signed notes by PEOPLE authors are pulled into an empty node from the coordinator, and from that node into another one directly; then 20 new ones, then none.
Three nodes write apart, each reaching only itself, and meet in pairs. At last 50,000 notes, which need no signatures, stand in a real node (its own process), and topics' pages are opened
over HTTP; `seconds` is then the 95th percentile over pages of frequent and of rare topics. `mb` is what was received, or resident.
`cpu`: seconds of processor time of asker and answerer together, which a busy machine does not change.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_node import config
from weal_node.app.setup import set_up
from weal_node.commons.admission import Quota, admit
from weal_node.commons.replica import shelve
from weal_node.outbound.source import RecordSource
from weal_node.store import records
from weal_node.store.database import Database
from weal_node.store.records import Mirrored
from weal_protocol import record
from weal_protocol.record import Record
from weal_simulations.bench.study import Floor, Progress, Row, Study
from weal_simulations.town.person import LINK, Person
from weal_simulations.town.processes import Processes
from weal_simulations.town.sync_community import SyncNode, answering, community

WAIT_S = 900.0  # ends what would never end
QUESTION = "How fast do records come in, do copies converge, and how fast is a topic's page over 50,000 notes?"
PEOPLE = 50  # authors
RECORDS, NEW = 10_000, 20
NOTES, TOPICS, PAGES = 50_000, 2_000, 120
BODY = 1_500  # bytes
TEXT = " ".join(f"word{number * 7919 % 100_003}" for number in range(40_000))  # notes are cut out of it


def run(seed: int, people: int, progress: Progress, count: int = RECORDS, notes: int = NOTES) -> Study:
    """people: how many authors.  count: records pulled.  notes: of the topics' pages."""
    draw = np.random.default_rng(seed)
    authors = [Ed25519PrivateKey.from_private_bytes(draw.bytes(32)) for _ in range(people)]
    with tempfile.TemporaryDirectory(prefix="weal-sync-") as folder:
        rows, floors = asyncio.run(_pulled(Path(folder), draw, authors, count, progress))
        more, promised = _paged(draw, authors, notes, progress)
    return Study("sync", seed, (*rows, *more), (*floors, *promised))


def written(
    draw: np.random.Generator, authors: Sequence[Ed25519PrivateKey], count: int, topics: int = TOPICS
) -> list[Record]:
    """Return signed notes: titles from as many topics, the first ones frequent, each with three [[links]] and plain words."""
    made = []
    for number, (path, body) in enumerate(notes_of(draw, count, topics)):
        author = authors[number % len(authors)]
        salt, note = draw.bytes(16), draw.bytes(16)
        made.append(
            record.make("note", body.encode(), author=author, salt=salt, written_ms=number, note=note, path=path)
        )
    return made


def notes_of(draw: np.random.Generator, count: int, topics: int = TOPICS) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of notes."""
    share = 1.0 / np.arange(1, topics + 1)
    for own, *linked in draw.choice(topics, size=(count, 4), p=share / share.sum()):
        start = int(draw.integers(len(TEXT) - BODY))
        links = " ".join(f"[[Topic {one}]]" for one in linked)
        yield f"Topic {own}.md", f"---\ntitle: Topic {own}\n---\n{links}\n\n{TEXT[start : start + BODY]}"[:BODY]


async def _pulled(
    folder: Path, draw: np.random.Generator, authors: Sequence[Ed25519PrivateKey], count: int, progress: Progress
) -> tuple[list[Row], list[Floor]]:
    progress(0.0, f"{count} records are signed")
    made = await asyncio.to_thread(written, draw, authors, count + NEW)
    async with contextlib.AsyncExitStack() as leaving:
        server = await leaving.enter_async_context(community(folder / "community", authors))
        await asyncio.to_thread(server.take, made[:count])
        ada, bo, cy = [await leaving.enter_async_context(server.node(folder / name)) for name in ("ada", "bo", "cy")]
        rows, source = [], RecordSource.of_community(ada.community)
        progress(0.15, "from the coordinator")
        rows.append(await _timed("coordinator, cold", ada, source, count))
        await asyncio.to_thread(server.take, made[count:])
        rows.append(await _timed(f"coordinator, {NEW} new", ada, source, NEW))
        rows.append(await _timed("coordinator, nothing new", ada, source, 0))
        progress(0.4, "from a member's node")
        peer, stop = await answering(folder / "ada", ada, bo)
        leaving.push_async_callback(stop)
        rows.append(await _timed("a member's node, cold", bo, RecordSource.of_peer(peer), count + NEW))
        apart, lost = await _meet(draw, folder, (ada, bo, cy))
    floors = [
        Floor(f"sync: seconds for {count} records, cold", float(rows[0]["seconds"]), 6.0, at_least=False),
        Floor(f"sync: seconds for {NEW} new records", float(rows[1]["seconds"]), 0.5, at_least=False),
        Floor("sync: records that differ between three nodes after a partition", apart, 0, at_least=False),
        Floor("sync: records lost here when a peer's copy is gone", lost, 0, at_least=False),
    ]
    return rows, floors


async def _timed(method: str, node: SyncNode, source: RecordSource, expected: int) -> Row:
    before, began, busy = source.received, time.perf_counter(), time.process_time()
    pulled = await node.puller.pull(source, 0)
    taken, busy = time.perf_counter() - began, time.process_time() - busy
    if pulled.came != expected or pulled.refused:
        raise AssertionError(f"{method}: {pulled.came} of {expected} came, {len(pulled.refused)} were refused")
    return {
        "method": method,
        "records": expected,
        "seconds": taken,
        "cpu": busy,
        "mb": (source.received - before) / 1e6,
    }


async def _meet(draw: np.random.Generator, folder: Path, nodes: Sequence[SyncNode]) -> tuple[int, int]:
    """Let three nodes write apart, then pull from each other; return how many records differ, and how many went when a copy did."""
    own = [written(draw, [node.keys.agent], 50) for node in nodes]
    everyone = lambda _: True  # noqa: E731 -- they are members all
    for node, made in zip(nodes, own, strict=True):
        act = partial(admit, batch=made, is_author=everyone, own=node.keys.agent_public, limits=Quota())
        await node.database.write(act)
    for _ in range(2):
        for place, node in enumerate(nodes):
            other = nodes[(place + 1) % 3]
            await _from(folder, node, other)
    held = [{one for one, _ in await node.database.read(records.placed)} for node in nodes]
    apart = len(set.union(*held)) * 3 - sum(map(len, held))
    emptied = Database(folder / "emptied.db")
    before = len(held[0])
    await _from(folder, nodes[0], SyncNode(nodes[1].keys, emptied, nodes[1].community, nodes[1].puller))
    after = len(await nodes[0].database.read(records.placed))
    emptied.close()
    return apart, before - after


async def _from(folder: Path, node: SyncNode, other: SyncNode) -> None:
    peer, stop = await answering(folder, other, node)
    try:
        await node.community.refresh()
        await node.puller.pull(RecordSource.of_peer(peer), 0)
    finally:
        await stop()


def _paged(
    draw: np.random.Generator, authors: Sequence[Ed25519PrivateKey], notes: int, progress: Progress
) -> tuple[list[Row], list[Floor]]:
    with Processes() as house:
        place = config.Home(house.home("node"))
        place.root.mkdir()
        set_up(place, "reader")
        progress(0.5, f"{notes} notes are written")
        shelved = asyncio.run(_filled(place, draw, authors, notes, progress))
        progress(0.9, "pages are opened")
        one = house.start("node", "weal_node", "up", "--home", str(place.root), "--port", "0")
        link = house.wait(one, "its link", lambda: one.said(LINK), WAIT_S).group(0)
        with Person("reader", link) as reader:
            reader.wait("the agent is ready", lambda: True if reader.answers("/readyz") else None, WAIT_S)
            taken = []
            for number in range(PAGES):
                topic = number if number % 2 else int(draw.integers(100, TOPICS))
                began = time.perf_counter()
                page = reader.page(f"/topics/topic%20{topic}")
                taken.append(time.perf_counter() - began)
                if f"topic {topic}" not in page:  # its heading; in a small commons a rare topic has no note
                    raise AssertionError("a topic's page is empty")
        memory = dict(house.memory()).get("node", float("nan"))
    late = float(np.percentile(taken, 95))
    rows: list[Row] = [
        {
            "method": "shelf, made from nothing",
            "records": notes,
            "seconds": shelved,
            "cpu": float("nan"),
            "mb": float("nan"),
        },
        {"method": "a topic's page, p95", "records": notes, "seconds": late, "cpu": float("nan"), "mb": memory},
    ]
    return rows, [Floor(f"sync: p95 seconds of a topic's page, {notes} notes", late, 0.2, at_least=False)]


async def _filled(
    place: config.Home, draw: np.random.Generator, authors: Sequence[Ed25519PrivateKey], notes: int, progress: Progress
) -> float:
    """Keep notes, unsigned (no page asks for a signature that was checked before), and put them on the shelf; return the
    seconds that the latter took."""
    database = Database(place.database)
    keys = [author.public_key().public_bytes_raw().hex() for author in authors]
    rows = (
        Mirrored(
            draw.bytes(32).hex(), 0, "note", keys[n % len(keys)], draw.bytes(16).hex(), path, "public", n, text, b""
        )
        for n, (path, text) in enumerate(notes_of(draw, notes))
    )
    for start in range(0, notes, 5_000):
        await database.write(partial(records.add, rows=list(islice(rows, 5_000))))
        progress(0.5 + 0.2 * start / notes, f"{start} notes are written")
    progress(0.7, f"{notes} notes are put on the shelf")
    began = time.perf_counter()
    await shelve(database)
    taken = time.perf_counter() - began
    database.close()
    return taken
