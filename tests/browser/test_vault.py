"""The vault in a real browser: hostile notes do nothing there, and its pages fit a phone and work by hand."""

import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support import browsing

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="Debian's chromium is not installed"),
]
HOSTILE = Path(__file__).parents[1] / "node/vault/test_two_hundred_hostile.py"
WIDTHS = (360, 1280)


@pytest.fixture
def node(start_node: Any) -> Any:
    return start_node("ada")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_hostile_notes_execute_nothing_and_fetch_nothing(page: Page, node: Any) -> None:
    for name, raw in runpy.run_path(str(HOSTILE))["notes"]():
        if name.startswith("body") and len(raw) < 1_000:
            (node.home / "vault" / name).write_bytes(raw)
    asked: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))  # one would stop the page, and the test with it
    page.goto(node.link)
    found = browsing.asked(page, node.address + "/api/notes")["notes"]
    assert len(found) > 50
    for note in found:
        page.goto(f"{node.address}/notes/{note['id']}", wait_until="load")
    assert dialogs == []
    assert [address for address in asked if not address.startswith(node.address)] == []


def test_a_note_is_previewed_restored_and_forgotten_by_hand(
    page: Page, node: Any, shoot: Callable[[Page, str], None]
) -> None:
    page.goto(node.link)
    page.goto(node.address + "/notes/new")
    page.get_by_label("Title").fill("Garden")
    page.get_by_label("Text").fill("Water the *beans*, ring +49 171 1234567.")
    page.get_by_label("Public:").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview em")).to_have_text("beans")
    assert page.get_by_label("Title").input_value() == "Garden"
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Held back: it seems to hold a phone number")
    shoot(page, "held")
    address = page.url.split("?")[0]
    page.get_by_role("button", name="It may leave with that").click()
    expect(page.locator("#chip")).to_contain_text("asked about when you join")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Text").fill("Nothing.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="History").click()
    page.locator("ul.plain a").last.click()
    shoot(page, "version")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("article")).to_contain_text("beans")
    notes = Path(node.home) / "elsewhere"
    notes.mkdir()
    (notes / "Long.md").write_text("# " + "Averyveryverylongwordwithoutanyspace" * 4 + "\npassword: hunter22\n")
    page.goto(node.address + "/notes/import")
    page.get_by_label("A folder or file").fill(str(notes))
    page.get_by_role("button", name="Look through it").click()
    expect(page.locator("dl")).to_be_visible()
    shoot(page, "plan")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#import")).to_contain_text("1 note imported")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for path in (
            "/notes",
            "/notes?folder=elsewhere",
            "/notes/import",
            "/notes/review",
            "/notes/leaving",
            "/notes/gone",
            "/today",
        ):
            page.goto(node.address + path)
            assert fits(page), (width, path)
        for end in ("", "/history"):
            page.goto(address + end)
            assert fits(page), (width, end)
    page.goto(node.address + "/notes/review")
    shoot(page, "review")
    page.goto(node.address + "/notes")
    shoot(page, "notes")
    page.goto(address)
    page.get_by_text("Forget this note").click()
    page.get_by_label("File and every version").check()
    page.get_by_role("button", name="Forget").click()
    expect(page.locator("main")).to_contain_text("Nothing of it is left on this node")
