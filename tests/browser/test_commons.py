"""Two people in a browser: one shares a note, the other finds it by topic, suggests a change; the first accepts. No page scrolls sideways."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.waiting import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.together]  # two nodes and a browser


def narrow_and_wide(page: Page) -> None:
    page.wait_for_load_state()  # with its style sheet: until then nothing is broken into lines
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def joined(page: Page, node: Any, invite: str) -> None:
    page.goto(node.link)
    page.goto(f"{node.address}/community")
    page.get_by_label("With an invite").fill(invite)
    page.get_by_role("button", name="See the terms").click()
    page.get_by_role("button", name="Join").click()
    expect(page.locator("h1")).to_have_text("commons")


def appears(page: Page, address: str, text: str) -> None:
    """Load a page again until it shows this; nothing on these pages needs a script."""
    end = time.monotonic() + PATIENCE_S
    while True:
        page.goto(address)
        if page.locator("main").get_by_text(text).count():
            return
        assert time.monotonic() < end, f"{address} never showed {text!r}"
        page.wait_for_timeout(500)


def test_a_note_grows_between_two_people(
    page: Page, coordinator: Any, start_node: Any, shoot: Callable[[Page, str], None]
) -> None:
    ada, bo = start_node("ada", publish_delay_s=0), start_node("bo", publish_delay_s=0)
    joined(page, ada, coordinator.invite())
    page.goto(f"{ada.address}/notes/new")
    page.get_by_label("Title").fill("Oak trees")
    page.get_by_label("Text").fill(
        "Oaks last. See [[Elms]].\n\n" + "unbroken" * 60 + "\n\n|a|b|\n|-|-|\n|" + "x" * 200 + "|2|"
    )
    page.get_by_role("button", name="Save").click()

    other = page.context.new_page()
    joined(other, bo, coordinator.invite())
    appears(other, f"{bo.address}/topics/oak%20trees", "Oaks last.")
    narrow_and_wide(other)
    shoot(other, "topic")
    other.goto(f"{bo.address}/topics/elms")
    expect(other.locator("#backlinks")).to_contain_text("Oak trees")
    other.goto(f"{bo.address}/people")
    narrow_and_wide(other)
    shoot(other, "people")
    other.locator("#newest").get_by_role("link", name="Oak trees").click()
    other.get_by_text("Suggest a change").click()
    other.get_by_label("How it should read").fill("Oaks last long. See [[Elms]].")
    other.get_by_role("button", name="Suggest", exact=True).click()
    expect(other.locator(".notice").first).to_contain_text("Its author decides")
    narrow_and_wide(other)
    shoot(other, "suggested")

    appears(page, page.url.split("?")[0], "What others see")
    address = str(page.get_by_role("link", name="What others see").get_attribute("href"))
    appears(page, ada.address + address, "Suggestions: 1")
    narrow_and_wide(page)
    page.locator(".suggestion").get_by_text("Accept", exact=True).first.click()
    page.locator(".suggestion").get_by_role("button", name="Accept").click()
    expect(page.locator(".notice").first).to_contain_text("names the suggestion")
    expect(page.locator("article")).to_contain_text("Oaks last long.")
    appears(other, other.url.split("?")[0], "accepted")
    expect(other.locator("main")).to_contain_text("with you")
    page.goto("about:blank")  # a page of a note looks again by itself, and the nodes stop first
