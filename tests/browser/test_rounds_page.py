"""A community's public page of rounds in a real browser: on a telephone and on a desk, in the light and in the dark."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Page

from support.waiting import PATIENCE_S, until
from weal_coordinator.community.charter import TEMPLATE, read
from weal_coordinator.store import releases, rounds
from weal_coordinator.store.database import Database
from weal_coordinator.web.page import page as page_of
from weal_protocol.v1 import release_pb2

pytestmark = pytest.mark.browser
CHARTER = read(TEMPLATE.format(name="Riverside commons"))


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A community that has run a few rounds."""
    database, rules = Database(f"sqlite:///{tmp_path / 'coordinator.db'}"), CHARTER.aggregation
    with database.write() as connection:
        for day, share in enumerate((0.0, 0.71, 0.78)):
            number = rounds.open_round(connection, "cc" * 32, 240, (), rules, (20_700 + day) * 86_400_000)
            rounds.charge(connection, number, {}, 40, 0.5 + 0.4 * day, b"total")
            rounds.finish(connection, number, number if share else 0)
            said = release_pb2.Manifest(number=number, accuracy=share, accuracy_sd=0.012)
            releases.put_release(connection, number, said.SerializeToString(), b"", b"")
        rounds.fail(connection, rounds.open_round(connection, "cc" * 32, 240, (), rules, 20_703 * 86_400_000))
    app = page_of(database, CHARTER, lambda: True)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=PATIENCE_S)
    database.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_read_at_every_width(page: Page, address: str, shoot: Callable[[Page, str], None], scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.get_by_role("heading", name="Riverside commons").is_visible()
        assert page.get_by_role("meter").is_visible()
        assert page.locator("tbody tr").count() == 4
        assert page.get_by_text("78.0 ± 1.2 %").is_visible()
    painted = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (painted == "rgb(21, 24, 26)") == (scheme == "dark")  # the stylesheet came, and follows the system
    shoot(page, f"rounds-{scheme}")
