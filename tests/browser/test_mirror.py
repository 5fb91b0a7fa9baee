"""Mirror of someone who has answered much and changed once: named, marked, with its evidence, and no wider than a phone."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from weal_node.features.projection import shipped
from weal_node.features.weights import ENCODER_SHA256
from weal_node.records import Answer, Choice
from weal_node.reward.calibration import Guess
from weal_node.store import answers, embeddings, gate, items
from weal_node.store.database import Database

pytestmark = [pytest.mark.browser, pytest.mark.together]

WIDTHS = (360, 1280)
ANSWERS, TURN = 140, 100
HOUR_MS = 3_600 * 1_000
CONCEPT = "decisions by consensus"  # of the public vocabulary: two of the first statements are about it


def live(home: Path, until_ms: int) -> str:
    """Answer once an hour: what is on one side of the first public direction is liked, and after the turn what is on the other. Return an item about CONCEPT."""
    database = Database(home / "node.db")
    known = [state for state in database.read_now(items.every) if state.kind == "statement"]
    names = [hashlib.sha256(state.text.encode()).hexdigest() for state in known]
    found = database.read_now(lambda connection: embeddings.find(connection, ENCODER_SHA256, names))
    side = {state.id: float(shipped().apply(found[name][None])[0, 0]) for state, name in zip(known, names, strict=True)}
    far = sorted(side, key=lambda one: abs(side[one]), reverse=True)[:40]
    middle = sorted(side[one] for one in far)[len(far) // 2]

    def answer(connection: Any) -> None:
        for n in range(ANSWERS):
            item, at = far[n % len(far)], until_ms - (ANSWERS - n) * HOUR_MS
            likes = (side[item] > middle) == (n < TURN)
            said = Answer(f"{n:032x}", at, item, "", Choice.ACCEPT if likes else Choice.REJECT, "teach")
            answers.add(connection, said)
            if n % 9 == 0:
                gate.guess(connection, said.id, at, Guess(0.8 if n % 27 else 0.3, likes), audit=True)

    database.write_now(answer)
    database.close()
    return next(state.id for state in known if state.text.startswith("Decisions made by a vote"))


def fits(page: Page, what: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), what


def test_a_change_its_evidence_and_a_name_that_holds_on_every_page(
    page: Page, start_node: Any, shoot: Callable[[Page, str], None]
) -> None:
    node = start_node("ada")
    page.goto(node.link)
    page.goto(node.address + "/mirror")
    expect(page.get_by_text("Nothing yet.", exact=True)).to_be_visible()
    node.stop()
    item = live(node.home, int(time.time() * 1_000) - HOUR_MS)
    node = start_node("ada")
    page.goto(node.link)

    page.goto(node.address + "/mirror")
    expect(page.locator("[data-turn]")).to_have_count(1)
    expect(page.locator("[data-sentence]").first).to_be_visible()
    fits(page, "mirror in sentences")
    shoot(page, "mirror-sentences")
    page.locator("#numbers > summary").click()
    row = page.locator(f'tr[data-concept="{CONCEPT}"]')
    row.locator("summary").click()
    expect(row.locator("[data-pull]")).to_have_count(3)
    fits(page, "mirror")
    shoot(page, "mirror-changed")
    row.get_by_label("Call it").fill("deciding together")
    row.get_by_role("button", name="Confirm").click()
    expect(page.locator(f'tr[data-concept="{CONCEPT}"] summary')).to_contain_text("deciding together")

    page.locator("[data-sentence] h3 a").first.click()
    expect(page.get_by_role("heading", name="The answers under it")).to_be_visible()
    fits(page, "a sentence")
    shoot(page, "mirror-about")
    page.goto(node.address + "/mirror/right")
    expect(page.locator("[data-block]")).to_have_count(2)
    fits(page, "how often right")
    shoot(page, "mirror-right")

    page.goto(node.address + "/mirror/course")
    expect(page.locator(f'[data-panel="{CONCEPT}"] figcaption')).to_have_text("deciding together")
    expect(page.locator(f'[data-panel="{CONCEPT}"] line.turn')).to_have_count(1)
    fits(page, "course")
    shoot(page, "mirror-course")

    page.goto(f"{node.address}/items/{item}")
    expect(page.locator("tr[data-amount] th", has_text="deciding together")).to_have_count(1)
    fits(page, "item")
    shoot(page, "item-named")
    page.goto(node.address + "/today?peek=1")
    fits(page, "today")
    shoot(page, "today-peek")
