"""A real node with the real encoder: what is written is found by its words and by its meaning, on the page and by command."""

import json
import subprocess
import sys
from typing import Any

import httpx
import pytest

from support.waiting import PATIENCE_S, until

pytestmark = pytest.mark.together


def weal(home: Any, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "weal_node", *arguments, "--home", str(home), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def test_a_note_is_found_on_the_page_and_by_command(start_node: Any) -> None:
    node = start_node("ada")
    weal(
        node.home,
        "note",
        "Someone should mend the brakes of my bicycle.",
        "--title",
        "Repairs",
        "--visibility",
        "private",
    )
    weal(
        node.home,
        "note",
        "Flour, water, salt, a night of patience.",
        "--title",
        "<b>Bread</b>",
        "--visibility",
        "private",
    )
    headers = {"origin": node.address}
    with httpx.Client(base_url=node.address, follow_redirects=True, timeout=PATIENCE_S, headers=headers) as client:
        client.get(node.link)
        until(lambda: "2 passages of your notes" in (page := client.get("/search").text) and "as yet" not in page)
        found = client.get("/api/search", params={"q": "repairing a bike"}).json()["hits"]
        assert (found[0]["title"], found[0]["visibility"]) == ("Repairs", "private")
        assert client.get(found[0]["place"]).status_code == 200
        page = client.get("/search", params={"q": "bread flour"}).text
        assert "<mark>Flour</mark>" in page
        assert "<b>" not in page
        assert client.get("/search", params={"q": "since:never"}).status_code == 200
        assert client.get("/api/search", params={"q": "x", "limit": "0"}).status_code == 400
        assert found[0]["place"].partition("#:~:text=")[2]
    assert [hit["title"] for hit in weal(node.home, "search", "brakes", "--way", "words")["hits"]] == ["Repairs"]
    node.stop()
    assert weal(node.home, "search", "tag:none")["hits"] == []
    assert weal(node.home, "index", "--again") == {"passages": 2}
    assert weal(node.home, "search", "bicycles")["hits"][0]["title"] == "Repairs"
