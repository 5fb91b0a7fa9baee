"""The bit of new answers: an exact threshold on a count of labels, so said only in tiers that trust the coordinator with such."""

import contextlib
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from weal_node.federation import charter
from weal_node.federation.contribution import TIERS
from weal_node.federation.readiness import report_answers
from weal_node.outbound.membership import Membership
from weal_node.records import Answer, Choice
from weal_node.store import answers as labels
from weal_node.store import disclosures, tiers
from weal_node.store.database import Database

CHARTER = "[aggregation]\nnew_answers = 20\n"


@pytest.mark.parametrize(("tier", "said"), list(zip(TIERS, (False, True, True, False, False), strict=True)))
@pytest.mark.parametrize("answers", [19, 20])
async def test_one_label_decides_the_bit_only_in_the_tiers_that_say_it(
    tmp_path: Path, tier: str, said: bool, answers: int
) -> None:
    database = Database(tmp_path / "node.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "node.db")) as connection, connection:
        tiers.choose(connection, tier, 1)
        for number in range(answers):
            labels.add(connection, Answer(f"{number:032x}", 100 + number, "x", "", Choice.ACCEPT, "teach"))
    heard: list[int] = []

    async def report(last_round: int) -> None:
        heard.append(last_round)

    community: Any = SimpleNamespace(
        id="aa", membership=Membership("aa", "commons", "", "", "", "", CHARTER), report_answers=report
    )
    told = said and answers == 20
    assert await report_answers(database, community, 3, lambda: 9) == told
    assert heard == ([3] if told else [])
    assert len(await database.read(disclosures.all_of)) == len(heard)
    database.close()


async def test_nothing_is_said_while_rounds_wait_for_the_persons_word(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "node.db")) as connection, connection:
        tiers.choose(connection, "light", 1)
        for number in range(20):
            labels.add(connection, Answer(f"{number:032x}", 100 + number, "x", "", Choice.ACCEPT, "teach"))
    rules = "sampling_rate = 0.2\nsigma = {}\ndelta = 1e-5\nepsilon_cap = 10.0\n"
    first, now = (CHARTER + rules.format(sigma) for sigma in (1.0, 0.9))
    heard: list[int] = []

    async def report(last_round: int) -> None:
        heard.append(last_round)

    membership = Membership("aa", "commons", "", "", "", "", now, first=first)
    community: Any = SimpleNamespace(id="aa", membership=membership, report_answers=report)
    assert not await report_answers(database, community, 3, lambda: 9)
    assert heard == []
    assert await database.read(disclosures.all_of) == ()
    await database.write(lambda connection: charter.enter(connection, membership, 10))
    assert await report_answers(database, community, 3, lambda: 11)
    assert heard == [3]
    database.close()
