"""A call of a model is in the ledger before it is sent, costs no more than the cap, ends in time, and goes nowhere else.

Against a server of the tests' own that speaks the protocol on a real socket (conftest.py).
"""

import json
import socket
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from weal_node.assistant.model_calls import Models
from weal_node.errors import RefusedError
from weal_node.outbound.answers import ModelError
from weal_node.outbound.models import Prompt
from weal_node.outbound.providers import Provider
from weal_node.store import disclosures
from weal_node.store.database import Database

PROMPT = Prompt("Say hello.", "Grüße <b>")
NOW = 2_000_000_000_000


def provider(server: Any, **changes: Any) -> Provider:
    return replace(Provider("mine", server.url, "tiny", "local", "secret-key"), **changes)


def ledger(path: Path) -> list[tuple[str, bytes]]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        found = connection.execute("SELECT recipient, payload FROM disclosures").fetchall()
    connection.close()
    return found


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    database = Database(tmp_path / "node.db")
    yield database, Models(database, lambda: NOW, cap=1.0, timeout_s=5.0)
    database.close()


async def test_the_call_is_in_the_ledger_before_it_is_sent(
    opened: Any, model_server: Callable[[], Any], tmp_path: Path
) -> None:
    database, models = opened
    server = model_server()
    server.look = lambda: ledger(tmp_path / "node.db")
    answer = await models.ask(provider(server, price_in=10.0, price_out=100.0), PROMPT)
    assert (answer.text, answer.provider, answer.cost) == ("Hello.", "mine", pytest.approx(0.002))
    ((path, headers, body, seen),) = server.came
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret-key"
    assert body["messages"] == [{"role": "system", "content": "Say hello."}, {"role": "user", "content": "Grüße <b>"}]
    assert "tools" not in body
    ((to, payload),) = seen
    assert to == "model: mine"
    assert b"Say hello." in payload
    assert b"secret-key" not in payload
    assert await models.spent() == pytest.approx(0.002)
    (entry,) = await database.read(disclosures.all_of)
    assert entry.size == len(payload)


@pytest.mark.parametrize("how", ["busy", "refuses", "redirects", "babbles", "is empty", "gives no text", "never ends"])
async def test_whatever_a_server_does_is_a_named_fault(opened: Any, model_server: Callable[[], Any], how: str) -> None:
    _, models = opened
    server = model_server()
    server.how = how
    with pytest.raises(ModelError):
        await models.ask(provider(server, price_out=1.0), PROMPT)
    assert len(server.came) == 1  # nothing was sent on
    assert await models.spent() > 0  # it may have been charged


@pytest.mark.slow
async def test_a_server_that_drips_is_not_waited_for(tmp_path: Path, model_server: Callable[[], Any]) -> None:
    database, server = Database(tmp_path / "node.db"), model_server()
    server.how = "drips"
    with pytest.raises(ModelError, match="longer than"):
        await Models(database, lambda: NOW, 1.0, 0.3).ask(provider(server), PROMPT)
    database.close()


async def test_what_was_never_reached_costs_nothing(opened: Any) -> None:
    _, models = opened
    with socket.socket() as taken:  # bound and not listening: nobody answers there
        taken.bind(("127.0.0.1", 0))
        nobody = Provider("gone", f"http://127.0.0.1:{taken.getsockname()[1]}/v1", "m", "local", price_out=1.0)
        with pytest.raises(ModelError, match="does not answer"):
            await models.ask(nobody, PROMPT)
    assert await models.spent() == 0


async def test_the_cap_holds_before_anything_is_sent(opened: Any, model_server: Callable[[], Any]) -> None:
    database, models = opened
    server = model_server()
    server.usage = None  # it does not say what it used: the most it can be is counted
    dear = provider(server, price_out=400.0)  # .48 at most
    await models.ask(dear, PROMPT)
    await models.ask(dear, PROMPT)
    with pytest.raises(RefusedError, match="cap"):
        await models.ask(dear, PROMPT)
    assert len(server.came) == len(await database.read(disclosures.all_of)) == 2
    await models.ask(provider(server), PROMPT)  # what costs nothing may still be asked


async def test_no_prompt_is_longer_than_a_model_reads(opened: Any, model_server: Callable[[], Any]) -> None:
    _, models = opened
    server = model_server()
    with pytest.raises(RefusedError, match="too long"):
        await models.ask(provider(server), Prompt("x", "y" * 200_000))
    assert server.came == []


@pytest.mark.parametrize(
    "refused",
    [
        {"error": {"message": "Unsupported parameter: 'max_tokens' is not supported.", "param": "max_tokens"}},
        {"error": {"message": "That value is not supported.", "param": "temperature"}},
        {"error": "temperature must be 1 for this model"},
        {"detail": [{"msg": "max_tokens: extra fields not permitted"}]},
    ],
)
async def test_a_setting_that_is_refused_is_left_out_and_all_is_asked_once_more(
    opened: Any, model_server: Callable[[], Any], tmp_path: Path, refused: dict[str, Any]
) -> None:
    _, models = opened
    server = model_server()
    server.replies = [(400, json.dumps(refused).encode())]
    server.look = lambda: len(ledger(tmp_path / "node.db"))
    answer = await models.ask(provider(server, price_out=100.0), PROMPT)
    assert answer.text == "Hello."
    first, second = (body for _, _, body, _ in server.came)
    assert "max_tokens" in first
    assert second["max_completion_tokens"] == first["max_tokens"]
    assert not {"max_tokens", "temperature"} & set(second)
    assert [seen for *_, seen in server.came] == [1, 2]  # each in the ledger before it was sent
    assert await models.spent() == pytest.approx(0.001)
    await models.ask(provider(server), PROMPT)
    assert "max_tokens" not in server.came[2][2]  # it is known by now


async def test_a_server_that_refuses_both_ways_is_not_asked_forever(
    opened: Any, model_server: Callable[[], Any]
) -> None:
    _, models = opened
    server = model_server()
    server.replies = [(400, b'{"error": {"message": "no max_tokens"}}')] * 9
    with pytest.raises(ModelError, match="no max_tokens"):
        await models.ask(provider(server), PROMPT)
    assert len(server.came) == 2


async def test_what_a_server_says_itself_is_shown_on_one_line_without_our_key(
    opened: Any, model_server: Callable[[], Any]
) -> None:
    _, models = opened
    server = model_server()
    said = "Wrong key secret-key\n\u202egiven, " + "x" * 500
    server.replies = [(401, json.dumps({"error": {"message": said}}).encode())]
    with pytest.raises(ModelError) as fault:
        await models.ask(provider(server), PROMPT)
    assert fault.value.what.startswith("mine refused: HTTP 401: Wrong key … given, xxx")
    assert len(fault.value.what) < 260
    assert fault.value.what.isprintable()
    assert "key" in fault.value.hint
