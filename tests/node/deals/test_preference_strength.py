"""What is told of how keen someone is: coarse, by their own choice, in the ledger before the note, and gone from it when they say so."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from weal_node.config import Settings
from weal_node.deals import preference_strength
from weal_node.errors import RefusedError
from weal_node.records import Item, Note, Visibility
from weal_node.store import disclosures
from weal_node.store.database import Database
from weal_node.vault import history, markdown
from weal_node.vault.folder import Vault

NOTE = Note("a" * 32, "wishes.md", "Wishes", "Hello.", Visibility.PUBLIC, ("piano lessons",), ("bicycle repair",))


class Mind:
    def __init__(self, worth: float) -> None:
        self.worth = worth

    async def utilities(self, items: Sequence[Item]) -> npt.NDArray[np.float64]:
        """An hour received is worth so much, and nothing costs."""
        assert all("you give" in item.text.lower() for item in items)
        return np.array([self.worth * min(item.hours_received, 1.0) for item in items])


@pytest.mark.parametrize(("worth", "step"), [(-1.0, 1), (0.1, 1), (0.5, 2), (1.0, 3), (4.0, 4)])
async def test_strength_has_four_steps(worth: float, step: int) -> None:
    assert await preference_strength.strength_of(Mind(worth), NOTE) == step


async def test_it_stands_in_the_ledger_then_in_the_note_and_can_be_taken_out(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    history.create(tmp_path / "vault")
    database, vault, settings = Database(tmp_path / "node.db"), Vault(tmp_path / "vault"), Settings()
    saved = await preference_strength.disclose(database, vault, settings, Mind(1.0), lambda: 5, NOTE)
    assert markdown.read(vault.raw(saved.path), saved.path).keen == 3
    (entry,) = await database.read(disclosures.all_of)
    assert (entry.to, entry.what, entry.bits, entry.at_ms) == ("commons", "keenness", 2.0, 5)
    quiet = await preference_strength.withdraw(database, vault, settings, lambda: 6, saved)
    assert b"keen" not in vault.raw(quiet.path)
    for note in (replace(NOTE, visibility=Visibility.PRIVATE), replace(NOTE, offers=())):
        with pytest.raises(RefusedError):
            await preference_strength.disclose(database, vault, settings, Mind(1.0), lambda: 7, note)
    with pytest.raises(RefusedError, match="bits"):
        await preference_strength.disclose(
            database, vault, replace(settings, week_bits_cap=3.0), Mind(1.0), lambda: 8, NOTE
        )
    assert len(await database.read(disclosures.all_of)) == 1
    database.close()
