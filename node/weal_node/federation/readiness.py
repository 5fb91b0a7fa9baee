"""Say when there are enough new answers for a round: one bit, at most once a round, written into the ledger first.

How many are enough is the charter's `new_answers`. The coordinator learns that this member answered at least so many questions since the last round, and
nothing of which or how (coordinator/decisions/0003). The bit is exact, so it is said only in the tiers that trust the coordinator with exact numbers: where each
label, or the person, is hidden from it too, one label would decide a bit that no epsilon covers.
"""

import sqlite3
import tomllib
from collections.abc import Callable

from weal_node.federation import charter
from weal_node.outbound.community import Community
from weal_node.store import accounts, answers, disclosures, rounds, tiers
from weal_node.store.database import Database

NEVER = 0
SAY = ("light", "factors")  # the tiers that say it


async def report_answers(database: Database, community: Community, last_round: int, clock: Callable[[], int]) -> bool:
    """Say it if it is so, was not said since this round, and the person's tier says such things; return whether it was said now."""
    enough = wanted(community.membership.charter)
    now = clock()

    def due(connection: sqlite3.Connection) -> bool:
        if enough == NEVER or tiers.chosen(connection) not in SAY:
            return False
        if charter.waits(connection, community.membership):
            return False  # nothing is given to rounds whose cost the person has not agreed to
        if accounts.reported(connection, community.id) >= last_round:
            return False
        return answers.count_since(connection, rounds.last_ms(connection)) >= enough

    if not await database.read(due):
        return False
    statement = f"at least {enough} new answers since round {last_round}".encode()

    await database.write(
        lambda connection: disclosures.write(
            connection, now, "coordinator", "enough new answers", statement, disclosures.Amount(len(statement))
        )
    )
    await community.report_answers(last_round)
    await database.write(lambda connection: accounts.report(connection, community.id, last_round))
    return True


def wanted(charter: str) -> int:
    """Return how many new answers the charter asks for, NEVER where it does not."""
    try:
        number = tomllib.loads(charter)["aggregation"].get("new_answers", NEVER)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError):
        return NEVER
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else NEVER
