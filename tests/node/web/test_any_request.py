"""Any request to any address of the page is answered within its budget, and never with a fault of the server's.

Paths come from the table of routes and fields from the source of the pages themselves, so that a new page is tried without a word here;
values are those that pages know, and what people and programs send by mistake or on purpose. Schemathesis makes the requests. A run has
WEAL_FUZZ requests an address, 3 unless that says otherwise; before a release 300."""

import asyncio
import inspect
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from weal_node import keys as keyring
from weal_node.app import node as parts
from weal_node.app.serve import page_of
from weal_node.app.setup import set_up
from weal_node.config import Home, Settings
from weal_node.errors import NoMemberError
from weal_node.features.weights import ENCODER_SHA256
from weal_node.gate.stakes import Limits
from weal_node.loop.admit import Quota, admit
from weal_node.loop.bargain import Bargaining
from weal_node.loop.build_on import BuildOn
from weal_node.loop.correspond import Correspondence
from weal_node.loop.oversight import Oversight
from weal_node.loop.starter import starter, starter_embeddings
from weal_node.negotiation import space
from weal_node.negotiation.space import HOURS, WHEN, Issue, Space
from weal_node.store import deals, embeddings
from weal_node.web.desk import Joined
from weal_node.web.guard import Guard
from weal_node.web.routes import TABLE
from weal_node.worker import TorchWorker
from weal_protocol import record
from weal_protocol.cards import Member
from weal_simulations.wire import Line, Taste, Wire

pytestmark = pytest.mark.slow
EXAMPLES = int(os.environ.get("WEAL_FUZZ", "3"))  # requests an address
BUDGET_S = 60.0  # the test's own failsafe: what hangs is said as such
PORT = 8650
DEALS = (b"d" * 16, b"e" * 16)
ODD = (
    "", " ", "0", "-1", "1", "-0", "1e999", "nan", "inf", "0x10", "١٢", "²", "9" * 19, "-" + "9" * 30, "9" * 5_000, "1.5", "1_000",
    "\x00", "a\x00b", "\r\n", "\u2028", "\ufeff", "\ufffd", "..", "../../etc/passwd", ".git/config", "a/../../b", "CON", "a" * 300, "ä" * 300,
    "é", "e\u0301", "\U0001f600", "<script>", "{{x}}", "%00", "%ff", "'; --", "2026-02-30", "9999-12-31", "0000-00-00", "25:61", "24:00-24:00",
    "tag:", "since:9999999999", "since:0", "until:x", "in:", "is:", "author:", '"', "*", "NEAR(", "---\na: [", "on", "yes", "no", "null", "[]",
    "weal1.", "weal1.AAAA", "public", "private", "community", "accept", "reject", "first", "second", "more", "less", "pin", "CC-BY-4.0",
    "factors", "light", "local", "label-private", "none", "http://[", "//evil.example", "javascript:1", "all", "look", "start", "stop", "take",
)  # fmt: skip


class Embedder(TorchWorker):
    """Gives every text a direction of its own: loading the true encoder takes seconds."""

    async def embed(self, texts: Sequence[str]) -> Any:
        rows = [np.random.default_rng(sum(text.encode(errors="replace"))).normal(size=384) for text in texts]
        made = np.array(rows, np.float32).reshape(len(texts), 384)
        return made / np.linalg.norm(made, axis=1, keepdims=True)


class Town(Line):
    """Stands for the community: its services answer, and take whatever is sent."""

    def __init__(self, wire: Wire, own: bytes) -> None:
        super().__init__(wire, own)
        self.wire = wire
        self.id = b"c" * 32
        self.name = "commons"
        self.membership = SimpleNamespace(rounds=None)

    def members(self) -> list[Member]:
        return list(self.wire.members.values())

    async def member(self, agent_key: bytes) -> Member:
        if agent_key not in self.wire.members:
            raise NoMemberError("this key belongs to no member")
        return self.wire.members[agent_key]

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


def at(path: str) -> str:
    """A path of the table as OpenAPI writes it."""
    return re.sub(r":path}", "}", path)


def fields(handler: Any) -> list[str]:
    """The names of fields that a page's module asks for, in forms, addresses or JSON."""
    module = inspect.getmodule(inspect.unwrap(handler))
    assert module is not None
    source = inspect.getsource(module)
    return sorted(set(re.findall(r"""(?:get\(|\[|, )"([a-z_]{1,12})"(?=[\],)])""", source)))


def schema(known: Sequence[str]) -> Any:
    """An OpenAPI document of the table."""
    value = {"anyOf": [{"enum": [*known]}, {"enum": [*ODD]}, {"type": "string", "maxLength": 40}]}
    anything = {"anyOf": [value, {"type": ["number", "null", "boolean", "array", "object", "integer"]}]}
    paths: dict[str, Any] = {}
    for method, path, handler in TABLE:
        names = [name for name in fields(handler) if name != "place"]
        place = {"place": {"enum": ["", "nowhere", "\x00", "a" * 5_000, "~nobody/x"]}}
        form = {"type": "object", "properties": dict.fromkeys(names, value) | place, "additionalProperties": False}
        within = re.findall(r"{(\w+)", path)
        said: dict[str, Any] = {
            "parameters": [{"name": name, "in": "path", "required": True, "schema": value} for name in within],
            "responses": {"default": {"description": "anything but a fault"}},
        }
        if method == "GET":
            said["parameters"] += [{"name": name, "in": "query", "schema": value} for name in names]
        else:
            kind = "application/json" if path.startswith("/cli/") else "application/x-www-form-urlencoded"
            body = {**form, "properties": dict.fromkeys(names, anything) | place} if "json" in kind else form
            said["requestBody"] = {"content": {kind: {"schema": body}}, "required": True}
        paths.setdefault(at(path), {})[method.lower()] = said
    return schemathesis.openapi.from_dict(
        {"openapi": "3.1.0", "info": {"title": "Weal", "version": "1"}, "paths": paths}
    )


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
    await node.mind.add_states(starter())
    node.desk.ready.set()

    async def stays() -> str:
        return "commons"

    node.desk.leave = stays
    (place.vault / "Trees.md").write_text("---\nvisibility: public\ntags: [oak]\n---\n# Trees\n\nOaks last. [[Elms]]\n")
    (place.vault / "garden").mkdir()
    (place.vault / "garden" / "Broken.md").write_text("---\ncreated: {{date}}\n---\nText\n")
    (place.vault / "sea.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    wire, own, other = Wire(), node.keys, keyring.new()
    for name, one in (("Ada", own), ("Bo", other)):
        wire.members[one.agent_public] = Member(
            one.agent_public, one.ratification_public, one.seal_public, b"", name, "light", 1
        )
    town: Any = Town(wire, own.agent_public)
    oversight = Oversight(lambda: wire.now, lambda: False, Limits())
    letters = Correspondence(node.database, own, town, lambda: wire.now, oversight.check_on)
    agent = Bargaining(node.database, own, Taste(1.5), letters, lambda: wire.now, town.name_of, oversight)
    building = BuildOn(node.database, node.vault, node.settings, own, town, node.desk.now_ms)
    issues = (Issue("garden", HOURS, 0), Issue("piano", HOURS, 1), Issue("when", WHEN, None))
    of = space.write(Space((own.agent_public, other.agent_public), "garden for piano", issues)).SerializeToString()
    for deal in DEALS:
        drafted = partial(
            deals.draft, deal=deal, other=other.agent_public, gifts=("help", "help"), sources=(), why="a test",
            secret=own.agent_public, now_ms=wire.now, party=0, space=of,
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
    known = (
        [note.id for note in notes] + [deal.hex() for deal in DEALS] + [state.id for state in node.mind.states()[:3]]
    )
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


LABELS = [f"{method} {path}" for method, path, _ in TABLE]
KINDS = (
    None,
    None,
    None,
    "application/json",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "text/plain; charset=nonsense",
    "",
)
RAW = st.one_of(
    st.none(), st.none(), st.none(), st.binary(max_size=60),
    st.sampled_from([
        b"a=%ff&a=%00&%=%&&==", b"id=1&id=2&id=3", b"&" * 2_000, b'{"id": 1e999}', b'{"id": "\\ud800", "tier": "\\ud800", "note": "\\ud800"}',
        b"[" * 50_000, b'{"id": NaN}', b"\xff\xfe{}", b'{"id": ' + b"9" * 5_000 + b"}", b"null", b"[]", b'"a"',
    ]),
)  # fmt: skip


@pytest.mark.parametrize("label", LABELS)
def test_no_request_is_answered_with_a_fault_of_the_servers(house: House, label: str) -> None:
    method, path = label.split(" ", 1)
    operation = schema(house.known)[at(path)][method]
    right, wrong = (
        operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    )

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(right, right, wrong), RAW, st.sampled_from(KINDS), st.booleans())
    def tried(case: "Case[Any]", raw: bytes | None, kind: str | None, alone: bool) -> None:
        if method == "GET":
            raw = kind = None
        answer = house.loop.run_until_complete(house.send(case, path, raw, kind, alone))
        assert answer.status_code < 500, (answer.status_code, answer.text[:2_000])
        assert "Traceback" not in answer.text

    tried()


@settings(
    max_examples=EXAMPLES * 20,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    st.binary(max_size=40),
    st.sampled_from(["", *sorted({path.split("{")[0] for _, path, _ in TABLE})]),
    st.sampled_from(["GET", "POST", "HEAD", "PUT", "X"]),
)
def test_no_path_of_any_bytes_is_a_fault_of_the_servers(house: House, tail: bytes, head: str, method: str) -> None:
    case_path = (head or "/") + quote(tail)

    async def asked() -> int:
        desk = house.node.desk
        session = desk.login.use_link(desk.login.new_link()) or ""
        headers = {
            "origin": house.page.home,
            "x-csrf": desk.login.csrf_of(session) or "",
            "cookie": f"{house.page.cookie}={session}",
        }
        async with httpx.AsyncClient(transport=httpx.ASGITransport(house.page), base_url=house.page.home) as client:
            answer = await asyncio.wait_for(client.request(method, case_path, headers=headers), BUDGET_S)
            return answer.status_code

    assert house.loop.run_until_complete(asked()) < 500
