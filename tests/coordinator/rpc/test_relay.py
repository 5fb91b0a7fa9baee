"""The relay keeps nothing by whoever is no member when it is written down, however they were let in; nor for one who is none."""

from pathlib import Path

import pytest

from weal_coordinator.config import Settings
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.rpc.relay import RelayService
from weal_coordinator.store import mail, members
from weal_coordinator.store.database import Database
from weal_protocol.door import Door
from weal_protocol.errors import ForgedError

ADA, EVE, NOBODY = b"a" * 32, b"e" * 32, b"n" * 32


async def test_a_letter_of_one_who_left_while_it_was_on_its_way_is_not_kept(tmp_path: Path) -> None:
    """Their session may stand a moment longer than they do: `weal-coordinator expel` runs beside the services."""
    database = Database(f"sqlite:///{tmp_path}/relay.db")
    relay = RelayService(database, Door(bytes(32), 3_600, lambda: 0.0), Settings(), lambda: 1)
    with database.write() as connection:
        for key in (ADA, EVE):
            members.add(connection, key, b"card", 1)
    await relay.keep(EVE, ADA, b"while she was one")
    with database.write() as connection:
        members.leave(connection, EVE, 2)
    with pytest.raises(ForgedError, match="belongs to no member"):
        await relay.keep(EVE, ADA, b"too late")
    with pytest.raises(ForgedError, match="belongs to no member"):
        await relay.keep(NOBODY, ADA, b"never")
    with pytest.raises(CoordinatorError, match="not a member"):
        await relay.keep(ADA, EVE, b"to nobody")
    with database.read() as connection:
        assert [one.ciphertext for one in mail.fetch(connection, ADA, 9)] == [b"while she was one"]
        assert mail.waiting(connection) == 1
    database.close()
