"""Whatever a stranger asks of a coordinator's public page, it is answered, and not with a fault of the server's.

A run has WEAL_FUZZ times 40 requests, 3 times unless that says otherwise."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from weal_coordinator.community.charter import TEMPLATE, read
from weal_coordinator.config import Home
from weal_coordinator.store.database import Database
from weal_coordinator.web.page import page

EXAMPLES = 40 * int(os.environ.get("WEAL_FUZZ", "3"))
BUDGET_S = 60.0  # the test's own failsafe
PATHS = (
    "/",
    "/static/",
    "/static/page.css",
    "/healthz",
    "/readyz",
    "/metrics",
    "/bundles",
    "/bundles/",
    "/bundles/../",
    "/%2e%2e/",
    "//",
    "/\x00",
)
ODD = (
    "",
    "0",
    "-1",
    "9" * 9,
    "9" * 19,
    "9" * 5_000,
    "1e999",
    "nan",
    "٣",
    "²",
    "\x00",
    "\ufeff",
    "../../etc/passwd",
    "a" * 300,
    "%",
    "%00",
    "%ff",
)
HEADERS = (
    "host",
    "origin",
    "range",
    "if-range",
    "if-modified-since",
    "if-none-match",
    "content-length",
    "content-type",
    "accept-encoding",
    "cookie",
    "x-forwarded-host",
)
VALUES = ("", "a", "bytes=0-", "bytes=-1", "bytes=9-1", "bytes=0-0,1-1,", "bytes=" + "0-1," * 500, "bytes=" + "9" * 5_000 + "-", "items=x", "Thu, 99 Foo 0000", "-1", "*", '"', "a;q=9")  # fmt: skip


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[asyncio.AbstractEventLoop, Starlette]]:
    database, place = Database(f"sqlite:///{tmp_path / 'coordinator.db'}"), Home(tmp_path)
    place.bundles.mkdir(parents=True)
    loop = asyncio.new_event_loop()
    yield loop, page(database, read(TEMPLATE.format(name="commons")), lambda: True, place=place)
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    database.close()


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(
    st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "PUT", "OPTIONS", "X"]),
    st.sampled_from(PATHS),
    st.one_of(st.sampled_from(ODD), st.text(max_size=20).map(lambda text: text.encode(errors="replace").decode())),
    st.dictionaries(
        st.sampled_from(["before", "page", "a"]), st.sampled_from(ODD) | st.text("0123456789-", max_size=30), max_size=3
    ),
    st.dictionaries(st.sampled_from(HEADERS), st.sampled_from(VALUES), max_size=3),
    st.binary(max_size=30),
)
def test_no_request_is_answered_with_a_fault_of_the_servers(
    asked: tuple[asyncio.AbstractEventLoop, Starlette],
    method: str,
    head: str,
    tail: str,
    query: dict[str, str],
    headers: dict[str, str],
    body: bytes,
) -> None:
    loop, app = asked

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://commons.example") as client:
            url = quote(head, safe="/%.") + quote(tail)
            return await asyncio.wait_for(
                client.request(method, url, params=query, headers=headers, content=body), BUDGET_S
            )

    answer = loop.run_until_complete(send())
    assert answer.status_code < 500, (answer.status_code, answer.text[:500])
    assert "Traceback" not in answer.text
