"""Joining a community in a browser: the terms first, then a choice; another choice; and out again."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.together]


def test_join_choose_and_leave(
    page: Page, coordinator: Any, start_node: Any, shoot: Callable[[Page, str], None]
) -> None:
    node = start_node("ada")
    page.goto(node.link)
    page.get_by_role("link", name="Community", exact=True).click()
    page.get_by_label("With an invite").fill(coordinator.invite())
    shoot(page, "invite")
    page.get_by_role("button", name="See the terms").click()
    expect(page.locator("main")).to_contain_text("You are about to join commons")
    expect(page.get_by_role("radio")).to_have_count(5)
    expect(page.get_by_role("radio", name="Counts and axes")).to_be_checked()
    shoot(page, "terms")
    page.get_by_role("radio", name="A blurred taste").check()
    page.get_by_role("button", name="Join").click()
    expect(page.locator("h1")).to_have_text("commons")

    page.get_by_role("link", name="What you give to what is learnt together").click()
    expect(page.get_by_role("radio", name="A blurred taste")).to_be_checked()
    page.get_by_role("radio", name="Nothing").check()
    page.get_by_role("button", name="Choose").click()
    expect(page.locator(".notice").first).to_contain_text("It holds from now on")
    expect(page.get_by_role("radio", name="Nothing")).to_be_checked()
    shoot(page, "part")

    page.get_by_role("button", name="Leave commons").click()
    expect(page.get_by_label("I am sure")).to_be_focused()  # nothing was sent
    page.get_by_label("I am sure").check()
    page.get_by_role("button", name="Leave commons").click()
    expect(page.locator(".notice")).to_contain_text("You have left")
    expect(page.get_by_label("With an invite")).to_be_visible()
