"""A whole node behind its door, furnished with something of everything, whose community answers and takes whatever is sent."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest
from schemathesis import Case

from support.minds import Embedder
from weal_node import keys
from weal_node.app import node as parts
from weal_node.app.serve import page_of
from weal_node.app.setup import set_up
from weal_node.commons.admission import Quota, admit
from weal_node.commons.contributions import BuildOn
from weal_node.config import Home, Settings
from weal_node.deals.approvals import Approvals
from weal_node.deals.context import Context
from weal_node.deals.deals import Deals
from weal_node.deals.stakes import ActionLimits
from weal_node.errors import NoMemberError
from weal_node.features.weights import ENCODER_SHA256
from weal_node.mail.outbox import Outbox
from weal_node.mind.seed_statements import starter, starter_embeddings
from weal_node.negotiation import space
from weal_node.negotiation.space import HOURS, WHEN, Issue, OptionSpace
from weal_node.outbound.membership import Membership
from weal_node.store import deals, embeddings
from weal_node.web.desk import Joined
from weal_node.web.door.guard import Guard
from weal_protocol import record
from weal_protocol.cards import Member
from weal_simulations.town.relay import TownLine, TownRelay
from weal_simulations.town.town import Taste

BUDGET_S = 60.0  # the test's own failsafe: what hangs is said as such
PORT = 8650
DEALS = (b"d" * 16, b"e" * 16)


class Town(TownLine):
    """Stands for the community: its services answer, and take whatever is sent."""

    def __init__(self, wire: TownRelay, own: bytes) -> None:
        super().__init__(wire, own)
        self.wire = wire
        self.id = b"c" * 32
        self.name = "commons"
        self.membership = Membership("c" * 64, "commons", "", "", "", "", "")

    def members(self) -> list[Member]:
        return list(self.wire.members.values())

    async def member(self, agent_key: bytes) -> Member:
        if agent_key not in self.wire.members:
            raise NoMemberError("this key belongs to no member")
        return self.wire.members[agent_key]

    def expelled(self) -> tuple[()]:
        return ()

    def is_member(self, key: bytes) -> bool:
        return key in self.wire.members

    def name_of(self, key: bytes) -> str:
        return self.wire.members[key].name if key in self.wire.members else key.hex()[:8]

    async def close(self) -> None:
        """Nothing is open."""

    async def release(self) -> None:
        """There is none yet."""

    async def refresh(self) -> None:
        """Nothing is new."""

    async def publish(self, given: list[record.Record]) -> int:
        return len(given)


@dataclass
class House:
    """A whole node behind its door, alone or in a community, and the loop in which it lives."""

    loop: asyncio.AbstractEventLoop
    node: parts.Node
    page: Guard
    joined: Joined
    known: list[str]

    async def send(
        self, case: "Case[Any]", path: str, raw: bytes | None, kind: str | None, alone: bool
    ) -> httpx.Response:
        desk = self.node.desk
        desk.joined = None if alone else self.joined
        session = desk.login.use_link(desk.login.new_link()) or ""
        headers = {"origin": self.page.home, "x-csrf": desk.login.csrf_of(session) or ""}
        headers["cookie"] = f"{self.page.cookie}={session}"
        if path.startswith("/cli/"):
            headers = {"authorization": f"Bearer {self.node.place.control.read_text()}"}
        sent = case.as_transport_kwargs(base_url=self.page.home)
        given: dict[str, Any] = {name: sent[name] for name in ("params", "data", "json") if name in sent}
        if isinstance(given.get("data"), bytes | str):  # as it stands, not as fields
            given["content"] = given.pop("data")
        headers |= {name: value for name, value in sent["headers"].items() if name.lower() == "content-type"}
        if raw is not None:
            given = {"params": given.get("params"), "content": raw}
        if kind is not None:
            headers["content-type"] = kind
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.page), base_url=self.page.home) as client:
            url = str(sent["url"])
            return await asyncio.wait_for(client.request(sent["method"], url, headers=headers, **given), BUDGET_S)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    loop = asyncio.new_event_loop()
    patch = pytest.MonkeyPatch()
    patch.setattr(parts, "TorchWorker", Embedder)
    place = Home(tmp_path_factory.mktemp("node") / "home")
    place.root.mkdir()
    set_up(place, "ada")
    made = loop.run_until_complete(furnished(place))
    yield House(loop, *made)
    loop.run_until_complete(made[0].close())
    loop.close()
    patch.undo()


async def furnished(place: Home) -> tuple[parts.Node, Guard, Joined, list[str]]:
    """A node with notes, answers, a past, another member's notes, and two deals."""
    node = parts.Node(place, Settings(label_wait_s=60, publish_delay_s=600))
    await node.mind.start()
    vectors = starter_embeddings()
    await node.database.write(lambda connection: embeddings.add(connection, ENCODER_SHA256, vectors.items()))
    await node.mind.add_items(starter())
    node.desk.ready.set()

    async def stays() -> str:
        return "commons"

    node.desk.leave = stays
    (place.vault / "Trees.md").write_text("---\nvisibility: public\ntags: [oak]\n---\n# Trees\n\nOaks last. [[Elms]]\n")
    (place.vault / "garden").mkdir()
    (place.vault / "garden" / "Broken.md").write_text("---\ncreated: {{date}}\n---\nText\n")
    (place.vault / "sea.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    wire, own, other = TownRelay(), node.keys, keys.new()
    for name, one in (("Ada", own), ("Bo", other)):
        wire.members[one.agent_public] = Member(
            one.agent_public, one.ratification_public, one.seal_public, b"", name, "light", 1
        )
    town: Any = Town(wire, own.agent_public)
    approvals = Approvals(lambda: wire.now, lambda: False, ActionLimits())
    letters = Outbox(node.database, own, town, lambda: wire.now, approvals.check_on)
    context = Context(node.database, own, letters, town, approvals, lambda: wire.now, town.name_of)
    agent = Deals(context, Taste(1.5))
    building = BuildOn(node.database, node.vault, node.settings, own, town, node.desk.now_ms)
    issues = (Issue("garden", HOURS, 0), Issue("piano", HOURS, 1), Issue("when", WHEN, None))
    of = space.write(
        OptionSpace((own.agent_public, other.agent_public), "garden for piano", issues)
    ).SerializeToString()
    for deal in DEALS:
        drafted = partial(
            deals.draft,
            new=deals.NewDeal(deal, other.agent_public, ("help", "help"), (), "a test", own.agent_public, space=of),
            now_ms=wire.now,
        )  # fmt: skip
        await node.database.write(drafted)
    theirs = record.make(
        "note", b"# Elms\n\nElms do not.\n", author=other.agent, salt=b"s" * 16, written_ms=1, note=b"n" * 16,
        path="Elms.md", licence="CC-BY-4.0",
    )  # fmt: skip
    batch = partial(admit, batch=(theirs,), is_author=lambda _: True, own=own.agent_public, limits=Quota())
    await node.database.write(batch)
    joined = Joined("commons", own.agent_public.hex(), town, agent, building)
    notes, _ = node.vault.read_all()
    known = [note.id for note in notes] + [deal.hex() for deal in DEALS] + [state.id for state in node.mind.items()[:3]]
    known += [
        other.agent_public.hex(),
        own.agent_public.hex(),
        theirs.id,
        theirs.note.hex(),
        "Trees",
        "oak",
        "garden",
    ]
    return node, page_of(node, PORT), joined, known
