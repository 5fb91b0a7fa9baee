"""What `weal search` and `weal index` do on a home by themselves, while no node runs there. The caller holds the lock."""

import asyncio
import contextlib
from typing import Any

from weal_node import keys
from weal_node.config import Home
from weal_node.search import indexing
from weal_node.search.indexing import Progress
from weal_node.search.service import Search
from weal_node.store import passages
from weal_node.store.database import Database
from weal_node.text.query import parse
from weal_node.vault.folder import Vault
from weal_node.web.search import as_json
from weal_node.worker import TorchWorker


def search_now(place: Home, text: str, limit: int, way: str, progress: Progress) -> dict[str, Any]:
    """Answer one question, as /api/search does; what changed since the node last ran is found by its words."""

    async def search() -> dict[str, Any]:
        await indexing.by_words(database, Vault(place.vault), own_key, progress)
        query = parse(text)
        return as_json(query, await Search(database, worker, dict).find(query, limit, way))

    own_key = keys.load(place.keys).agent_public.hex()
    with contextlib.closing(Database(place.database)) as database, contextlib.closing(TorchWorker()) as worker:
        return asyncio.run(search())


def index_now(place: Home, again: bool, progress: Progress) -> int:
    """Bring the index up to date, or make it anew; return how many passages it holds."""

    async def build() -> int:
        if again:
            await database.write(passages.forget_all)
        await indexing.by_words(database, Vault(place.vault), own_key, progress)
        await indexing.of_before(database, progress)
        total, left = await database.read(passages.counts)
        waiting = left
        while some := await indexing.by_meaning(database, worker):
            left -= some
            progress(waiting - left, waiting)
        return total

    own_key = keys.load(place.keys).agent_public.hex()
    with contextlib.closing(Database(place.database)) as database, contextlib.closing(TorchWorker()) as worker:
        return asyncio.run(build())
