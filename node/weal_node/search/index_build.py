"""The whole index: built at once while no node runs, or kept up beside one that does."""

import asyncio

from weal_node.search import indexing
from weal_node.search.indexing import Progress
from weal_node.store import passages, records
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_node.worker import TorchWorker

EVERY_S = 5.0
BATCHES = 50  # of texts that are embedded before the vault is looked at again


async def build(
    database: Database, vault: Vault, own_key: str, worker: TorchWorker, again: bool, progress: Progress
) -> int:
    """Bring the index up to date, by words and by meaning; return how many passages it holds. again: throw it away first."""
    if again:
        await database.write(passages.forget_all)
    await indexing.by_words(database, vault, own_key, progress)
    await indexing.of_before(database, progress)
    await indexing.read_again(database)
    total, left = await database.read(passages.counts)
    waiting = left
    while embedded := await indexing.by_meaning(database, worker):
        left -= embedded
        progress(waiting - left, waiting)
    return total


async def keep_up(database: Database, vault: Vault, own_key: str, worker: TorchWorker) -> None:
    """Keep everything findable until cancelled: by words first, then, a few texts at a time, by meaning."""
    seen, known, tidied = -1, (-1, -1), False
    await indexing.read_again(database)
    while True:
        if (changes := vault.changes) != seen:
            await indexing.of_vault(database, vault)
            seen = changes
        if (standing := await database.read(records.standing)) != known:
            await indexing.of_records(database, own_key)
            known = standing
        await indexing.of_before(database)
        for _ in range(BATCHES):
            if not await indexing.by_meaning(database, worker):
                tidied = tidied or await indexing.drop_vectors_of_before(database) == 0
                await asyncio.sleep(EVERY_S)
                break
