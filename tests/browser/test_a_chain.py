"""Three people who could help each other all round: found by itself, negotiated as strangers, left with a reason; each in a browser."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.waiting import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.together]

WISHES = {
    "ada": ("piano lessons", "bicycle repair"),
    "bo": ("bicycle repair", "garden work"),
    "cy": ("garden work", "piano lessons"),
}


def until(page: Page, address: str, condition: Callable[[], bool]) -> None:
    """Load the page again until the condition holds."""
    end = time.monotonic() + PATIENCE_S
    while True:
        page.goto(address)
        if condition():
            return
        assert time.monotonic() < end, page.locator("main").inner_text()
        page.wait_for_timeout(300)


def test_a_chain_is_found_by_itself_and_read_by_name(page: Page, coordinator: Any, start_node: Any, shoot: Any) -> None:
    nodes = {name: start_node(name, publish_delay_s=0) for name in WISHES}
    sides: dict[str, Page] = {}
    for name, node in nodes.items():
        command = [sys.executable, "-m", "weal_node", "join", coordinator.invite(), "--home", str(node.home), "--yes"]
        subprocess.run(command, check=True, capture_output=True)
        side = sides[name] = page.context.new_page()
        side.goto(node.link)
    for name, (need, offer) in WISHES.items():
        side = sides[name]
        side.goto(nodes[name].address + "/notes/new")
        side.get_by_label("Title").fill("Wishes")
        side.get_by_label("Needs").fill(need)
        side.get_by_label("Offers").fill(offer)
        side.get_by_role("button", name="Save").click()
        expect(side.locator("#chip")).to_be_visible()

    chain = re.compile(r"\S+ \S+ for \S+ \S+ for ", re.IGNORECASE)
    path = ""
    for name, side in sides.items():  # nobody looks for deals: the nodes do
        link = side.locator("a.deal", has_text=chain)
        until(side, nodes[name].address + "/deals", lambda link=link: link.count() > 0)  # type: ignore[misc]  # bound now
        assert path in {"", link.first.get_attribute("href")}
        path = link.first.get_attribute("href") or ""
    first = ""
    for name, side in sides.items():
        side.goto(nodes[name].address + path)
        expect(side.get_by_text(re.compile(r"^\S+ gives (\S+) .*: 0, 1 or 2 hours$")).first).to_be_visible()
        expect(side.get_by_text("that alone is told to the community")).to_be_visible()
        if side.get_by_text("Change what it is about").count():
            first = name
    shoot(sides[first], "chain-draft")
    sides[first].get_by_role("button", name="Carefully: tell less, find less").click()
    others = [name for name in WISHES if name != first]
    for name in others:
        side = sides[name]
        negotiate = side.get_by_role("button", name="Negotiate")
        invited = side.locator(".chip", has_text="invited")
        until(side, nodes[name].address + path, lambda invited=invited: invited.count() > 0)  # type: ignore[misc]
        shoot(side, f"chain-invited-{name}")
        negotiate.click()
    for name, side in sides.items():
        sends = side.get_by_role("button", name="Send my ranking")
        until(side, nodes[name].address + path, lambda sends=sends: sends.count() > 0)  # type: ignore[misc]
        expect(side.get_by_text("How even this is cannot be shown").first).to_be_visible()
        shoot(side, f"chain-options-{name}")
        sends.click()
    for name, side in sides.items():
        ratifies = side.get_by_role("button", name="I ratify these terms")
        until(side, nodes[name].address + path, lambda it=ratifies: it.count() > 0)  # type: ignore[misc]
        expect(side.get_by_text(re.compile("^You would sign: .* gives? .*hour")).first).to_be_visible()
        shoot(side, f"chain-terms-{name}")
    leaver = sides[others[0]]
    leaver.get_by_text("Withdraw from this deal").click()
    leaver.get_by_label("Reason, sent to the others").fill("My bicycle was stolen")
    leaver.get_by_role("button", name="Withdraw").click()
    for name in (first, others[1]):
        side = sides[name]
        told = side.locator(".notice", has_text="withdrew: My bicycle was stolen")
        until(side, nodes[name].address + path, lambda told=told: told.count() > 0)  # type: ignore[misc]
        side.get_by_text("Transcript").click()
        shoot(side, f"chain-left-{name}")
    until(
        leaver,
        nodes[others[0]].address + "/privacy",
        lambda: leaver.get_by_text("answer to a chain of help").count() > 0,
    )
    leaver.get_by_text("answer to a chain of help").first.click()
    expect(leaver.locator("main")).to_contain_text(re.compile(r"[0-9a-f]{32} no"))
