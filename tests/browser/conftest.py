"""A real node and a real browser, both fresh, both gone afterwards."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

FLAGS = [
    "--no-sandbox",  # the tests may run as root
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A page in a fresh profile; anything that goes wrong in the console fails the test."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=shutil.which("chromium"), headless=True, args=FLAGS
        )
        opened = context.new_page()
        faults: list[str] = []
        opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        opened.on("pageerror", lambda fault: faults.append(str(fault)))
        yield opened
        context.close()
    assert faults == []
