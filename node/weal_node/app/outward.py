"""A node in its community: the work that sends or fetches, each piece by its name in `weal doctor`."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from weal_node.app.clock import now_ms
from weal_node.app.guests import open_to_guests
from weal_node.app.peers import Peers
from weal_node.commons import publishing
from weal_node.commons.replica import Mirror, read
from weal_node.config import Settings
from weal_node.deals import parting
from weal_node.deals.deals import Deals
from weal_node.deals.exchange_cycles import Chains
from weal_node.deals.guests import Visits
from weal_node.deals.warmup import Preparing
from weal_node.federation import membership
from weal_node.federation.participant import Participant
from weal_node.federation.readiness import report_answers
from weal_node.federation.reconciliation import compare
from weal_node.federation.releases import adopt_latest
from weal_node.keys import Keys
from weal_node.mail.outbox import Handler, Outbox
from weal_node.mind.mind import Mind
from weal_node.outbound.community import Community
from weal_node.outbound.direct import DirectConnections
from weal_node.store.database import Database
from weal_node.upkeep.supervisor import Work
from weal_node.vault.folder import Vault

MIRROR_EVERY_S = 3.0
PUBLISH_EVERY_S = 2.0
ADOPT_EVERY_S = 5.0
COMPARE_EVERY_S = 300.0
MEMBERS_EVERY_S = 20.0
CONCLUDE_EVERY_S = 10.0
PREPARE_EVERY_S = 2.0
CHAINS_EVERY_S = 1.0
CHAINS_SHARE = (
    0.25  # of the time that looking for deals may take, where many wish for much or the encoder is just loading
)
DEAL_KINDS = ("invite", "decline", "reveal", "offer", "accept", "sign", "ratify", "cancel", "receipt", "outcome")


@dataclass(frozen=True, slots=True)
class Outward:
    """The parts that face the community."""

    settings: Settings
    database: Database
    vault: Vault
    keys: Keys
    mind: Mind
    community: Community
    correspondence: Outbox
    bargaining: Deals
    answering: Participant
    mirror: Mirror
    peers: Peers
    direct: DirectConnections
    visits: Visits
    preparing: Preparing
    chains: Chains

    def work(self) -> dict[str, Work]:
        """Return each piece of work by name; none of them ends by itself."""
        handlers = answers(self.bargaining, self.answering)
        database, keys, community, mind = self.database, self.keys, self.community, self.mind
        return {
            "mail": lambda: self._mail(handlers),
            "ratifications": _every(CONCLUDE_EVERY_S, self.bargaining.conclude),
            "options": _every(PREPARE_EVERY_S, self.preparing.prepare),
            "chains": _every(CHAINS_EVERY_S, self.chains.plan, CHAINS_SHARE),
            "members": _every(MEMBERS_EVERY_S, self._members),
            "mirror": _every(MIRROR_EVERY_S, self.mirror.pull),
            "commons": _every(MIRROR_EVERY_S, lambda: read(database, keys, mind)),
            "publish": _every(PUBLISH_EVERY_S, self._publish),
            "releases": _every(ADOPT_EVERY_S, lambda: adopt_latest(community, mind, database, now_ms)),
            "ledgers": _every(COMPARE_EVERY_S, self._compare),
        } | self._doors()

    def _doors(self) -> dict[str, Work]:
        """Return what answers others by itself, where the settings say so."""
        doors: dict[str, Work] = {"peers": self.peers.run} if self.settings.peer_listen else {}
        if self.settings.a2a_listen:
            doors["guests"] = lambda: open_to_guests(self.settings, self.visits)
        return doors

    async def _mail(self, handlers: dict[str, Handler]) -> None:
        await self.answering.resume()
        await self.correspondence.run(handlers)

    async def _members(self) -> None:
        """Hear who came and who left, and tell the community what the person chose to give."""
        await membership.meet(self.database, self.community, partial(parting.part, own=self.keys.agent_public), now_ms)
        await membership.renew(self.database, self.keys, self.community, now_ms, self.peers.at)

    async def _compare(self) -> None:
        """Hold the coordinator's ledger against our own, and say when there are answers enough for a round."""
        comparison = await compare(self.database, self.community, now_ms)
        await report_answers(self.database, self.community, comparison.last_round, now_ms)

    async def _publish(self) -> None:
        """Send what is due; attend.py has seen what other editors wrote."""
        await publishing.send_due(self.database, self.vault, self.keys, self.community, now_ms())


def answers(bargaining: Deals, answering: Participant) -> dict[str, Handler]:
    """Return who takes which kind of letter, whichever way it came."""
    deals: dict[str, Handler] = dict.fromkeys(DEAL_KINDS, bargaining.receive)
    return deals | {"round": answering.receive}


def _every(seconds: float, act: Callable[[], Awaitable[object]], share: float = 1.0) -> Work:
    """Return work that goes on for ever, with a pause of so many seconds, longer where it would take more than this share of the time."""

    async def again_and_again() -> None:
        while True:
            began = asyncio.get_running_loop().time()
            await act()
            took = asyncio.get_running_loop().time() - began
            await asyncio.sleep(max(seconds, took * (1 / share - 1)))

    return again_and_again
