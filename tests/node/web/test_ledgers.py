"""What the pages say of the two ledgers: what was compared, when, and whether a round has come since."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from weal_node.store import rounds
from weal_node.store.accounts import Comparison
from weal_node.store.database import Database
from weal_node.web.page import TEMPLATES
from weal_node.web.privacy import counted_since


def said(later: bool, *disagreements: str) -> str:
    found = Comparison(1_700_000_000_000, 1.5, 1.5, 2, 1.5, 2, 2, disagreements)
    macros: Any = TEMPLATES.get_template("ledgers.html").module
    return str(macros.both(found, later))


def test_an_older_comparison_does_not_claim_the_present() -> None:
    assert "The two ledgers agree. By this node" in said(False)
    assert "agreed before your latest round" in said(True)
    assert "again within five minutes" in said(True)
    assert "agree" not in said(True, "it has shrunk")


@pytest.mark.parametrize(("entered", "later"), [(9, False), (11, True)])
async def test_a_round_entered_since_is_noticed(tmp_path: Path, entered: int, later: bool) -> None:
    database = Database(tmp_path / "node.db")
    desk: Any = SimpleNamespace(database=database)  # all of a desk that is asked
    await database.write(lambda connection: rounds.charge(connection, 1, 1.0, entered))
    assert await counted_since(desk, Comparison(10, 1.0, 1.0, 1, 1.0, 1, 1, ())) == later
    assert not await counted_since(desk, None)
    database.close()
