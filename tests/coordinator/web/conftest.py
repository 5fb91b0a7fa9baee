"""A community with a history, and whoever looks at its page."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from weal_coordinator.community.charter import TEMPLATE, Charter, read
from weal_coordinator.store import members, releases, rounds
from weal_coordinator.store.database import Database
from weal_coordinator.web.page import page
from weal_protocol.v1 import directory_pb2, release_pb2

NOON = 1_790_000_000_000  # Unix time in ms: 21 September 2026
CHARTER = read(TEMPLATE.format(name="Riverside <commons>"))


@dataclass
class Community:
    """What happened, and what is ready."""

    database: Database
    charter: Charter = CHARTER
    superlink: bool = True
    now_ms: int = NOON
    keys: list[str] = field(default_factory=list)

    def member(self, tier: str) -> None:
        """Someone joins."""
        key = bytes([len(self.keys) + 1]) * 32
        self.keys.append(key.hex())
        inside = directory_pb2.MemberCard(agent_key=key, name=f"Person {len(self.keys)}", tier=tier)
        card = directory_pb2.SignedMemberCard(card=inside.SerializeToString()).SerializeToString()
        with self.database.write() as connection:
            members.add(connection, key, card, 1)

    def opened(self, refused: dict[str, int] | None = None) -> int:
        """A round begins, in which everyone is drawn."""
        with self.database.write() as connection:
            registered, rules = len(self.keys), self.charter.aggregation
            number = rounds.open_round(connection, "cc" * 32, registered, tuple(self.keys), rules, self.now_ms)
            rounds.note_refusals(connection, number, refused or {})
        return number

    def done(self, epsilon: float, accuracy: float = 0.0, deviation: float = 0.0, release: bool = True) -> int:
        """A round is run to its end."""
        number = self.opened()
        with self.database.write() as connection:
            rounds.charge(connection, number, dict.fromkeys(self.keys, epsilon), 1, epsilon, b"total")
            rounds.finish(connection, number, number if release else 0)
            if release:
                said = release_pb2.Manifest(number=number, accuracy=accuracy, accuracy_sd=deviation)
                releases.put_release(connection, number, said.SerializeToString(), b"", b"")
        return number

    def failed(self) -> None:
        """A round is given up."""
        number = self.opened()
        with self.database.write() as connection:
            rounds.fail(connection, number)


@pytest.fixture
def community(url: str) -> Iterator[Community]:
    made = Community(Database(url))
    yield made
    made.database.close()


@pytest.fixture
async def visitor(community: Community) -> AsyncIterator[httpx.AsyncClient]:
    app = page(community.database, community.charter, lambda: community.superlink, lambda: community.now_ms)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://community.test") as client:
        yield client


@pytest.fixture
def lose(community: Community, request: pytest.FixtureRequest) -> Callable[[], None]:
    """Return a function after which the database cannot be reached any more."""

    def now() -> None:
        community.database.close()
        url = community.database.engine.url
        if url.get_backend_name() == "postgresql":
            server: Any = request.getfixturevalue("postgres")
            server.run("dropdb", "-h", str(server.folder), "-U", server.user, "--force", str(url.database))
            return
        file = Path(str(url.database))
        file.unlink()
        file.mkdir()

    return now
