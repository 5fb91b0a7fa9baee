"""A node in its community: the work that sends or fetches, each piece by its name in `weal doctor`."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from weal_node.app.clock import now_ms
from weal_node.app.peers import Peers
from weal_node.config import Settings
from weal_node.keys import Keys
from weal_node.loop import belong, publish
from weal_node.loop.adopt import adopt_latest
from weal_node.loop.bargain import Bargaining
from weal_node.loop.correspond import Correspondence, Handler
from weal_node.loop.federate import Federate
from weal_node.loop.judge import Mind
from weal_node.loop.mirror import Mirror, read
from weal_node.loop.watch import Work
from weal_node.outbound.community import Community
from weal_node.store.database import Database
from weal_node.vault.folder import Vault

MIRROR_EVERY_S = 3.0
PUBLISH_EVERY_S = 2.0
ADOPT_EVERY_S = 5.0
MEMBERS_EVERY_S = 20.0
DEAL_KINDS = ("invite", "decline", "reveal", "sign", "ratify", "cancel", "outcome")


@dataclass(frozen=True, slots=True)
class Outward:
    """The parts that face the community."""

    settings: Settings
    database: Database
    vault: Vault
    keys: Keys
    mind: Mind
    community: Community
    correspondence: Correspondence
    bargaining: Bargaining
    answering: Federate
    mirror: Mirror
    peers: Peers

    def work(self) -> dict[str, Work]:
        """Return each piece of work by name; none of them ends by itself."""
        deals: dict[str, Handler] = dict.fromkeys(DEAL_KINDS, self.bargaining.receive)
        handlers = deals | {"round": self.answering.receive}
        database, keys, community, mind = self.database, self.keys, self.community, self.mind
        return {
            "mail": lambda: self._mail(handlers),
            "members": _every(MEMBERS_EVERY_S, self._members),
            "mirror": _every(MIRROR_EVERY_S, self.mirror.pull),
            "commons": _every(MIRROR_EVERY_S, lambda: read(database, keys, mind)),
            "publish": _every(PUBLISH_EVERY_S, self._publish),
            "releases": _every(ADOPT_EVERY_S, lambda: adopt_latest(community, mind)),
        } | ({"peers": self.peers.run} if self.settings.peer_listen else {})

    async def _mail(self, handlers: dict[str, Handler]) -> None:
        await self.answering.resume()
        await self.correspondence.run(handlers)

    async def _members(self) -> None:
        """Hear who came and who left, and tell the community what the person chose to give."""
        await belong.meet(self.database, self.community)
        await belong.renew(self.database, self.keys, self.community, now_ms, self.peers.at)

    async def _publish(self) -> None:
        """Notice what other editors wrote, then send what is due."""
        await publish.notice(self.database, self.vault, self.settings, now_ms())
        await publish.send_due(self.database, self.vault, self.keys, self.community, now_ms())


def _every(seconds: float, act: Callable[[], Awaitable[object]]) -> Work:
    async def again_and_again() -> None:
        while True:
            await act()
            await asyncio.sleep(seconds)

    return again_and_again
