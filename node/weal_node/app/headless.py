"""A home in which no node runs, for one command. The caller holds its lock; nothing goes on in the background."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from weal_node import config
from weal_node import keys as keyring
from weal_node.app.clock import now_ms
from weal_node.commands import table
from weal_node.commands.home import HomeServices
from weal_node.commons import review
from weal_node.config import Home, Settings
from weal_node.deals.approvals import Approvals
from weal_node.deals.context import Context
from weal_node.deals.guests import GuestBook
from weal_node.deals.queries import Queries
from weal_node.deals.views import DealView
from weal_node.federation import membership
from weal_node.federation.membership import JoiningNode, JoinRequest
from weal_node.mail.outbox import Outbox, Routes
from weal_node.mind.mind import Mind
from weal_node.mind.seed_statements import starter
from weal_node.outbound.community import Community
from weal_node.rereading.rereading import Rereading
from weal_node.search import index_build, indexing
from weal_node.search.indexing import Progress
from weal_node.search.service import Search
from weal_node.store.database import Database
from weal_node.today.interruption import hours
from weal_node.vault import history
from weal_node.vault.folder import Vault
from weal_node.worker import TorchWorker


def perform(
    place: Home,
    name: str,
    given: Mapping[str, Any],
    settings: Settings | None = None,
    progress: Progress = indexing.nothing,
) -> dict[str, Any]:
    """Do a command of `commands.table` in this home; return its answer.

    settings: else what weal.toml says.  progress: told while what is new is read before a search."""
    with _opened(place, settings, progress) as closed:
        return asyncio.run(table.perform(closed.services(), name, given))


def index(place: Home, again: bool, progress: Progress) -> int:
    """Bring the search index up to date, or make it anew; return how many passages it holds."""
    with _opened(place, None, progress) as closed:
        parts = (closed.database, Vault(place.vault), closed.own_key(), closed.worker)
        return asyncio.run(index_build.build(*parts, again, progress))


@contextlib.contextmanager
def _opened(place: Home, settings: Settings | None, progress: Progress) -> "Iterator[_ClosedHome]":
    with contextlib.closing(Database(place.database)) as database, contextlib.closing(TorchWorker()) as worker:
        yield _ClosedHome(place, settings, database, worker, progress)


class _ClosedHome:
    """What each part of `HomeServices` is where no node runs."""

    def __init__(
        self, place: Home, settings: Settings | None, database: Database, worker: TorchWorker, progress: Progress
    ) -> None:
        self.place, self._settings = place, settings
        self.database, self.worker = database, worker
        self.vault = Vault(place.vault, database.read_now(review.rules))
        self._progress = progress
        self.rereading = Rereading(database, self.vault, worker, now_ms, progress)

    def services(self) -> HomeServices:
        """Return this home as commands see it."""
        return HomeServices(
            place=self.place,
            database=self.database,
            vault=self.vault,
            now_ms=now_ms,
            alone=membership.alone(self.place),
            settings=self.settings,
            own_key=self.own_key,
            quiet=lambda: hours(self.settings().quiet_hours),
            mind=self.mind,
            search=self.search,
            rereading=self.rereading,
            deals=self.deals,
            join=self.join,
            leave=self.leave,
            recover=partial(history.recover, self.place.vault),
        )

    def settings(self) -> Settings:
        return self._settings or config.read(self.place)

    def own_key(self) -> str:
        return keyring.load(self.place.keys).agent_public.hex()

    async def mind(self) -> Mind:
        mind = Mind(self.database, self.worker, now_ms)
        await mind.start()
        await mind.read_on()
        if not mind.items():
            await mind.add_items(starter())
        return mind

    async def search(self) -> Search:
        """What changed since the node last ran is found by its words."""
        await indexing.by_words(self.database, self.vault, self.own_key(), self._progress)
        return Search(self.database, self.worker, dict)

    async def join(self, wish: JoinRequest) -> str:
        keys = keyring.load(self.place.keys)
        node = JoiningNode(self.place, self.settings(), keys, self.database, self.vault)
        return await membership.join(node, wish, now_ms)

    async def leave(self) -> str:
        community = Community.open(self.place.community, keyring.load(self.place.keys))
        try:
            await membership.leave(self.place, self.database, community, now_ms())
            return community.name
        finally:
            await community.close()

    async def deals(self) -> Sequence[DealView] | None:
        """With the names that were known when the node last ran; nothing is sent or asked."""
        if membership.alone(self.place):
            return None
        keys = keyring.load(self.place.keys)
        community = Community.open(self.place.community, keys)
        try:
            await membership.recall(self.database, community)
            book = GuestBook(self.database)
            approvals = Approvals(now_ms, lambda: True)
            outbox = Outbox(self.database, keys, community, now_ms, approvals.check_on, Routes(guest=book.card))

            def name_of(key: bytes) -> str:
                return f"{guest.name} (guest)" if (guest := book.card(key)) else community.name_of(key)

            context = Context(self.database, keys, outbox, community, approvals, now_ms, name_of)
            return await Queries(context).deals()
        finally:
            await community.close()
