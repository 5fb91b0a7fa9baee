"""What a test asks of a node beside its browser, as the same person."""

from typing import Any

import httpx
from playwright.sync_api import Page

from support.waiting import PATIENCE_S


def asked(page: Page, address: str) -> Any:
    """Return the JSON at an address, asked with the browser's session. The browser's own requests outside of a page know no `*.localhost`."""
    cookies = {str(one.get("name")): str(one.get("value")) for one in page.context.cookies(address)}
    return httpx.get(address, cookies=cookies, timeout=PATIENCE_S, trust_env=False).raise_for_status().json()
