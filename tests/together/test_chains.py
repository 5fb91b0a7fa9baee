"""A real server and five nodes: a veto of one chain is heard by everyone who plans, and each finds the next one, as the coordinator does."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any

import pytest

from weal_coordinator import setup, status
from weal_node.commons.reconcile import Puller
from weal_node.commons.replica import Mirror
from weal_node.deals.approvals import Approvals
from weal_node.deals.context import Context
from weal_node.deals.deals import Deals
from weal_node.deals.entry import DECLINE
from weal_node.deals.exchange_cycles import Chains
from weal_node.deals.person_act import Reason
from weal_node.deals.views import DealView
from weal_node.store import disclosures
from weal_protocol import record
from weal_simulations.town.town import Taste

pytestmark = pytest.mark.together

NOTES = {  # ann, bob and cyd could help each other all round, and so could cyd, dan and eve
    "ann": [("bread", "piano lessons")],
    "bob": [("piano lessons", "bicycle repair")],
    "cyd": [("bicycle repair", "bread"), ("", "garden work")],
    "dan": [("garden work", "songs")],
    "eve": [("songs", ""), ("", "bicycle repair")],
}


@dataclass
class Planner:
    """One member's node, as far as it plans chains."""

    who: Any
    bargaining: Deals
    chains: Chains
    mirror: Mirror

    async def plan(self) -> None:
        """What the node does by itself every second or so."""
        await self.mirror.pull()
        await self.chains.plan()

    async def drafted(self) -> list[DealView]:
        return [view for view in await self.bargaining.deals() if len(view.about.parties) == 3]

    async def decline(self, deal: str) -> None:
        _, approvals = await self.bargaining.shown(deal)
        await self.bargaining.act(DECLINE, deal, approvals["decline"], Reason())


async def planner(community: Any, name: str) -> Planner:
    who = await community.person(name)
    await who.community.refresh()
    approvals, name_of = Approvals(setup.now_ms, lambda: False), who.community.name_of
    context = Context(who.database, who.keys, who.letters, who.community, approvals, setup.now_ms, name_of)
    bargaining = Deals(context, Taste(1.0))
    chains = Chains(context, who.community, bargaining.look_again)
    mirror = Mirror(who.database, who.keys, who.community, Puller(who.database, who.community, who.key), setup.now_ms)
    made = []
    for number, (need, offer) in enumerate(NOTES[name]):
        body = f"---\nneeds: [{need}]\noffers: [{offer}]\n---\n# Wishes\n".encode()
        note = hashlib.sha256(f"{name}{number}".encode()).digest()[:16]
        made.append(
            record.make("note", body, author=who.keys.agent, salt=bytes(16), written_ms=1, note=note, path="w.md")
        )
    await who.community.publish(made)
    return Planner(who, bargaining, chains, mirror)


async def proposed(community: Any) -> list[tuple[str, bool]]:
    return [(one.id.hex(), one.stands) for one in await asyncio.to_thread(status.chains, community.place)]


async def test_whoever_a_veto_concerns_plans_again_members_of_the_chain_or_not(community: Any) -> None:
    town = [await planner(community, name) for name in NOTES]
    cyd = town[2]
    for one in town:
        await one.who.community.refresh()
        await one.plan()
    (first,) = await cyd.drafted()
    for one in town:
        found = await one.drafted()
        assert [view.id for view in found] == ([first.id] if one.who.key.hex() in first.about.parties else [])
    assert await proposed(community) == [(first.id, False)]  # the coordinator's plan is the nodes'

    await cyd.decline(first.id)  # a draft: nobody was invited, and nobody else's node was told
    for one in (cyd, *town):
        await one.plan()
    (second,) = await cyd.drafted()
    assert set(first.about.parties) | set(second.about.parties) == {one.who.key.hex() for one in town}
    for one in town:
        found = await one.drafted()
        assert [view.id for view in found] == ([second.id] if one.who.key.hex() in second.about.parties else [])
        left = await one.bargaining.deal(first.id)
        assert left is None or (left.state, left.can) == ("declined", frozenset())
    assert await proposed(community) == [(second.id, False)]

    (entry,) = [e for e in await cyd.who.database.read(disclosures.all_of) if e.what.startswith("answer")]
    assert entry.payload == f"{first.id} no".encode()
    await cyd.decline(second.id)
    for one in (cyd, *town):
        await one.plan()
        assert await one.drafted() == []
    assert await proposed(community) == []
