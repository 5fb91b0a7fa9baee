"""Whatever a guest's program sends, the facade answers it in its own words: never with a fault of the server's, and under its own names alone.

A run has WEAL_FUZZ times 40 requests, 6 times unless that says otherwise."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from weal_node.a2a.hosts import Hosts, named
from weal_node.a2a.server import Facade
from weal_node.deals.guests import Visits, admit
from weal_simulations.town.relay import NOW, TownRelay
from weal_simulations.town.town import Taste, TownSeat

PORT = 8670
HOME = f"http://127.0.0.1:{PORT}"
EXAMPLES = 40 * int(os.environ.get("WEAL_FUZZ", "6"))
BUDGET_S = 60.0  # the test's own failsafe
KEYS = {"agent_key": "aa" * 32, "ratification_key": "bb" * 32}
ISSUES = [{"name": "garden", "values": ["0", "1"], "giver": "guest"}, {"name": "when", "values": ["now", "later"]}]

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None, True, 0, -1, 2**31, 2**63, 2**64, 10**400, 1.5, 1e308, float("nan"), float("inf"), "", "\ud800", "\x00", "ab" * 16, "AB" * 32, " ab" * 16,
        "x" * 70_000, [], {}, [[]], {"a": {}}, "٣", "é" * 32, {"ein": "\ud800"}, ["\ud800"], {"__class__": 1}, 1e999, -0.0, "=" * 8, "AAAA",
    ]
)  # fmt: skip
ANY = st.recursive(ODD | st.text(max_size=8) | st.integers() | st.floats(), lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(max_size=8), of, max_size=3), max_leaves=6)  # fmt: skip


@dataclass
class House:
    """A facade in this process, a guest's token, and the loop in which it lives."""

    loop: asyncio.AbstractEventLoop
    app: Any
    token: str
    task: str = ""

    def send(self, body: bytes, path: str = "/a2a", method: str = "POST", **headers: str) -> httpx.Response:
        async def sent() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=HOME) as client:
                shown = {"authorization": f"Bearer {self.token}"} | headers
                return await asyncio.wait_for(client.request(method, path, content=body, headers=shown), BUDGET_S)

        return self.loop.run_until_complete(sent())

    def call(self, method: object, params: object, number: object = 1) -> httpx.Response:
        call = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        return self.send(json.dumps(call).encode())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    seat = TownSeat("ada", tmp_path / "ada.db", TownRelay(), Taste(1.5))
    assert seat.database
    visits = Visits(seat.agent, seat.book, lambda key: False)
    token = admit(seat.database, "Zoe", NOW)
    loop = asyncio.new_event_loop()
    made = House(loop, Hosts(Facade(visits, "Ada", HOME).app(), named(PORT, "")), token)
    data = {"weal": "invite", **KEYS, "subject": "garden", "issues": ISSUES}
    invited = made.call("SendMessage", {"message": {"parts": [{"data": data}]}})
    made.task = invited.json()["result"]["task"]["id"]
    yield made
    seat.close()
    loop.close()


def changed(draw: st.DrawFn, value: Any) -> Any:
    """The same, with some of its parts anything at all, missing, or twice."""
    if draw(st.integers(0, 5)) == 0:
        return draw(ANY)
    if isinstance(value, dict):
        kept = {name: changed(draw, one) for name, one in value.items() if draw(st.integers(0, 12))}
        return kept | (
            draw(st.dictionaries(st.text(max_size=5), ANY, max_size=1)) if not draw(st.integers(0, 4)) else {}
        )
    if isinstance(value, list):
        return [changed(draw, one) for one in value] * draw(st.sampled_from([1, 1, 1, 2]))
    return value


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, Any]:
    """A request that is nearly right. TASK stands for the guest's own deal."""
    message: dict[str, Any] = {"messageId": "m", "role": "ROLE_USER"}
    said = draw(
        st.sampled_from(
            [
                {"weal": "invite", **KEYS, "subject": "garden", "issues": ISSUES},
                {"weal": "offer", "option": [0, 1]},
                {"weal": "accept"},
                {"weal": "decline"},
                {"weal": "ratify", "ratified_ms": NOW, "signature": "AAAA", "agent_signature": "AAAA"},
                {"weal": "receipt", "at_ms": NOW, "signature": "AAAA"},
                {"weal": "dispute", "reason": "x", "at_ms": NOW, "signature": "AAAA"},
                {"weal": "outcome", "satisfied": True},
            ]
        )
    )
    message["parts"] = [{"data": said}]
    place: dict[str, Any] = draw(
        st.sampled_from([{}, {"taskId": "TASK"}, {"contextId": "TASK", "referenceTaskIds": ["TASK"]}])
    )
    params = draw(st.sampled_from([{"message": message | place}, {"id": "TASK"}, {}]))
    method = draw(
        st.sampled_from(
            ["SendMessage", "SendMessage", "SendMessage", "GetTask", "ListTasks", "CancelTask", "message/send"]
        )
    )
    return method, changed(draw, {"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


def lawful(answer: httpx.Response, sent: object = "") -> None:
    """An answer in JSON that says what it is."""
    assert answer.status_code < 500, (answer.status_code, answer.text[:500], str(sent)[:500])
    assert "Traceback" not in answer.text
    said = json.loads(answer.text, parse_constant=lambda what: pytest.fail(f"{what} is no JSON"))
    if answer.status_code == 200:
        assert said["jsonrpc"] == "2.0"
        assert ("result" in said) != ("error" in said)


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(requests())
def test_every_request_that_is_nearly_right_is_answered(house: House, asked: tuple[str, Any]) -> None:
    body = json.dumps(asked[1]).replace('"TASK"', f'"{house.task}"').encode()
    lawful(house.send(body), asked)


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES // 2,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.binary(max_size=80) | ANY.map(lambda one: json.dumps(one).encode()))
def test_every_body_is_answered(house: House, body: bytes) -> None:
    lawful(house.send(body), body)


CALL = b'{"jsonrpc":"2.0","id":1,"method":"ListTasks","params":%s}'


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff", b"\xef\xbb\xbf{}", b"[" * 60_000, b'{"a":' * 10_000, b"[" + CALL % b"{}" + b"]", b'"\\ud800"', b'{"id":"\\ud800"}', b"9" * 60_000,
        b'{"jsonrpc":"2.0","id":1,"method":' + b"9" * 6_000 + b"}", b'{"jsonrpc":"2.0","id":NaN,"method":"ListTasks"}',
        b'{"jsonrpc":"2.0","id":1e999,"method":"ListTasks"}', b'{"jsonrpc":"2.0","id":{"a":[1]},"method":"ListTasks"}', CALL % b"[]", CALL % b"7",
        CALL % (b"[" * 990 + b"]" * 990), CALL % (b'{"id":' * 900 + b"1" + b"}" * 900), b'{"jsonrpc":"2.0","id":"\\ud800","method":"Fly"}',
        b'{"jsonrpc":"2.0","id":1,"method":"\\ud800"}', b" " * 10_000_000, "{}".encode("utf-16"), b'{"jsonrpc":"2.0","id":1' + b"0" * 5_000 + b"}",
        CALL.replace(b"ListTasks", b"SendMessage") % (b'{"message":{"parts":[{"data":' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}]}}"),
    ],
)  # fmt: skip
def test_bodies_that_break_parsers_are_answered(house: House, body: bytes) -> None:
    lawful(house.send(body), body[:60])


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/json; charset=utf-16", "multipart/form-data", "a" * 5_000]
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "X", "POST"])
def test_wrong_methods_and_kinds_are_answered(house: House, method: str, kind: str) -> None:
    for path in ("/a2a", "/.well-known/agent-card.json", "/", "/a2a/", "/today", "/login?token=t", "/%00", "/%ff"):
        assert house.send(CALL % b"{}", path, method, **{"content-type": kind}).status_code < 500


@pytest.mark.parametrize("token", ["", "\x7f", " ", "x" * 10_000])
def test_no_token_lets_in_by_its_form(house: House, token: str) -> None:
    answer = house.send(CALL % b"{}", authorization=f"Bearer {token}")
    assert answer.status_code == 401


async def spoken(app: Any, host: str) -> AsyncIterator[int]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HOME) as client:
        for path in ("/.well-known/agent-card.json", "/a2a"):
            yield (await client.get(path, headers={"host": host})).status_code


@pytest.mark.parametrize(
    ("host", "known"),
    [
        (f"127.0.0.1:{PORT}", True), (f"LOCALHOST:{PORT}", True), ("ada.example", True), ("ada.example:443", True), ("127.0.0.1", False),
        ("127.0.0.1:8650", False), (f"mq7kbhdz2wn4xj6tfr5ycvpeolsigau3.localhost:{PORT}", False), (f"evil.example:{PORT}", False), ("", False),
        ("ada.example:80", False), ("ada.example.evil.example", False),
    ],
)  # fmt: skip
async def test_foreign_agents_find_it_under_its_own_names_alone(house_app: Any, host: str, known: bool) -> None:
    assert [status != 421 async for status in spoken(house_app, host)] == [known, known]


@pytest.fixture
def house_app(tmp_path: Path) -> Iterator[Any]:
    seat = TownSeat("ada", tmp_path / "ada.db", TownRelay(), Taste(1.5))
    assert seat.database
    visits = Visits(seat.agent, seat.book, lambda key: False)
    yield Hosts(Facade(visits, "Ada", HOME).app(), named(PORT, "https://ada.example"))
    seat.close()
