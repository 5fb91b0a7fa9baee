"""Copies of a commons: real databases, and a source that answers from one through the same functions as the servers."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from support.commons import Directory
from weal_node.commons.admission import Outcome, Quota, admit
from weal_node.commons.reconcile import Pulled, Puller
from weal_node.outbound.source import Bucket
from weal_node.store import records
from weal_node.store.database import Database
from weal_protocol import buckets, serving
from weal_protocol.jury import NONE, Jury
from weal_protocol.record import Record


class Server:
    """A Source over a copy's database. `lie` may change any answer: it is handed the call's name and the true answer."""

    def __init__(self, database: Database, name: str) -> None:
        self.name, self.key = name, name.encode().hex()
        self.asked: list[str] = []
        self.lie: Callable[[str, object], object] = lambda _, answer: answer
        self._database = database

    async def digests(self, author: bytes, root: bytes) -> tuple[bytes, int]:
        self.asked.append("digests")
        answer = serving.digests(self._placed(author), root)
        return self.lie("digests", (answer.digests, answer.position))  # type: ignore[return-value]

    async def ids(self, author: bytes, numbers: bytes) -> list[Bucket]:
        self.asked.append("ids")
        answer = serving.listed(self._placed(author), numbers)
        found = [(one.number, buckets.split(one.ids), tuple(one.positions)) for one in answer.buckets]
        return self.lie("ids", found)  # type: ignore[return-value]

    async def records(self, ids: Sequence[bytes]) -> tuple[list[bytes], tuple[bytes, ...]]:
        self.asked.append("records")
        names = serving.asked(b"".join(ids))
        answer = self._database.read_now(lambda connection: serving.given(names, partial(records.raw, connection)))
        return self.lie("records", (list(answer.records), buckets.split(answer.missing)))  # type: ignore[return-value]

    def _placed(self, author: bytes) -> tuple[tuple[bytes, int], ...]:
        return self._database.read_now(partial(records.placed, author=serving.author(author)))


class Copy:
    """One node's copy of the commons."""

    def __init__(self, path: Path, directory: Directory, own: bytes, limits: Quota, jury: Jury) -> None:
        self.database = Database(path)
        self.server = Server(self.database, path.stem)
        self.directory = directory
        self.own = own
        self.puller = Puller(self.database, directory, own, limits, lambda: jury)

    def keep(self, *made: Record) -> Outcome:
        """Take records in that are there already."""
        act = partial(
            admit, batch=made, is_author=lambda _: True, own=self.own, limits=Quota(), jury=self.puller.jury()
        )
        return self.database.write_now(act)

    async def pull(self, other: "Copy", author: bytes = b"", now_ms: int = 0) -> Pulled:
        return await self.puller.pull(other.server, now_ms, author.hex())

    def held(self) -> set[str]:
        return {one.hex() for one, _ in self.database.read_now(records.placed)}

    def find(self, one: Record) -> records.Mirrored:
        found = self.database.read_now(partial(records.find, record=one.id))
        assert found is not None
        return found


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def copy(tmp_path: Path, directory: Directory) -> Iterator[Callable[..., Copy]]:
    """Return a function that makes an empty copy: own key, limits and jury."""
    made: list[Copy] = []

    def make(own: bytes = b"", limits: Quota | None = None, jury: Jury = NONE) -> Copy:
        made.append(Copy(tmp_path / f"copy-{len(made)}.db", directory, own, limits or Quota(), jury))
        return made[-1]

    yield make
    for one in made:
        one.database.close()
