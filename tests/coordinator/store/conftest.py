"""A fresh database of a coordinator."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from weal_coordinator.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'coordinator.db'}")
    yield opened
    opened.close()
