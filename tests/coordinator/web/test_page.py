"""Over HTTP: the page for everyone, and for whoever watches, health, readiness and numbers."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

ALL = ("/", "/healthz", "/readyz", "/metrics", "/static/page.css", "/static/icon.svg")


async def test_everything_is_served(visitor: httpx.AsyncClient) -> None:
    for path in ALL:
        assert (await visitor.get(path)).status_code == 200, path
    for path in ("/docs", "/static/../page.py", "/static/", "/members"):
        assert (await visitor.get(path)).status_code == 404, path


async def test_no_member_is_named_anywhere(community: Any, visitor: httpx.AsyncClient) -> None:
    for tier in ("light", "light", "none"):
        community.member(tier)
    community.opened({"an error instead of statistics: Person 2 was here": 1})
    for path in ALL:
        told = (await visitor.get(path)).text
        assert "Person" not in told
        assert not any(key in told for key in community.keys)


async def test_the_page_runs_nothing_and_asks_no_one(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in policy
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert "http" not in answer.text  # nothing from elsewhere


async def test_older_rounds_are_a_page_away(community: Any, visitor: httpx.AsyncClient) -> None:
    for _ in range(53):
        community.failed()
    first = (await visitor.get("/")).text
    assert first.count("given up") == 50
    assert 'href="?before=4"' in first
    second = (await visitor.get("/?before=4")).text
    assert second.count("given up") == 3
    assert "Older rounds" not in second


@pytest.mark.parametrize("before", ["", "x", "-1", "4 OR 1=1", "9" * 30, "٤"])
async def test_a_senseless_place_to_begin_is_the_newest(
    community: Any, visitor: httpx.AsyncClient, before: str
) -> None:
    community.failed()
    answer = await visitor.get("/", params={"before": before})
    assert (answer.status_code, answer.text.count("given up")) == (200, 1)


async def test_ready_says_what_is_not(community: Any, visitor: httpx.AsyncClient, lose: Callable[[], None]) -> None:
    good = await visitor.get("/readyz")
    assert (good.status_code, good.json()) == (200, {"ok": True, "database": True, "superlink": True})
    community.superlink = False
    halfway = await visitor.get("/readyz")
    assert (halfway.status_code, halfway.json()) == (503, {"ok": False, "database": True, "superlink": False})
    community.superlink = True
    lose()
    without = await visitor.get("/readyz")
    assert (without.status_code, without.json()) == (503, {"ok": False, "database": False, "superlink": True})
    assert (await visitor.get("/healthz")).json() == {"ok": True}  # starting the process again would not help


async def test_without_its_database_the_page_says_so(
    community: Any, visitor: httpx.AsyncClient, lose: Callable[[], None]
) -> None:
    name = str(community.database.engine.url.database).rpartition("/")[2]
    lose()
    answer = await visitor.get("/")
    assert answer.status_code == 503
    assert "come back later" in answer.text
    assert name not in answer.text
    assert 'weal_ready{part="database"} 0.0' in (await visitor.get("/metrics")).text
