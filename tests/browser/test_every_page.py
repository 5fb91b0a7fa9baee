"""Every page, on a phone and a wide screen, dark and light, without JavaScript: it fits, says what it is, and can be used by hand and ear.

No checker of accessibility is among what the project installs; what it would look for first is looked for here.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

from support.waiting import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.together]
PAGES = (
    "/welcome", "/today", "/today?peek=1", "/teach", "/notes", "/notes/new", "/notes/leaving", "/notes/import", "/notes/review",
    "/notes/gone", "/notes?q=none+such", "/search", "/search?q=bread", "/topics?name=bread", "/people", "/mirror", "/mirror/course",
    "/answers", "/deals", "/deals/receipts", "/community", "/community/items", "/community/releases", "/privacy", "/models", "/nothing",
)  # fmt: skip
SETTINGS = [(width, scheme) for width in (360, 1280) for scheme in ("light", "dark")]
NOTE = """---
tags: [bread]
visibility: public
needs: [bicycle repair]
offers: [rye bread]
place: {of: it}
---
# Bread and averyverylongwordwithoutanyspacethatgoesonandonandonandon

- [ ] 72 is enough, see [[Soup]]

## Heat

| a | b | c | d | e | f | g | h |
|---|---|---|---|---|---|---|---|
| one | two | three | four | five | six | seven | eight |
"""
# What a page is for eyes, hands and ears, as one list of faults. A control's name is its label, its aria-label or its text.
LOOK = """() => {
  const faults = [], all = (what) => [...document.querySelectorAll(what)];
  const seen = (e) => e.checkVisibility({checkVisibilityCSS: true});
  const say = (what, e) => faults.push(what + ": " + e.outerHTML.slice(0, 90));
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push("scrolls sideways by " + (root.scrollWidth - root.clientWidth));
  if (!root.lang) faults.push("has no language");
  const main = all("h1").filter((e) => !e.closest(".note-body"));
  if (main.length !== 1) faults.push(main.length + " main headings");
  if (!all("main .lede").some(seen)) faults.push("does not say what it is");
  if (all("main .next").filter(seen).length > 1) faults.push("says more than one next step");
  for (const [what, count] of [["main", 1], ["header", 1], ["footer", 1], ["form[role=search].askbox", 1]])
    if (all("body " + what).filter((e) => !e.closest("article")).length < count) faults.push("no " + what);
  let level = 1;
  for (const heading of all("main h1, main h2, main h3, main h4").filter((e) => seen(e) && !e.closest(".note-body"))) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) say("leaps over a level", heading);
    level = own;
  }
  const named = (e) => (e.getAttribute("aria-label") || "").trim() || (e.getAttribute("aria-labelledby") && "by") ||
    (e.labels && [...e.labels].map((l) => l.textContent).join(" ").trim()) || e.textContent.trim();
  for (const control of all("a[href], button, summary, input:not([type=hidden]), select, textarea")) {
    const own = control.matches("select, textarea") ? (control.labels[0] || {textContent: ""}).textContent.trim() || control.ariaLabel : named(control);
    if (!own) say("has no name", control);
  }
  for (const control of all("button, summary, input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, textarea, .tabs a, .subtabs a").filter(seen)) {
    const box = control.getBoundingClientRect();
    if (box.height < 43.5 && !control.closest(".note-body")) say("is " + box.height.toFixed(0) + " px high", control);
  }
  for (const nav of all("nav")) if (!nav.ariaLabel) say("a landmark without a name", nav);
  for (const drawing of all("svg")) if (!drawing.closest("[aria-hidden]") && drawing.getAttribute("role") !== "img") say("a drawing without words", drawing);
  const ids = all("[id]").map((e) => e.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) faults.push("two of id " + id);
  if (all("[style], style, script:not([src])").length) faults.push("has inline style or script");
  return faults;
}"""
# Each text's contrast with what is behind it, WCAG 2: at least 4.5. Colours are solid; a see-through one is mixed with what lies under it.
CONTRAST = """() => {
  const parts = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = (c) => { const f = c.slice(0, 3).map((v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c.length && (c.length < 4 || c[3] === 1)) return c; } return [255, 255, 255]; };
  const faults = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !e.checkVisibility() || e.closest("svg, datalist, option, [disabled], script")) continue;
    const [a, b] = [light(parts(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) faults.add(ratio.toFixed(1) + " of " + e.tagName + "." + e.className + ": " + walker.currentNode.textContent.trim().slice(0, 40));
  }
  return [...faults];
}"""


@pytest.fixture
def node(start_node: Any) -> Any:
    return start_node("ada")


@pytest.fixture
def opened(tmp_path: Path, node: Any) -> Iterator[tuple[Any, BrowserContext]]:
    """A person's browser without JavaScript, logged in; evaluating a script from outside works all the same."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(java_script_enabled=False)
        context.set_default_timeout(PATIENCE_S * 1_000)
        context.new_page().goto(node.link)
        yield node, context
        browser.close()


def every_page(page: Page, node: Any) -> list[str]:
    """The addresses of all pages that a person alone can come to, those of one note among them."""
    (node.home / "vault/Bread.md").write_text(NOTE)
    (node.home / "vault/Templates").mkdir()
    (node.home / "vault/Templates/Daily.md").write_text("# {{date}}\n")
    (node.home / "vault/Latin.md").write_bytes(b"\xff\xfe")
    page.goto(node.address + "/notes?q=Bread.md")
    link = str(page.locator("#listing a[href^='/notes/']").first.get_attribute("href"))
    page.goto(node.address + link + "/history")
    refused = page.goto(node.address + "/notes")
    assert refused is not None
    page.goto(node.address + "/community/items")
    item = str(page.locator("main li a").first.get_attribute("href"))
    return [*PAGES, link, link + "/edit", link + "/history", item]


def test_each_fits_says_what_it_is_and_has_names_for_all_there_is_to_press(opened: tuple[Any, BrowserContext]) -> None:
    node, context = opened
    page = context.pages[0]
    addresses = every_page(page, node)
    faults = {}
    for width, scheme in SETTINGS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two words
        for address in addresses:
            page.goto(node.address + address)
            page.evaluate("document.querySelectorAll('main details').forEach((fold) => fold.open = true)")
            if found := page.evaluate(LOOK) + page.evaluate(CONTRAST):
                faults[address, width, scheme] = found
    assert not faults, "\n".join(f"{key}: {value}" for key, value in faults.items())


@pytest.mark.parametrize("width", [360, 1280])
def test_the_keyboard_reaches_the_bar_first_and_nothing_hides_under_it(
    opened: tuple[Any, BrowserContext], width: int
) -> None:
    node, context = opened
    page = context.pages[0]
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/today", "/notes", "/mirror", "/deals", "/community", "/privacy", "/welcome"):
        page.goto(node.address + address)
        reached = []
        for _ in range(10):
            page.keyboard.press("Tab")
            reached.append(
                page.evaluate("(document.activeElement.ariaLabel || document.activeElement.textContent).trim()")
            )
        assert reached[:2] == ["To the content", "Weal"]
        assert reached[2:7] == ["Today", "Notes", "Mirror", "Deals", "Community"]
        assert [re.sub(r"\s+", " ", name) for name in reached[7:10]] == ["Ask or search", "Ask", "Privacy"]
        bar = page.locator(".tabs").bounding_box()
        for _ in range(12):
            page.keyboard.press("Tab")
            box = page.evaluate("(({top, bottom}) => [top, bottom])(document.activeElement.getBoundingClientRect())")
            ringed = page.evaluate(
                "getComputedStyle(document.activeElement).outlineStyle !== 'none' || document.activeElement.matches('body, .pick input')"
            )
            assert ringed
            if (
                width == 360
                and bar
                and page.evaluate(
                    "!document.activeElement.closest('.tabs') && document.activeElement !== document.body"
                )
            ):
                assert box[0] < bar["y"], (address, box)


def test_a_first_evening_without_javascript(opened: tuple[Any, BrowserContext]) -> None:
    node, context = opened
    page = context.pages[0]
    assert page.url == node.address + "/welcome"
    page.get_by_role("button", name="Write a first note").click()
    page.get_by_label("Title").fill("Leaven")
    page.get_by_role("button", name="Save").click()
    page.goto(node.address + "/")
    assert page.url == node.address + "/look"
    page.get_by_role("link", name="Notes", exact=True).click()
    page.get_by_label("Go to a note by name").fill("leaven")
    page.get_by_role("button", name="Go", exact=True).click()
    assert re.fullmatch(r".*/notes/[0-9a-f]{32}", page.url)
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Text").fill("Feed it at six.")
    page.get_by_role("button", name="Save").click()
    assert "Feed it at six." in page.locator("article").inner_text()
    page.goto(node.address + "/notes")
    page.get_by_role("button", name="Today's note").click()
    assert page.url.endswith("/edit")
    page.goto(node.address + "/teach")
    page.locator("button.choice").first.click()
    page.get_by_role("button", name="Undo").click()
    assert "It is as if you had never said it" in page.locator("main").inner_text()


def test_keys_answer_skip_and_undo(page: Page, node: Any) -> None:
    page.goto(node.link)
    page.goto(node.address + "/teach")
    for key in ("1", "2", "3"):
        gesture = page.locator("input[name=gesture]").get_attribute("value")
        page.keyboard.press(key)
        page.locator(f"input[name=gesture]:not([value='{gesture}'])").wait_for(state="attached")
        if key != "3":
            page.get_by_role("button", name="Undo").wait_for()
    gesture = page.locator("input[name=gesture]").get_attribute("value")
    page.keyboard.press("1")
    page.locator(f"input[name=gesture]:not([value='{gesture}'])").wait_for(state="attached")
    page.keyboard.press("u")
    page.get_by_text("It is as if you had never said it").first.wait_for(
        state="attached"
    )  # by htmx it stands on the page twice, one hidden
    page.get_by_label("Ask or search").fill("1")  # a key that is typed is a letter
    assert page.get_by_label("Ask or search").input_value() == "1"
