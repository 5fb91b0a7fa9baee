"""Two people make a deal, each in a browser of their own node: found, negotiated, ranked, ratified, rated."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.browsing import asked
from support.waiting import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.together]


def write_note(page: Page, node: Any, title: str, needs: str, offers: str) -> None:
    page.goto(node.address + "/notes/new")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Needs").fill(needs)
    page.get_by_label("Offers").fill(offers)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#chip")).to_be_visible()


def until(page: Page, address: str, condition: Callable[[], bool]) -> None:
    """Load the page again until the condition holds."""
    end = time.monotonic() + PATIENCE_S
    while True:
        page.goto(address)
        if condition():
            return
        assert time.monotonic() < end, page.locator("main").inner_text()
        page.wait_for_timeout(300)


def has(page: Page, name: str) -> Callable[[], bool]:
    return lambda: page.get_by_role("button", name=name).count() > 0


def test_a_deal_from_two_notes_to_two_labels(page: Page, coordinator: Any, start_node: Any, shoot: Any) -> None:
    ada, bo = start_node("ada", publish_delay_s=0), start_node("bo", publish_delay_s=0)
    for node in (ada, bo):
        command = [sys.executable, "-m", "weal_node", "join", coordinator.invite(), "--home", str(node.home), "--yes"]
        subprocess.run(command, check=True, capture_output=True)
        page.goto(node.link)
    other = page.context.new_page()
    write_note(page, ada, "Music", "piano lessons", "bicycle repair")
    write_note(other, bo, "Workshop", "bicycle repair", "piano lessons")

    def look() -> bool:
        page.get_by_role("button", name="Look for deals").click()
        return page.locator("a.deal").count() > 0

    until(page, ada.address + "/deals", look)
    page.locator("a.deal").first.click()
    path = re.sub(r"^http://[^/]+", "", page.url)
    shoot(page, "deal-draft")
    page.get_by_role("button", name="Negotiate").click()
    # Bo's agent found the same by itself: the draft has the button too, and is another page once the invitation is there.
    until(other, bo.address + path, lambda: other.locator(".chip", has_text="invited").count() > 0)
    other.get_by_role("button", name="Negotiate").click()

    for side, node in ((page, ada), (other, bo)):
        until(side, node.address + path, has(side, "Send my ranking"))
        assert 1 <= side.locator("select").count() <= 5
        expect(side.locator("table.shares").first).to_contain_text("you")
        expect(side.get_by_text("Even:").first).to_be_visible()
        side.get_by_text("Why your agent sees it so").first.click()
        expect(side.locator("dl.parts dd").first).to_be_visible()
        shoot(side, f"deal-options-{side is page}")
        side.get_by_role("button", name="Send my ranking").click()
        expect(side.get_by_role("status")).to_have_text("Your ranking is in.")
    for side, node in ((page, ada), (other, bo)):
        until(side, node.address + path, has(side, "I ratify these terms"))
        expect(side.get_by_text("What ratifying means")).to_be_visible()
        shoot(side, f"deal-terms-{side is page}")
        side.get_by_role("button", name="I ratify these terms").click()
    for side, node in ((page, ada), (other, bo)):
        until(side, node.address + path, has(side, "I am glad of it"))
        assert side.locator("dd", has_text=re.compile("^ratified$")).count() == 2
        assert re.search(r"\b[0-9a-f]{64}\b", side.locator("main").inner_text())
        side.get_by_role("button", name="Yes: give a receipt").click()
        expect(side.get_by_role("status")).to_have_text("Your receipt is signed and on its way.")
        side.get_by_role("button", name="I did my part").click()
        expect(side.get_by_role("status")).to_have_text("Noted: you did your part.")
        side.get_by_role("button", name="I am glad of it").click()
        expect(side.get_by_text("You rated the outcome")).to_be_visible()
        side.get_by_text("Transcript").click()
        shoot(side, f"deal-done-{side is page}")
    until(
        page,
        ada.address + "/deals/receipts",
        lambda: page.get_by_text("fulfilled; yours given; from Bo").count() > 0,
    )
    shoot(page, "receipts")
    letters = asked(page, f"{ada.address}{path}/letters")
    assert len(letters["signed_envelopes"]) >= 14
    page.goto(ada.address + path)
    page.get_by_role("button", name="Stop everything").click()
    assert (ada.home / "paused").exists()
    page.goto(ada.address + "/privacy")
    assert page.get_by_text("sealed frame").count() >= 3
    shoot(page, "deal-privacy")
