"""Asking in a browser: a note written a moment ago answers, cited; where nothing bears the page says so; no page is wider than a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.together]


def test_a_question_is_answered_by_a_note_and_remembered(
    page: Page, start_node: Any, shoot: Callable[[Page, str], None]
) -> None:
    node = start_node("ada")
    page.goto(node.link)
    page.goto(
        node.address
        + "/notes/new?title=Rehearsals&body=They+moved+to+Thursday+because+of+the+chess+club.&visibility=private"
    )
    page.get_by_role("button", name="Save").click()
    page.goto(node.address + "/ask")
    page.get_by_label("Your question").fill("Why did the rehearsals move?")
    page.get_by_role("button", name="Ask this").click()
    for _ in range(60):
        if page.locator("mark").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("section.card blockquote")).to_contain_text("chess club")
    shoot(page, "ask")
    page.get_by_role("button", name="That answers it").first.click()
    expect(page.locator("main")).to_contain_text("What you said answers this")
    for address in ("/ask", "/ask?q=why+did+the+rehearsals+move", "/ask?q=which+submarine%3F"):
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(node.address + address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
    expect(page.locator("main")).to_contain_text("do not say")
    shoot(page, "ask-nothing")
