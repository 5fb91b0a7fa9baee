"""The page of imports: what comes, what is replaced and what stays are named before anything is done; pictures are shown after."""

import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="Debian's chromium is not installed"),
]


def dot() -> bytes:
    """One red dot, as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    )


def plan(page: Page, node: Any, place: Path) -> None:
    page.goto(node.address + "/notes/import")
    if page.get_by_role("button", name="Something else").is_visible():
        page.get_by_role("button", name="Something else").click()
    page.get_by_label("A folder or file").fill(str(place))
    page.get_by_role("button", name="Look through it").click()
    expect(page.locator("dl")).to_be_visible(timeout=30_000)


def test_the_plan_names_what_comes_what_is_replaced_and_what_stays(
    page: Page, start_node: Any, shoot: Callable[[Page, str], None]
) -> None:
    node = start_node("ada")
    place = Path(node.home) / "albums"
    (place / "pictures").mkdir(parents=True)
    (place / "walk.md").write_text("# Walk\n\n![[pictures/dot.png]]\n")
    (place / "plain.md").write_text("Words\n")
    for name in ("pictures/dot.png", "pictures/unseen.png", "deck.pptx"):
        (place / name).write_bytes(dot())
    page.goto(node.link)
    plan(page, node, place)
    expect(page.locator("#import")).to_contain_text("1 picture")
    expect(page.locator("#import")).to_contain_text("1 file: pictures that no note shows")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#import")).to_contain_text("2 notes imported, 1 file with them")
    page.goto(node.address + "/notes?folder=albums")
    page.get_by_role("link", name="Walk").first.click()
    shown = page.locator("article img, main img").first
    expect(shown).to_be_visible()
    assert page.evaluate("image => image.naturalWidth", shown.element_handle()) == 1
    (place / "plain.md").write_text("Other words\n")
    plan(page, node, place)
    expect(page.locator("#import")).to_contain_text("Replaced by its newer version: albums/plain.md")
    shoot(page, "import-plan")
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
