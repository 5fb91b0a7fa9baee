"""Invites: one person each, once; the database holds no code that could be used."""

import hashlib
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from weal_coordinator.errors import InviteError
from weal_coordinator.store import invites
from weal_coordinator.store.database import Database

ADA, BO = b"a" * 32, b"b" * 32


def test_an_invite_lets_one_person_in_once(database: Database) -> None:
    with database.write() as connection:
        invites.add(connection, ["one", "two"], 1)
        assert invites.open_count(connection) == 2
        invites.use(connection, "one", ADA)
        with pytest.raises(InviteError, match="invite already used") as caught:
            invites.use(connection, "one", BO)
        assert "ask for a new one" in caught.value.hint
        assert invites.open_count(connection) == 1


def test_whose_answer_was_lost_may_ask_again(database: Database) -> None:
    with database.write() as connection:
        invites.add(connection, ["one"], 1)
        invites.use(connection, "one", ADA)
        invites.use(connection, "one", ADA)


def test_an_invented_code_is_unknown(database: Database) -> None:
    with database.write() as connection:
        invites.add(connection, [], 1)
        for code in ("", "one", "x" * 10_000):
            with pytest.raises(InviteError, match="unknown"):
                invites.use(connection, code, ADA)


def test_of_many_at_once_one_gets_in(database: Database) -> None:
    with database.write() as connection:
        invites.add(connection, ["one"], 1)
    let_in, refused = [], []

    def come(key: bytes) -> None:
        try:
            with database.write() as connection:
                invites.use(connection, "one", key)
            let_in.append(key)
        except InviteError:
            refused.append(key)

    crowd = [threading.Thread(target=come, args=(bytes([number]) * 32,)) for number in range(8)]
    for person in crowd:
        person.start()
    for person in crowd:
        person.join()
    assert (len(let_in), len(refused)) == (1, 7)


def test_no_code_is_kept(database: Database) -> None:
    code = "a-code-that-would-open-the-door"
    with database.write() as connection:
        invites.add(connection, [code], 1)
        kept = str(connection.execute(text("SELECT * FROM invites")).all())
    assert hashlib.sha256(code.encode()).hexdigest() in kept
    assert code not in kept


def test_no_code_is_on_the_disk(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'coordinator.db'}")
    with database.write() as connection:
        invites.add(connection, ["a-code-that-would-open-the-door"], 1)
    database.close()
    assert not any(b"a-code-that-would" in file.read_bytes() for file in tmp_path.iterdir())
