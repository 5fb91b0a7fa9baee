"""Bargains of two over real gRPC, TLS and the coordinator's real relay and notary, with people who answer at once; timed.

Coordinator and both nodes share this process and its one event loop, so that each waits for the others' work too.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from weal_coordinator import config, setup
from weal_coordinator import keys as coordinator_keys
from weal_coordinator.community import charter
from weal_coordinator.rpc.server import serve
from weal_coordinator.store import invites
from weal_coordinator.store.database import Database as CoordinatorDatabase
from weal_node import keys as keyring
from weal_node.app.clock import now_ms
from weal_node.app.outward import DEAL_KINDS
from weal_node.deals import acts
from weal_node.deals.approvals import Approvals
from weal_node.deals.context import Context
from weal_node.deals.deals import Deals
from weal_node.deals.stakes import ActionLimits
from weal_node.deals.views import DealView
from weal_node.keys import Keys
from weal_node.mail.outbox import Handler, Outbox
from weal_node.negotiation import space
from weal_node.outbound.community import Community
from weal_node.store import deals as stored
from weal_node.store.database import Database
from weal_protocol import cards
from weal_protocol.invite import Invite
from weal_simulations.town.town import Taste

PATIENCE_S = 900.0  # ends what would never end
MANY = ActionLimits(bits_peer=1e9, bits_week=1e9, hours_open=1e9, hours_stranger=1e9, deals_week=1_000_000)


class Heard(Outbox):
    """A correspondence that says when it has taken something."""

    came: asyncio.Event

    async def take(self, ciphertext: bytes, handlers: Mapping[str, Handler]) -> None:
        """Take a frame, then say so."""
        await super().take(ciphertext, handlers)
        self.came.set()


@dataclass
class GrpcSide:
    """A person at a node in a real community."""

    name: str
    keys: Keys
    community: Community
    database: Database
    letters: Heard
    agent: Deals

    async def when(self, deal: str, ready: Callable[[DealView], bool]) -> DealView:
        """Return the deal once it is so."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                self.letters.came.clear()
                view = await self.agent.deal(deal)
                if view is not None and ready(view):
                    return view
                await self.letters.came.wait()

    async def act(self, act: str, deal: str, *given: object) -> None:
        """Do something as on the page, once the page lets one."""
        await self.when(deal, lambda view: act in view.can)
        _, approvals = await self.agent.shown(deal)
        row = acts.named(act)
        await self.agent.act(row, deal, approvals[act], row.given(*given))


async def timed(folder: Path, deals: int) -> list[float]:
    """Make so many deals one after another; return the seconds of each, from the invitation until both hold it ratified."""
    place, settings = config.Home(folder / "community"), config.Settings(grpc_port=0)
    setup.found(place, "commons", settings)
    database = CoordinatorDatabase(config.database_url(place, settings))
    rules = charter.read(place.charter.read_text())
    server, port = await serve(place, settings, rules, database, setup.own_card(place, database), setup.now_ms)
    sides = [await _side(folder, place, database, port, name, worth) for name, worth in (("ann", 1.5), ("bob", 1.1))]
    running = [asyncio.create_task(one.letters.run(dict.fromkeys(DEAL_KINDS, one.agent.receive))) for one in sides]
    try:
        for one in sides:
            await one.community.refresh()
        return [await _bargain(*sides) for _ in range(deals)]
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for one in sides:
            await one.community.close()
            await asyncio.to_thread(one.database.close)
        await server.stop(0)
        database.close()


async def _bargain(first: GrpcSide, second: GrpcSide) -> float:
    deal, now = secrets.token_bytes(16), now_ms()
    of = space.swap((first.keys.agent_public, second.keys.agent_public), ("piano lessons", "bicycle repair"), ())
    body = space.write(of).SerializeToString()
    await first.database.write(
        lambda c: stored.draft(
            c,
            stored.NewDeal(
                deal, second.keys.agent_public, ("piano", "repair"), (), "", secrets.token_bytes(32), 0, body
            ),
            now,
        )
    )
    began = time.perf_counter()
    await first.act("enter", deal.hex())
    await asyncio.gather(_decide(first, deal.hex()), _decide(second, deal.hex(), "enter"))
    return time.perf_counter() - began


async def _decide(side: GrpcSide, deal: str, *before: str) -> None:
    """Do at once whatever the page asks, until the deal is in force."""
    for act in before:
        await side.act(act, deal)
    view = await side.when(deal, lambda view: "rank" in view.can)
    order = sorted((option.number for option in view.options), key=lambda n: -view.options[n - 1].gain)
    await side.act("rank", deal, order)
    await side.act("ratify", deal)
    await side.when(deal, lambda view: view.state == "ratified")


async def _side(
    folder: Path, place: config.Home, database: CoordinatorDatabase, port: int, name: str, worth: float
) -> GrpcSide:
    code, own = secrets.token_urlsafe(18), keyring.new()
    with database.write() as connection:
        invites.add(connection, [code], setup.now_ms())
    where, fingerprint = f"127.0.0.1:{port}", coordinator_keys.fingerprint(place).hex()
    invite = Invite("commons", where, where, fingerprint, coordinator_keys.load(place).agent_public.hex(), code)
    public = (own.agent_public, own.ratification_public, own.seal_public, own.fleet_public)
    card = cards.issue(cards.Member(*public, name, "none", now_ms()), own.agent)
    await Community.join(invite, own, card, folder / name)
    community, store = Community.open(folder / name, own), Database(folder / name / "node.db")
    approvals = Approvals(now_ms, lambda: False, MANY)
    letters = Heard(store, own, community, now_ms, approvals.check_on)
    letters.came = asyncio.Event()
    context = Context(store, own, letters, community, approvals, now_ms, community.name_of)
    agent = Deals(context, Taste(worth))
    return GrpcSide(name, own, community, store, letters, agent)
