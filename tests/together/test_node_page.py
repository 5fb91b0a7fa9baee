"""A real node on a real port: the door is shut to what must not come in, and the pages work without JavaScript."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from support.waiting import PATIENCE_S

pytestmark = pytest.mark.together


@pytest.fixture
def node(start_node: Any) -> Any:
    return start_node("ada")


@contextmanager
def logged_in(node: Any) -> Iterator[httpx.Client]:
    """A client that behaves like a browser without JavaScript."""
    with httpx.Client(
        base_url=node.address, follow_redirects=True, timeout=PATIENCE_S, headers={"origin": node.address}
    ) as client:
        assert client.get(node.link).status_code == 200
        yield client


def fields(html: str, action: str) -> dict[str, str]:
    """The hidden and filled fields of the form with this action, as a browser would send them."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', html, re.DOTALL)
    assert form, f"no form for {action}"
    inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.group(0))
    return dict(inputs)


def test_the_door(node: Any) -> None:
    with logged_in(node) as client:
        assert client.get("/today", headers={"host": "evil.example"}).status_code == 421
        assert client.get("/today", headers={"host": "localhost:1"}).status_code == 421
        csrf = client.get("/api/session").json()["csrf"]
        answer = {"kind": "single", "item": "x", "other": "", "choice": "accept"}
        foreign = client.post("/teach/answer", data={**answer, "csrf": csrf}, headers={"origin": "http://evil.example"})
        assert foreign.status_code == 403
        assert client.post("/teach/answer", data=answer).status_code == 403
        known = client.post("/teach/answer", data={**answer, "csrf": csrf})
        assert known.status_code == 404
        assert "no such statement" in known.text
    with httpx.Client(base_url=node.address) as stranger:
        assert stranger.get("/today").status_code == 401
        assert "weal login" in stranger.get("/today").text
        assert stranger.get("/api/items").status_code == 401
        assert stranger.get(node.link).status_code == 403  # it was used
        assert stranger.get("/healthz").json() == {"ok": True}
        assert stranger.get("/openapi.json").status_code == 401
        assert stranger.get("/static/weal.css").status_code == 200
        assert stranger.get("/static/../login.py").status_code in (401, 404)


def test_tokens_stay_out_of_what_is_printed_and_kept(node: Any) -> None:
    with logged_in(node) as client:
        client.get("/login?token=guessed")
        session = next(iter(client.cookies.jar)).value
    node.stop()
    printed = node.output.read_text()
    token = node.link.split("token=")[1]
    assert printed.count(token) == 1
    assert "guessed" not in printed
    for file in node.home.rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            assert token.encode() not in held, file
            assert str(session).encode() not in held, file


def test_a_session_outlives_a_restart_and_rotation_ends_it(start_node: Any) -> None:
    first = start_node("ada")
    with logged_in(first) as client:
        session = next(iter(client.cookies.jar)).value
    assert first.stop() == 0
    assert not (first.home / "running.json").exists()
    second = start_node("ada")
    port = second.address.rsplit(":", 1)[1]
    cookie = {"cookie": f"weal_session_{port}={session}"}
    assert httpx.get(second.address + "/today", headers=cookie).status_code == 200
    command = [sys.executable, "-m", "weal_node", "login", "--home", str(second.home), "--end-sessions", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert httpx.get(second.address + "/today", headers=cookie).status_code == 401
    assert httpx.get(second.link).status_code == 403  # the older link ended too
    assert httpx.get(json.loads(done.stdout)["link"]).status_code == 303


def test_teach_mirror_and_the_exact_split_without_javascript(node: Any) -> None:
    with logged_in(node) as client:
        before = {row["name"]: row["high"] - row["low"] for row in client.get("/api/mirror").json()["concepts"]}
        html = ""
        for _ in range(4):
            html = client.get("/teach").text
            form = fields(html, "/teach/answer")
            choice = "first" if form["kind"] == "pair" else "accept"
            html = client.post("/teach/answer", data={**form, "choice": choice}).text
            again = client.post("/teach/answer", data={**form, "choice": choice})  # a double tap is one gesture
            assert again.status_code == 200
        assert re.search(r"I guessed <strong>\d of 4</strong>", html)
        after = client.get("/api/mirror").json()
        assert after["labels"] == 4
        widths = {row["name"]: row["high"] - row["low"] for row in after["concepts"]}
        assert before.keys() < widths.keys()  # what the answers were about has come
        assert sum(widths[name] for name in before) < sum(before.values())
        items = client.get("/api/items").json()["items"]
        assert len(items) >= 20
        page = client.get(f"/items/{items[0]['id']}").text
        parts = [float(amount) for amount in re.findall(r'data-amount="([^"]+)"', page)]
        score = float(re.findall(r'data-score="([^"]+)"', page)[0])
        assert sum(parts) == pytest.approx(score, abs=1e-9)
        assert score == pytest.approx(items[0]["private"]["mean"], abs=1e-9)


def test_judging_an_item_from_the_list(node: Any) -> None:
    with logged_in(node) as client:
        listing = client.get("/community/items?q=bicycle").text
        item = re.findall(r'href="/items/([0-9a-f]{64})"', listing)[0]
        form = fields(listing, f"/items/{item}/judge")
        assert "You said yes." in client.post(f"/items/{item}/judge", data={**form, "choice": "accept"}).text
        known = {row["id"]: row for row in client.get("/api/items").json()["items"]}[item]
        assert known["labelled"]
        assert known["private"]["probability"] > known["global"]["probability"]
        assert client.post(f"/items/{item}/judge", data={**form, "choice": "perhaps"}).status_code == 400
        assert client.get("/items/" + "0" * 64).status_code == 404
        assert client.get("/community/items?page=x&q=%00").status_code == 200


def test_a_note_is_written_edited_and_taken_back(node: Any) -> None:
    with logged_in(node) as client:
        form = fields(client.get("/notes/new").text, "/notes")
        note = {
            **form,
            "title": "Piano",
            "body": "Hello <b>you</b>",
            "visibility": "public",
            "needs": "piano lessons\n",
        }
        saved = client.post("/notes", data=note)
        assert "asked about when you join" in saved.text
        assert "<b>" not in saved.text
        address = saved.url.path
        form = fields(client.get(f"{address}/edit").text, "/notes")
        client.post("/notes", data={**note, **form, "body": "Changed"})
        undone = client.post(f"{address}/undo", data=fields(client.get(address).text, f"{address}/undo"))
        assert "asked about when you join" not in undone.text
        found = client.get("/api/notes").json()["notes"]
        assert [(n["title"], n["visibility"], n["leaves_ms"]) for n in found] == [("Piano", "private", None)]
        assert found[0]["needs"] == ["piano lessons"]
        assert client.get("/notes/none").status_code == 404
        assert client.post("/notes", data={"csrf": form["csrf"]}).status_code == 400


def test_pause_holds_over_a_restart(start_node: Any) -> None:
    node = start_node("ada")
    with logged_in(node) as client:
        form = fields(client.get("/privacy").text, "/privacy/pause")
        assert "Paused." in client.post("/privacy/pause", data={**form, "on": "yes"}).text
    node.stop()
    node = start_node("ada")
    with logged_in(node) as client:
        assert client.get("/api/privacy").json()["paused"]
        form = fields(client.get("/privacy").text, "/privacy/pause")
        client.post("/privacy/pause", data={**form, "on": "no"})
        assert not client.get("/api/privacy").json()["paused"]


def test_the_command_line_speaks_to_the_running_node(node: Any) -> None:
    def weal(*arguments: str, status: int = 0) -> dict[str, Any]:
        command = [sys.executable, "-m", "weal_node", *arguments, "--home", str(node.home), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        return dict(json.loads(done.stdout)) if status == 0 else {"error": done.stderr}

    assert weal("note", "A thought", "--visibility", "private")["visibility"] == "private"
    assert set(weal("today")) == {"cards", "asked", "held_back", "silent", "question"}
    report = weal("doctor")
    assert report["ok"]
    assert report["rss_mb"] > 10
    assert "already running" in weal("init", status=1)["error"]
    assert "not an invite" in weal("join", "nonsense", "--yes", status=1)["error"]


def test_a_killed_node_keeps_acknowledged_labels_and_starts_again(start_node: Any) -> None:
    node = start_node("ada")
    with logged_in(node) as client:
        form = fields(client.get("/teach").text, "/teach/answer")
        client.post("/teach/answer", data={**form, "choice": "first" if form["kind"] == "pair" else "accept"})
    node.stop(9)
    assert (node.home / "running.json").exists()
    again = start_node("ada")
    with logged_in(again) as client:
        assert client.get("/api/mirror").json()["labels"] == 1
    with sqlite3.connect(f"file:{node.home / 'node.db'}?mode=ro", uri=True) as connection:
        assert connection.execute("SELECT count(*) FROM labels").fetchone() == (1,)
    connection.close()
