"""A real node and a real browser, both fresh, both gone afterwards."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from support.waiting import PATIENCE_S

FLAGS = [
    "--no-sandbox",  # the tests may run as root
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
]


expect.set_options(timeout=PATIENCE_S * 1_000)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A page in a fresh profile; anything that goes wrong in the console fails the test."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=shutil.which("chromium"), headless=True, args=FLAGS
        )
        context.set_default_timeout(PATIENCE_S * 1_000)
        opened = context.new_page()
        faults: list[str] = []
        opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        opened.on("pageerror", lambda fault: faults.append(str(fault)))
        yield opened
        context.close()
    assert faults == []


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Return a function that photographs a page at both widths, where WEAL_SCREENSHOTS names a folder."""
    folder = os.environ.get("WEAL_SCREENSHOTS")

    def photograph(page: Page, name: str) -> None:
        if folder is None:
            return
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)

    return photograph
