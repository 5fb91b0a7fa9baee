"""Build: the whole index at once, while no node runs that would keep it up to date by itself."""

from weal_node.search import indexing
from weal_node.search.indexing import Progress
from weal_node.store import passages
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_node.worker import TorchWorker


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
