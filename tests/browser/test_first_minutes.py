"""The first minutes with a node, in a real browser: log in, teach, see the mirror move, write a note."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.together]

WIDTHS = (360, 1280)


def intervals(page: Page) -> dict[str, float]:
    """Width of every concept's interval, as Mirror shows it."""
    rows = page.locator("tr[data-concept]").all()
    found = {row.get_attribute("data-concept"): row for row in rows}
    return {
        str(name): float(row.get_attribute("data-high") or 0) - float(row.get_attribute("data-low") or 0)
        for name, row in found.items()
    }


@pytest.fixture
def node(start_node: Any) -> Any:
    return start_node("ada")


def test_log_in_teach_mirror_note(page: Page, node: Any) -> None:
    page.goto(node.link)
    expect(page).to_have_url(node.address + "/welcome")  # nothing is here yet
    page.get_by_role("link", name="Mirror", exact=True).click()
    expect(page.get_by_role("heading", name="What your agent knows about you")).to_be_visible()
    before = intervals(page)

    page.get_by_role("link", name="Teach").first.click()
    pairs = 0
    while pairs < 3:
        page.locator("input[name=gesture]").wait_for(state="attached")
        gesture = page.locator("input[name=gesture]").get_attribute("value")
        pairs += page.locator("input[name=kind]").get_attribute("value") == "pair"
        page.locator("button.choice").first.click()
        expect(page.locator("input[name=gesture]")).not_to_have_attribute("value", str(gesture))
    expect(page.locator(".knows")).to_contain_text(re.compile(r"I guessed \d+ of \d+"))

    page.get_by_role("link", name="Mirror", exact=True).click()
    expect(page.locator("[data-pull]")).not_to_have_count(0)
    assert before.keys() < intervals(page).keys()  # what the answers were about has come

    page.get_by_role("link", name="Notes", exact=True).click()
    page.get_by_role("link", name="Write a note").click()
    page.get_by_label("Title").fill("Piano")
    page.get_by_label("Text").fill("I would *love* to play again. <script>alert(1)</script>")
    page.get_by_label("Needs").fill("piano lessons, 1 hour")
    page.get_by_label("Public:").check()  # alone, a note is private until its person says otherwise
    page.get_by_role("button", name="Save").click()
    expect(page.locator("article em")).to_have_text("love")
    expect(page.locator("#chip")).to_contain_text("asked about when you join")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#chip")).to_have_text(re.compile("private"))


def test_no_page_is_wider_than_a_phone_and_the_link_works_once(page: Page, node: Any) -> None:
    page.goto(node.link)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for path in (
            "/today",
            "/teach",
            "/notes",
            "/notes/new",
            "/mirror",
            "/community",
            "/community/items",
            "/welcome",
            "/deals",
            "/community/releases",
            "/privacy",
        ):
            answer = page.goto(node.address + path)
            assert answer is not None
            assert answer.status == 200, path
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading")).to_have_text("This page is its person's")


def test_the_keyboard_alone_answers_a_question(page: Page, node: Any) -> None:
    page.goto(node.link)
    page.goto(node.address + "/teach")
    gesture = page.locator("input[name=gesture]").get_attribute("value")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('choice')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("input[name=gesture]")).not_to_have_attribute("value", str(gesture))
    assert Path(node.output).read_text().count("token=") == 1  # printed once, logged never
