"""The off switch of a real node: once it says that it is off nothing leaves any more, and it stays so after a restart."""

import contextlib
import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.waiting import PATIENCE_S, until
from weal_simulations.town.person import Person

pytestmark = pytest.mark.together


def command(node: Any, *words: str) -> dict[str, Any]:
    run = [sys.executable, "-m", "weal_node", *words, "--home", str(node.home), "--json"]
    return dict(json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout))


def standing(client: httpx.Client) -> tuple[bool, set[str]]:
    """Whether the node says it is off, and which outward work runs."""
    work = {one["name"] for one in client.get("/api/doctor").json()["checks"]}
    return bool(client.get("/api/privacy").json()["paused"]), work & {"mail", "publish", "mirror"}


def test_off_is_off_and_stays_so_after_a_restart(coordinator: Any, start_node: Any) -> None:
    node = start_node("ada")
    join = [sys.executable, "-m", "weal_node", "join", coordinator.invite(), "--home", str(node.home), "--yes"]
    subprocess.run(join, check=True, capture_output=True)
    with httpx.Client(base_url=node.address, follow_redirects=True, trust_env=False) as client:
        client.get(node.link)
        assert not standing(client)[0]
        assert command(node, "off") == {"on": False}
        until(lambda: standing(client)[0])
        assert standing(client)[1] == set()
        page = client.get("/privacy").text
        assert "Paused." in page
    node.stop()
    again = start_node("ada")
    with httpx.Client(base_url=again.address, follow_redirects=True, trust_env=False) as client:
        client.get(again.link)
        assert standing(client) == (True, set())
        assert command(again, "on") == {"on": True}
        until(lambda: not standing(client)[0])


LIVE = 6
LOOKS = 40  # at a page; a bargain under way sends several letters in that time
GIFTS = (
    ("piano lessons", "soup"),
    ("bread", "garden work"),
    ("a van", "Spanish"),
    ("songs", "tea"),
    ("wood", "jam"),
    ("books", "ink"),
)


def sent(home: Path) -> tuple[int, int]:
    """How many things have left a node, and when the last one was written down to leave: Unix time in ms."""
    with contextlib.closing(sqlite3.connect(f"file:{home}/node.db?mode=ro", uri=True, timeout=10)) as connection:
        count, last = connection.execute("SELECT COUNT(*), COALESCE(MAX(at_ms), 0) FROM disclosures").fetchone()
        return int(count), int(last)


def messages(person: Person) -> int:
    return sum(int(deal["messages"]) for deal in person.deals())


def throw(home: Path, person: Person) -> None:
    """Throw the switch, and wait until the node says that it is off."""
    (home / "paused").touch()
    until(lambda: person.read("/api/privacy")["paused"])


def steady(home: Path, person: Person) -> bool:
    """Whether nothing leaves while the page is read a few times."""
    before = sent(home)
    return all(person.deals() is not None and sent(home) == before for _ in range(10))


def test_off_stops_sessions_that_are_in_the_middle_of_it(coordinator: Any, start_node: Any) -> None:
    """Six bargains by offers alone, which take dozens of letters each: switched off among them, all stop, and go on once on."""
    nodes = [start_node(name, careful_first_deals=True) for name in ("ada", "bo")]
    for node in nodes:
        join = [sys.executable, "-m", "weal_node", "join", coordinator.invite(), "--home", str(node.home), "--yes"]
        subprocess.run(join, check=True, capture_output=True)
    home = nodes[0].home
    with Person("ada", nodes[0].link) as ada, Person("bo", nodes[1].link) as bo:

        def found() -> str | None:
            ada.look_for_deals()  # which asks who is a member
            seen = re.search(r'<option value="([0-9a-f]{64})">Bo ', ada.page("/deals"))
            return seen[1] if seen else None

        other = ada.wait("bo is there", found, PATIENCE_S)
        for gives, gets in GIFTS:
            ada.propose(other, gives, gets)
        for deal in ada.deals():
            ada.on_deal(deal["id"], "enter", manner="careful")
        bo.wait("all have come", lambda: sum("enter" in deal["can"] for deal in bo.deals()) == LIVE or None, PATIENCE_S)
        throw(home, ada)
        for deal in bo.deals():
            bo.on_deal(deal["id"], "enter")
        (home / "paused").unlink()  # now all six begin at once
        began = messages(ada)
        until(lambda: messages(ada) > began)
        throw(home, ada)
        until(lambda: steady(home, ada))  # what was on its way when the switch was thrown
        stopped, live = sent(home), [deal["state"] for deal in ada.deals()].count("offering")
        said = messages(ada)
        assert live >= 1, "the sessions were over before the switch was thrown"
        for _ in range(LOOKS):
            assert messages(ada) == said
        assert sent(home) == stopped
    nodes[0].stop()
    again = start_node("ada", careful_first_deals=True)
    with Person("ada", again.link) as ada:
        assert ada.read("/api/privacy")["paused"]
        assert (messages(ada), sent(home)) == (said, stopped) if ada.deals() else sent(home) == stopped
        (home / "paused").unlink()
        done = {"agreed", "no deal"}
        ada.wait(
            "all ended", lambda: ({deal["state"] for deal in ada.deals()} <= done and ada.deals()) or None, PATIENCE_S
        )
