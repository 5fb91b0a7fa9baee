"""The off switch of a real node: within a second nothing leaves any more, and it stays so after a restart."""

import json
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.together


def command(node: Any, *words: str) -> dict[str, Any]:
    run = [sys.executable, "-m", "weal_node", *words, "--home", str(node.home), "--json"]
    return dict(json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout))


def standing(client: httpx.Client) -> tuple[bool, set[str]]:
    """Whether the node says it is off, and which outward work runs."""
    work = {one["name"] for one in client.get("/api/doctor").json()["checks"]}
    return bool(client.get("/api/privacy").json()["paused"]), work & {"mail", "publish", "mirror"}


def test_off_is_off_within_a_second_and_after_a_restart(coordinator: Any, start_node: Any) -> None:
    node = start_node("ada")
    join = [sys.executable, "-m", "weal_node", "join", coordinator.invite(), "--home", str(node.home), "--yes"]
    subprocess.run(join, check=True, capture_output=True)
    with httpx.Client(base_url=node.address, follow_redirects=True, trust_env=False) as client:
        client.get(node.link)
        assert not standing(client)[0]
        assert command(node, "off") == {"on": False}
        began = time.monotonic()
        while not standing(client)[0]:
            assert time.monotonic() - began < 1.0
        assert standing(client)[1] == set()
        page = client.get("/privacy").text
        assert "Paused." in page
    node.stop()
    again = start_node("ada")
    with httpx.Client(base_url=again.address, follow_redirects=True, trust_env=False) as client:
        client.get(again.link)
        assert standing(client) == (True, set())
        assert command(again, "on") == {"on": True}
        began = time.monotonic()
        while standing(client)[0]:
            assert time.monotonic() - began < 5.0
