"""kill -9 while gestures and notes are on their way: what was acknowledged is there, and the rest left nothing torn."""

import sqlite3
import subprocess
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.waiting import PATIENCE_S

pytestmark = pytest.mark.together


def answers_until_killed(
    node: Any, acknowledged: list[str], notes: list[str], target: int, enough: threading.Event
) -> None:
    """Judge one statement after the other, writing a note now and then, until nobody answers."""
    with httpx.Client(base_url=node.address, timeout=PATIENCE_S, headers={"origin": node.address}) as client:
        client.get(node.link)
        csrf = client.get("/api/session").json()["csrf"]
        items = [item["id"] for item in client.get("/api/items").json()["items"]]
        try:
            while True:  # a later round gives new gestures on the same statements
                for number, item in enumerate(items):
                    judged = client.post(f"/items/{item}/judge", data={"csrf": csrf, "choice": "accept"})
                    assert judged.status_code == 303
                    acknowledged.append(item)
                    if number % 3 == 0:
                        title = f"Thought {len(notes)}"
                        saved = client.post("/notes", data={"csrf": csrf, "title": title, "body": "x" * 5_000})
                        assert saved.status_code == 303
                        notes.append(title)
                    if len(acknowledged) >= target:
                        enough.set()
        except httpx.TransportError:
            return


def stored(home: Path) -> int:
    with sqlite3.connect(f"file:{home / 'node.db'}?mode=ro", uri=True) as connection:
        (count,) = connection.execute("SELECT count(*) FROM labels").fetchone()
    connection.close()
    return int(count)


def test_what_was_acknowledged_survives(start_node: Any) -> None:
    acknowledged: list[str] = []
    notes: list[str] = []
    for turn in range(3):
        node, enough = start_node("ada"), threading.Event()
        target = len(acknowledged) + 5 + 2 * turn  # another moment each time
        person = threading.Thread(target=answers_until_killed, args=(node, acknowledged, notes, target, enough))
        person.start()
        assert enough.wait(PATIENCE_S)
        node.stop(9)
        person.join(PATIENCE_S)
        assert len(acknowledged) <= stored(node.home) <= len(acknowledged) + turn + 1  # at most one in flight a kill
    node = start_node("ada")
    with httpx.Client(base_url=node.address, follow_redirects=True, timeout=PATIENCE_S) as client:
        client.get(node.link)
        assert client.get("/api/mirror").json()["labels"] == stored(node.home)
        found = client.get("/api/notes").json()
    assert found["faults"] == []
    assert set(notes) <= {note["title"] for note in found["notes"]}
    vault = str(node.home / "vault")
    checked = subprocess.run(["git", "-C", vault, "fsck", "--strict"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert not list((node.home / "vault").glob(".*.tmp"))
