"""The person's hand on the model, in a real browser: said, seen in a score, taken back, forgotten."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.together]


@pytest.fixture
def node(start_node: Any) -> Any:
    return start_node("ada")


def score(page: Page) -> str:
    return str(page.locator("tr[data-score]").get_attribute("data-score"))


def test_a_principle_moves_what_was_never_judged_and_taking_it_back_is_exact(
    page: Page, node: Any, shoot: Callable[[Page, str], None]
) -> None:
    page.goto(node.link)
    page.goto(node.address + "/teach")
    expect(page.get_by_role("heading", name="Is there something you hold to?")).to_be_visible()
    shoot(page, "teach-principle")
    page.get_by_role("button", name="Not now: just ask me").click()
    expect(page.get_by_role("heading", name="Is there something you hold to?")).to_have_count(0)
    while page.locator("input[name=kind]").get_attribute("value") != "single":
        gesture = page.locator("input[name=gesture]").get_attribute("value")
        page.locator("button.choice").first.click()
        expect(page.locator("input[name=gesture]")).not_to_have_attribute("value", str(gesture))
    item = page.locator("input[name=item]").get_attribute("value")
    text = page.locator("blockquote").inner_text()

    page.goto(f"{node.address}/items/{item}")
    before = score(page)
    page.goto(node.address + "/mirror")
    page.get_by_text("Add one", exact=True).click()
    page.get_by_label("A principle, in a few words").fill(text)
    page.get_by_role("button", name="More of this").click()
    expect(page.locator(f'[data-principle="{text}"]')).to_be_visible()
    shoot(page, "mirror-principle")
    page.goto(f"{node.address}/items/{item}")
    assert float(score(page)) > float(before) + 1
    shoot(page, "item-reasons")

    page.goto(node.address + "/mirror")
    page.locator(f'[data-principle="{text}"]').get_by_role("button", name="Take back").click()
    expect(page.locator(f'[data-principle="{text}"]')).to_have_count(0)
    page.goto(f"{node.address}/items/{item}")
    assert score(page) == before

    page.get_by_role("button", name="Forget").first.click()
    expect(page.locator("main")).to_contain_text("Forgotten.")
    assert score(page) != before


def test_vetoes_and_concepts(page: Page, node: Any, shoot: Callable[[Page, str], None]) -> None:
    page.goto(node.link)
    page.goto(node.address + "/mirror")
    page.get_by_text("Rule something out", exact=True).click()
    page.get_by_label("What is never to be suggested").fill("kind is statement")
    page.get_by_role("button", name="Rule it out").click()
    expect(page.locator("main")).to_contain_text("everything, so it will suggest nothing")
    page.goto(node.address + "/teach")
    expect(page.locator("main")).to_contain_text("Your vetoes rule out all")

    page.goto(node.address + "/mirror")
    page.locator("#numbers > summary").click()
    row = page.locator("tr[data-concept]").first
    row.locator("summary").click()
    row.get_by_label("Set to").fill("1.25")
    row.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator(".chip", has_text="set by you")).to_have_count(1)
    page.locator("#numbers > summary").click()
    page.locator("tr[data-concept]").first.locator("summary").click()
    shoot(page, "mirror-control")
    page.locator("#changes li").first.get_by_role("button", name="Take back").click()
    expect(page.locator(".chip", has_text="set by you")).to_have_count(0)
    page.goto(node.address + "/answers")
    expect(page.locator("main")).to_contain_text("None yet")
    shoot(page, "answers")
