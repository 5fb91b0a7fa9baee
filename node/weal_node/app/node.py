"""A running node: its parts, built once, and the work that goes on while it runs."""

import asyncio
import random
import time
from functools import partial

from weal_node import keys as keyring
from weal_node.config import Home, Settings
from weal_node.errors import RefusedError
from weal_node.loop import federate, publish
from weal_node.loop.bargain import Bargaining
from weal_node.loop.correspond import Correspondence
from weal_node.loop.judge import Mind
from weal_node.loop.starter import starter
from weal_node.loop.watch import Watch
from weal_node.outbound.community import Community
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_node.web.desk import Desk, Joined
from weal_node.web.login import Login
from weal_node.worker import TorchWorker

MIRROR_EVERY_S = 5.0
PUBLISH_EVERY_S = 2.0
ADOPT_EVERY_S = 15.0
OUTWARD = ("mail", "mirror", "publish", "releases")  # the work that sends or fetches; none of it while paused


def now_ms() -> int:
    """Return Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


class Node:
    """The parts of one home. The caller holds its lock. `start` returns at once; `desk.ready` says when it can judge."""

    def __init__(self, place: Home, settings: Settings) -> None:
        self.place = place
        self.settings = settings
        self.keys = keyring.load(place.keys)
        self.database = Database(place.database)
        self.vault = Vault(place.vault)
        self.worker = TorchWorker()
        self.watch = Watch()
        self.mind = Mind(self.database, self.worker, now_ms)
        self.desk = Desk(
            home=place,
            settings=settings,
            login=Login(place.sessions, place.control, now_ms),
            database=self.database,
            vault=self.vault,
            mind=self.mind,
            watch=self.watch,
            now_ms=now_ms,
            rng=random.Random(),  # noqa: S311  # which question to ask is no secret
            join=self.join,
            pause=self.pause,
            paused=place.paused.exists(),
        )
        self.correspondence: Correspondence | None = None

    def start(self) -> None:
        """Start everything that goes on in the background."""
        self.watch.start("reading", self._read)

    async def _read(self) -> None:
        """Let the mind learn from what is stored, give an empty node its first statements, then turn outwards."""
        await self.mind.start()
        if not self.mind.states():
            await self.mind.add_states(starter())
        self.desk.ready.set()
        if (self.place.community / "membership.json").exists() and self.desk.joined is None:
            self._enter(Community.open(self.place.community, self.keys))

    async def join(self, text: str) -> str:
        """Join the community of an invite and start to take part; RefusedError where the node is in one already."""
        if self.desk.joined is not None:
            raise RefusedError(f"this node is in {self.desk.joined.name} already", "One node, one community, for now")
        self.desk.check_not_paused()
        name = await join_community(self.place, self.settings, self.keys, self.database, text)
        self._enter(Community.open(self.place.community, self.keys))
        return name
