"""A mind that was taught two kinds of texts, and a page rendered from it without a server."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from starlette.requests import Request
from starlette.responses import Response

from weal_node.features.projection import shipped
from weal_node.gate.interruption import NO_QUIET
from weal_node.loop.control import Control
from weal_node.loop.judge import Mind
from weal_node.records import Choice, Label, State
from weal_node.store import labels
from weal_node.store.database import Database
from weal_node.worker import TorchWorker

HOUR = 3_600 * 1_000
DAY = 24 * HOUR
STATES = [State(f"{n:064x}", f"{('gardens', 'casinos')[n % 2]} {n}") for n in range(40)]


class Embedder(TorchWorker):
    """Two kinds of texts, far apart along the first public direction: loading the true encoder takes seconds."""

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        public = shipped()
        rows = []
        for text in texts:
            noise = np.random.default_rng(sum(text.encode())).normal(size=384) / np.sqrt(384)
            side = 1.0 if text.startswith("gardens") else -1.0
            rows.append(public.centre + 0.3 * side * public.directions[:, 0] + 0.2 * noise)
        vectors = np.array(rows)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@dataclass
class Taught:
    """A person's mind, what it is stored in, and their hand on it. now_ms: what the clock of all three says."""

    database: Database
    mind: Mind
    control: Control
    now_ms: int

    async def say(self, number: int, choice: Choice, item: str, other: str = "", source: str = "teach") -> Label:
        """Answer on the noon of day `number`."""
        said = Label(f"{number:032x}", number * DAY + 12 * HOUR, item, other, choice, source)
        await self.database.write(lambda connection: labels.add(connection, said))
        return said

    async def judge(self, count: int, turn: int = 1_000) -> None:
        """Answer once a day: gardens are liked until the turn, casinos from then on."""
        for n in range(count):
            likes = (n % 2 == 0) == (n < turn)
            await self.say(n, Choice.ACCEPT if likes else Choice.REJECT, STATES[n % 40].id)
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
    mind = Mind(database, Embedder(), lambda: 1)
    await mind.start()
    await mind.add_states(STATES)
    made = Taught(database, mind, Control(database, mind, lambda: made.now_ms), 1)
    yield made
    database.close()
