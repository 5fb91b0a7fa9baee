"""What writers of Obsidian write, in a real browser: it fits a phone, folds without a script, and its places are found."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.browsing import asked

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="Debian's chromium is not installed"),
]
POT = """---
author: "[[Ilse Berg]]"
made: [clay, "[[Oven|the oven]]"]
source: https://example.org/pots
---
# Pot

See [[#Glaze]] and [[Oven#Heat]]. %%I never fired one%% It is ==watertight==, says Ilse[^1].

> [!warning]- Hot
> Let it cool.

> [!tip] Wet hands
> - [x] knead
> - [ ] throw

![[Oven#Heat]]

$$
T = \\frac{Q}{m \\cdot c}
$$

```mermaid
graph TD
  clay --> pot
```

## Glaze

Ash and $SiO_2$. ^ash

[^1]: In May.
"""


def test_a_note_of_obsidian_reads_as_its_writer_meant_it(
    page: Page, start_node: Any, shoot: Callable[[Page, str], None]
) -> None:
    node = start_node("ada")
    (node.home / "vault" / "Pot.md").write_text(POT)
    (node.home / "vault" / "Oven.md").write_text("Of brick.\n\n## Heat\n\n900 degrees.\n")
    page.goto(node.link)
    notes = {one["title"]: one["id"] for one in asked(page, node.address + "/api/notes")["notes"]}
    page.goto(f"{node.address}/notes/{notes['Pot']}")
    article = page.locator("article.note-body")
    expect(article.locator("mark")).to_have_text("watertight")
    expect(article).not_to_contain_text("never fired")
    expect(article.get_by_text("Let it cool.")).to_be_hidden()
    article.get_by_text("Hot", exact=True).click()
    expect(article.get_by_text("Let it cool.")).to_be_visible()
    expect(article.locator(".embed")).to_contain_text("900 degrees.")
    expect(article.locator(".embed")).not_to_contain_text("Of brick.")
    assert article.locator("math[display=block] mfrac").bounding_box()
    page.goto(f"{node.address}/notes/{notes['Pot']}/edit")
    expect(page.get_by_label("Text")).to_have_value(POT.split("---\n", 2)[2])
    page.goto(f"{node.address}/notes/{notes['Pot']}")
    expect(page.locator("dl.properties").get_by_role("link", name="the oven")).to_be_visible()
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    shoot(page, "dialect")
    article.get_by_role("link", name="Glaze").click()
    expect(page.locator("h2:target")).to_have_text("Glaze")
    page.goto(f"{node.address}/notes/{notes['Pot']}")
    article.get_by_role("link", name="Oven#Heat").click()
    expect(page.locator("h2:target")).to_have_text("Heat")
