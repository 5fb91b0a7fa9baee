"""A model is named on the page, kept in a file of the person's own, seen by doctor, and taken away again. Nothing is sent to it."""

import re
import stat
from typing import Any

import httpx
import pytest

from support.waiting import PATIENCE_S

pytestmark = pytest.mark.together


def test_a_model_is_named_and_taken_away(start_node: Any) -> None:
    node = start_node("ada")
    headers = {"origin": node.address}
    with httpx.Client(base_url=node.address, follow_redirects=True, timeout=PATIENCE_S, headers=headers) as client:
        client.get(node.link)
        csrf = client.get("/api/session").json()["csrf"]
        assert "None is asked for anything." in client.get("/privacy").text
        given = {
            "csrf": csrf,
            "name": "<b>mine",
            "url": "http://127.0.0.1:9/v1",
            "model": "tiny",
            "tier": "local",
            "key": "secret-key",
        }
        assert (
            client.post("/models", data=given | {"tier": "trusted", "url": "http://models.example/v1"}).status_code
            == 400
        )
        page = client.post("/models", data=given).text
        assert "&lt;b&gt;mine" in page
        assert "secret-key" not in page
        assert client.post("/models", data=given).status_code == 409  # of that name there is one
        assert stat.S_IMODE((node.home / "models.toml").stat().st_mode) == 0o600
        assert re.search(r"1 may be asked, and only when you say so", client.get("/privacy").text)
        checks = {one["name"]: one for one in client.get("/api/doctor").json()["checks"]}
        assert checks["language models"] == {
            "name": "language models",
            "ok": True,
            "detail": "<b>mine (local); at most 1 a day",
        }
        nothing = client.post("/models/draft", data={"csrf": csrf})
        assert (nothing.status_code, "nothing to make drafts of yet" in nothing.text) == (409, True)
        assert client.get("/api/privacy").json()["disclosures"] == []
        assert "None." in client.post("/models/remove", data={"csrf": csrf, "name": "<b>mine"}).text
