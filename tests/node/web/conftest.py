"""The pages of one person as a browser without JavaScript gets them, over a real store, vault and mind, and a mind that was taught two kinds of texts;
only the encoder is stood in for."""

import asyncio
import html
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from support.minds import Embedder, on_two_sides
from weal_node.config import Home, Settings
from weal_node.importing.triage import Sifting
from weal_node.mind.edits import Edits
from weal_node.mind.mind import Mind
from weal_node.records import Answer, Choice, Item
from weal_node.rereading.rereading import Rereading
from weal_node.store import answers
from weal_node.store.database import Database
from weal_node.today.interruption import NO_QUIET
from weal_node.vault import history
from weal_node.vault.folder import Vault
from weal_node.web.page import STATIC
from weal_node.web.routes import routes
from weal_node.web.tray import Tray

STATES = [Item(f"{n:064x}", f"Statement number {n}") for n in range(12)]


@dataclass
class Page:
    """A person's browser. clock: in ms."""

    desk: Any
    client: httpx.AsyncClient
    database: Database
    mind: Mind
    vault: Vault
    worker: Embedder
    states: tuple[Item, ...] = tuple(STATES)
    clock: int = 1_700_000_000_000

    async def see(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    async def send(
        self, path: str, /, status: int = 303, origin: str = "", **fields: str | list[str]
    ) -> httpx.Response:
        """Post a form. origin: the page it stands on."""
        headers = {"referer": f"http://node{origin}"} if origin else {}
        answer = await self.client.post(path, data=fields, headers=headers)
        assert answer.status_code == status, answer.text
        return answer

    def form(self, page: str, action: str) -> dict[str, str]:
        """The hidden fields of the form with this action."""
        found = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
        assert found, f"no form for {action}"
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found.group(0))
        return {name: html.unescape(value) for name, value in hidden}

    def answer(
        self, number: int, item: int, choice: Choice, other: int | None = None, source: str = "community"
    ) -> Answer:
        """An answer about one of STATES, or about two."""
        second = STATES[other].id if other is not None else ""
        return Answer(f"{number:032x}", number, STATES[item].id, second, choice, source)

    async def answered(self, *said: Answer) -> None:
        """Put answers into the log and learn from them."""
        for given in said:
            await self.database.write(partial(answers.add, answer=given))
        await self.mind.relearn()


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    place = Home(tmp_path)
    place.vault.mkdir()
    history.create(place.vault)
    database, vault = Database(place.database), Vault(place.vault)
    worker = Embedder()
    mind = Mind(database, worker, lambda: 1)
    await mind.start()
    await mind.add_items(STATES)
    app = Starlette(routes=routes(str(STATIC)))

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": {"csrf": "c"}}, receive, send)

    async def minded() -> Mind:
        return mind

    client = httpx.AsyncClient(transport=httpx.ASGITransport(with_state), base_url="http://node")
    made, ready = Page(None, client, database, mind, vault, worker), asyncio.Event()
    ready.set()
    desk = SimpleNamespace(
        home=place, settings=Settings(label_wait_s=60), joined=None, paused=False, database=database, vault=vault, mind=mind,
        now_ms=lambda: made.clock, minded=minded, rng=random.Random(7), quiet=NO_QUIET, learning=set(),
        sifting=Sifting(database, vault), rereading=Rereading(database, vault, Embedder(), lambda: made.clock), names=dict, tray=Tray(),
        control=Edits(database, mind, lambda: made.clock), principle_dismissed=True, check_not_paused=lambda: None, ready=ready,
    )  # fmt: skip
    app.state.desk = made.desk = desk
    yield made
    await client.aclose()
    database.close()


HOUR = 3_600 * 1_000
DAY = 24 * HOUR
GROWN = [Item(f"{n:064x}", f"{('gardens', 'casinos')[n % 2]} {n}") for n in range(40)]
GARDENS = on_two_sides(lambda text: text.startswith("gardens"))


@dataclass
class Taught:
    """A person's mind, what it is stored in, and their hand on it. now_ms: what the clock of all three says."""

    database: Database
    mind: Mind
    control: Edits
    now_ms: int

    async def say(self, number: int, choice: Choice, item: str, other: str = "", source: str = "teach") -> Answer:
        """Answer on the noon of day `number`."""
        said = Answer(f"{number:032x}", number * DAY + 12 * HOUR, item, other, choice, source)
        await self.database.write(lambda connection: answers.add(connection, said))
        return said

    async def judge(self, count: int, turn: int = 1_000) -> None:
        """Answer once a day: gardens are liked until the turn, casinos from then on."""
        for n in range(count):
            likes = (n % 2 == 0) == (n < turn)
            await self.say(n, Choice.ACCEPT if likes else Choice.REJECT, GROWN[n % 40].id)
        await self.mind.relearn()

    async def page(self, handler: Callable[[Request], Awaitable[Response]], query: str = "", **path: str) -> str:
        """Return the HTML that a page's function makes of this mind."""

        async def minded() -> Mind:
            return self.mind

        desk: Any = SimpleNamespace(
            minded=minded,
            mind=self.mind,
            database=self.database,
            control=self.control,
            settings=SimpleNamespace(name="ada"),
            joined=None,
            paused=False,
            quiet=NO_QUIET,
            now_ms=lambda: self.now_ms,
        )
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/",
            "query_string": query.encode(),
            "headers": [],
            "path_params": path,
            "state": {"csrf": "c"},
            "app": SimpleNamespace(state=SimpleNamespace(desk=desk)),
        }
        return bytes((await handler(Request(scope))).body).decode()


@pytest.fixture
async def taught(tmp_path: Path) -> AsyncIterator[Taught]:
    """Someone who has answered nothing yet, and whose agent knows forty things."""
    database = Database(tmp_path / "node.db")
    mind = Mind(database, Embedder(GARDENS), lambda: 1)
    await mind.start()
    await mind.add_items(GROWN)
    made = Taught(database, mind, Edits(database, mind, lambda: made.now_ms), 1)
    yield made
    database.close()
