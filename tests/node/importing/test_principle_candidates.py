"""A line of an imported file becomes a principle when its person says so, and is asked about once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from weal_node.importing import principle_candidates
from weal_node.store import imports
from weal_node.store.database import Database
from weal_node.store.imports import PrincipleCandidate

LINES = [PrincipleCandidate(f"{number:032x}", f"Line {number}", "about.md") for number in range(3)]


class Hand:
    """Stands for the person's hand on the model, which would load the encoder: keeps what it was asked for."""

    def __init__(self) -> None:
        self.principles: list[tuple[str, float]] = []

    async def principle(self, text: str, value: float) -> None:
        self.principles.append((text, value))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "node.db")
    made.write_now(lambda connection: imports.suggest(connection, LINES))
    yield made
    made.close()


async def test_more_and_less_become_principles_and_no_becomes_none(database: Database) -> None:
    hand: Any = Hand()
    for line, direction in zip(LINES, (1, -1, 0), strict=True):
        await principle_candidates.decide(database, hand, line.id, direction)
    assert hand.principles == [("Line 0", 1), ("Line 1", -1)]
    assert await principle_candidates.waiting(database) == ()


async def test_what_waits_no_more_changes_nothing(database: Database) -> None:
    hand: Any = Hand()
    await principle_candidates.decide(database, hand, LINES[0].id, 0)
    await principle_candidates.decide(database, hand, LINES[0].id, 1)
    await principle_candidates.decide(database, hand, "f" * 32, 1)
    assert hand.principles == []
    assert await principle_candidates.waiting(database) == tuple(LINES[1:])
