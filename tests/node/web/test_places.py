"""Every page belongs to a place or to the shield, and the box on every page leads to a page that is there."""

from typing import Any

import pytest

from weal_node.web import places
from weal_node.web.routes import TABLE

OUTSIDE = ("/healthz", "/readyz", "/login", "/api/", "/pictures/", "/capture", "/welcome")  # no page, or of no place


@pytest.mark.parametrize("path", [path for method, path, _ in TABLE if method == "GET" and path != "/"])
def test_a_page_has_its_place(path: str) -> None:
    assert bool(places.current(path)) != path.startswith(OUTSIDE)


def test_the_box_leads_to_ask_where_there_is_such_a_page() -> None:
    pages = {path for method, path, _ in TABLE if method == "GET"}
    assert places.ASK in pages
    assert places.ASK == "/ask" or "/ask" not in pages


@pytest.mark.parametrize("path", ["/today", "/notes", "/mirror", "/deals", "/community", "/privacy"])
async def test_the_place_one_is_in_is_marked_and_no_other(page: Any, path: str) -> None:
    shown = await page.see(path)
    bar = shown[shown.index('<header class="top">') : shown.index("</header>")]
    assert bar.count('aria-current="page"') == 1
    assert f'href="{path}" aria-current="page"' in bar
    for place in places.PLACES:
        assert f'href="{place.address}"' in bar
    assert f'action="{places.ASK}" method="get" role="search"' in bar


async def test_an_address_of_no_page_is_answered_by_one(page: Any) -> None:
    assert "There is no page at this address." in await page.see("/nothing/here", 404)
