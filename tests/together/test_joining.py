"""A node and a real community: what leaves is said, asked, written down, and then does."""

import json
import re
import subprocess
import sys
from typing import Any

import httpx
import pytest

from support.waiting import PATIENCE_S, until

pytestmark = pytest.mark.together


def weal(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "weal_node", *arguments], capture_output=True, text=True, **options)


def test_joining_by_command_publishing_and_being_read(coordinator: Any, start_node: Any, tmp_path: Any) -> None:
    home = str(tmp_path / "ada")
    invite = coordinator.invite()
    asked = weal("join", invite, "--home", home, input="n\n")
    assert asked.returncode == 1
    assert "up to epsilon 10 over all rounds" in asked.stdout
    assert not (tmp_path / "ada" / "community").exists()
    joined = weal("join", invite, "--home", home, "--yes", "--name", "Ada", "--json")
    assert json.loads(joined.stdout)["community"] == "commons"

    alone = json.loads(weal("doctor", "--home", home, "--json").stdout)
    assert {"name": "community", "ok": True} in [{key: c[key] for key in ("name", "ok")} for c in alone["checks"]]

    ada, bo = start_node("ada", publish_delay_s=0), start_node("bo", publish_delay_s=600)
    again = weal("join", invite, "--home", str(bo.home), "--yes")
    assert again.returncode == 1
    assert "invite already used" in again.stderr
    assert "Traceback" not in again.stderr
    assert weal("join", coordinator.invite(), "--home", str(bo.home), "--yes").returncode == 0

    assert weal("note", "I would love to play again", "--title", "Piano", "--home", home).returncode == 0
    with httpx.Client(base_url=bo.address, follow_redirects=True, timeout=PATIENCE_S) as client:
        client.get(bo.link)
        until(lambda: "Piano: I would love to play again" in str(client.get("/api/items").json()))
        assert re.search(r"Ada\b.*aggregates", client.get("/community").text, re.DOTALL)
        assert client.get("/api/privacy").json()["disclosures"][0]["what"] == "member card"
    with httpx.Client(base_url=ada.address, follow_redirects=True, timeout=PATIENCE_S) as client:
        client.get(ada.link)
        assert [entry["what"] for entry in client.get("/api/privacy").json()["disclosures"]] == ["member card", "note"]
        assert "I would love to play again" in client.get("/privacy/2").text
    report = weal("doctor", "--home", home, "--json")
    assert report.returncode == 0, report.stdout
    assert {"community", "work: mail", "work: mirror"} <= {c["name"] for c in json.loads(report.stdout)["checks"]}


def test_paused_nothing_leaves(coordinator: Any, start_node: Any) -> None:
    node = start_node("ada", publish_delay_s=0)
    assert weal("join", coordinator.invite(), "--home", str(node.home), "--yes").returncode == 0
    with httpx.Client(base_url=node.address, follow_redirects=True, headers={"origin": node.address}) as client:
        client.get(node.link)
        csrf = client.get("/api/session").json()["csrf"]
        client.post("/privacy/pause", data={"csrf": csrf, "on": "yes"})
        before = client.get("/api/privacy").json()["disclosures"]
        assert weal("note", "not yet", "--home", str(node.home)).returncode == 0
        work = {check["name"] for check in client.get("/api/doctor").json()["checks"]}
        assert not work & {"work: mail", "work: publish", "work: mirror", "work: releases", "work: members"}
        assert client.post("/community/find", data={"csrf": csrf}).status_code == 409
        assert client.get("/api/privacy").json()["disclosures"] == before
        client.post("/privacy/pause", data={"csrf": csrf, "on": "no"})
        until(lambda: "note" in str(client.get("/api/privacy").json()["disclosures"]))
