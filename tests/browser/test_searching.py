"""Searching in a browser: from any page, with what is asked for marked; no page is wider than a phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.together]


def test_a_note_is_found_and_read(page: Page, start_node: Any, shoot: Callable[[Page, str], None]) -> None:
    node = start_node("ada")
    page.goto(node.link)
    page.goto(node.address + "/notes/new")
    page.get_by_label("Title").fill("Slugs " + "anextremelylongwordwithoutanyblank" * 3)
    page.get_by_label("Text").fill("How do I keep slugs away from the lettuce?")
    page.get_by_label("Private").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Ask or search").fill("slugs")  # the box on every page
    page.get_by_role("button", name="Ask").click()
    expect(page).to_have_url(re.compile(r"q=slugs"))
    for _ in range(60):
        page.goto(node.address + "/search?q=slugs")
        if page.locator("mark").count():
            break
        page.wait_for_timeout(500)
    expect(page.locator("mark").first).to_have_text("slugs")
    shoot(page, "search")
    for address in ("/search?q=slugs", "/search", "/models", "/privacy", "/today", "/notes"):
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(node.address + address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
            shoot(page, "wide-" + address.strip("/").split("?")[0])
    page.goto(node.address + "/search?q=slugs")
    page.get_by_text("Narrow it down").click()
    page.get_by_label("Tag").fill("none")
    page.get_by_role("button", name="Search").last.click()
    expect(page.locator("main")).to_contain_text("Nothing found.")
    shoot(page, "nothing")
