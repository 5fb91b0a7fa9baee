"""The privacy ledger as pages show it: everything that left, what it cost, what was refused; one entry by its number."""

from functools import partial
from pathlib import Path

import pytest

from weal_node.errors import NotFoundError
from weal_node.store import disclosures, mail, tiers
from weal_node.store.database import Database
from weal_node.upkeep import privacy_ledger


async def test_the_ledger_says_what_left_and_what_it_cost(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    assert (await privacy_ledger.read(database)).epsilon == 0
    for number, epsilon in enumerate((0.0, 0.5, 0.25)):
        left = partial(disclosures.write, at_ms=number, to="coordinator", what="statistics", payload=b"x")
        await database.write(partial(left, amount=disclosures.Amount(1, epsilon)))
    await database.write(lambda c: tiers.choose(c, "light", 1))
    await database.write(lambda c: mail.refuse(c, "too late"))
    ledger = await privacy_ledger.read(database)
    assert [entry.at_ms for entry in ledger.disclosures] == [0, 1, 2]
    assert (ledger.epsilon, ledger.tier, ledger.refusals) == (0.75, "light", {"too late": 1})
    assert await privacy_ledger.disclosure(database, str(ledger.disclosures[1].id)) == ledger.disclosures[1]
    for unknown in ("0", "4", "", "x", "1 "):
        with pytest.raises(NotFoundError):
            await privacy_ledger.disclosure(database, unknown)
    database.close()
