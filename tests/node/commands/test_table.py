"""One table of commands: a running node and a home in which none runs give the same answer, and refuse the same arguments."""

import inspect
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import weal_node.cli
from weal_node.app import headless
from weal_node.app.node import Node
from weal_node.app.serve import page_of
from weal_node.app.setup import set_up
from weal_node.commands.table import COMMANDS, arguments
from weal_node.config import Home, Settings
from weal_node.records import Note, Visibility
from weal_node.vault.folder import Vault
from weal_protocol.errors import WealError

PORT = 8650
READING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("tier", {}),
    ("releases", {}),
    ("deals", {}),
    ("join-preview", {}),
    ("forget-preview", {"what": "note", "which": "Trees.md"}),
)


@pytest.fixture
def place(tmp_path: Path) -> Home:
    """A home with one public note, which nobody runs yet."""
    made = Home(tmp_path / "home")
    made.root.mkdir()
    set_up(made, "ada")
    Vault(made.vault).save(Note("", "Trees.md", "Trees", "Oaks last.\n", Visibility.PUBLIC))
    return made


@pytest.fixture
async def running(place: Home) -> AsyncIterator[httpx.AsyncClient]:
    """The command line's door to a node that runs in the home."""
    node = Node(place, Settings())
    page = page_of(node, PORT)
    headers = {"authorization": f"Bearer {place.control.read_text()}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(page), base_url=page.home, headers=headers) as client:
        yield client
    await node.close()


@pytest.fixture
def alone(place: Home) -> dict[str, dict[str, Any]]:
    """What the home answers by itself."""
    return {name: json.loads(json.dumps(headless.perform(place, name, given))) for name, given in READING}


async def test_a_running_node_answers_as_the_home_does_by_itself(
    alone: dict[str, dict[str, Any]], running: httpx.AsyncClient
) -> None:
    for name, given in READING:
        answer = await running.post(f"/cli/{name}", json=given)
        assert (answer.status_code, answer.json()) == (200, alone[name])
    assert alone["forget-preview"]["versions"] == 1


async def test_what_a_command_does_not_take_is_refused_by_name(running: httpx.AsyncClient) -> None:
    for name, given, status, said in (
        ("fly", {}, 404, "there is no command 'fly'"),
        ("undo", {}, 400, "note is missing"),
        ("note", {"body": 7}, 400, "body is not what it should be"),
        ("rollback", {"number": True}, 400, "number is not what it should be"),
        ("join", {"invite": "", "tier": "", "share": "all"}, 400, "share is not what it should be"),
        ("search", {"text": "oaks", "limit": 0}, 400, "limit is 1 to 100"),
    ):
        answer = await running.post(f"/cli/{name}", json=given)
        assert (answer.status_code, said in answer.json()["error"]) == (status, True), (name, answer.text)


def test_what_only_a_running_node_has_is_refused_where_none_runs(place: Home) -> None:
    for name, given in (("login", {}), ("draft", {}), ("import", {"act": "stop"})):
        with pytest.raises(WealError, match="the node is not running"):
            headless.perform(place, name, given)


def test_every_command_of_the_table_is_one_that_the_terminal_asks_for() -> None:
    sources = [path.read_text() for path in Path(inspect.getfile(weal_node.cli)).parent.glob("*.py")]
    asked = {name for source in sources for name in re.findall(r'(?:call|answer)\([^"]{1,60}"([a-z-]+)"', source)}
    asked |= {name for source in sources for name in re.findall(r'"/cli/([a-z-]+)"', source)}
    assert asked == set(COMMANDS)


def test_what_a_newer_terminal_says_beyond_is_left_out() -> None:
    assert arguments(COMMANDS["undo"], {"note": "all", "colour": "red"}) == {"note": "all"}
