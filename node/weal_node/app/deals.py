"""What `weal deals` does on a home by itself, while no node runs there. The caller holds the lock; nothing is sent or asked."""

import asyncio
import contextlib
from typing import Any

from weal_node import keys as keyring
from weal_node.app.clock import now_ms
from weal_node.config import Home
from weal_node.deals.approvals import Approvals
from weal_node.deals.context import Context
from weal_node.deals.guests import GuestBook
from weal_node.deals.queries import Queries
from weal_node.federation import membership
from weal_node.mail.outbox import Outbox, Routes
from weal_node.outbound.community import Community
from weal_node.store.database import Database
from weal_node.web.api import deals_json


def deals_now(place: Home) -> dict[str, Any]:
    """Return every deal as /api/deals does, with the names that were known when the node last ran."""

    async def look() -> dict[str, Any]:
        community = Community.open(place.community, keys)
        try:
            await membership.recall(database, community)
            book = GuestBook(database)
            approvals = Approvals(now_ms, lambda: True)
            post = Outbox(database, keys, community, now_ms, approvals.check_on, Routes(guest=book.card))

            def name_of(key: bytes) -> str:
                return f"{guest.name} (guest)" if (guest := book.card(key)) else community.name_of(key)

            context = Context(database, keys, post, community, approvals, now_ms, name_of)
            return deals_json(True, await Queries(context).deals())
        finally:
            await community.close()

    if not (place.community / "membership.json").exists():
        return deals_json(False, ())
    keys = keyring.load(place.keys)
    with contextlib.closing(Database(place.database)) as database:
        return asyncio.run(look())
