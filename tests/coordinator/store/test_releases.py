"""Releases and catalogues: written once, never changed."""

import pytest
from sqlalchemy.exc import IntegrityError

from weal_coordinator.store import releases
from weal_coordinator.store.database import Database


def test_the_latest_release_and_each_by_number(database: Database) -> None:
    with database.write() as connection:
        assert releases.latest(connection) is None
        for number in (1, 2):
            releases.put_release(connection, number, b"manifest %d" % number, b"signature", b"tensors")
        for found, number in ((releases.latest(connection), 2), (releases.get(connection, 1), 1)):
            assert found == releases.Release(number, b"manifest %d" % number, b"signature", b"tensors")
        assert releases.get(connection, 3) is None


def test_a_release_is_never_changed(database: Database) -> None:
    with database.write() as connection:
        releases.put_release(connection, 1, b"first", b"", b"")
    with pytest.raises(IntegrityError), database.write() as connection:
        releases.put_release(connection, 1, b"second", b"", b"")
    with database.read() as connection:
        found = releases.get(connection, 1)
    assert found is not None
    assert found.manifest == b"first"


def test_a_catalogue_is_found_by_its_digest(database: Database) -> None:
    with database.write() as connection:
        releases.put_catalogue(connection, b"d" * 32, b"content")
        releases.put_catalogue(connection, b"d" * 32, b"content")
        assert releases.get_catalogue(connection, b"d" * 32) == b"content"
        assert releases.get_catalogue(connection, b"e" * 32) is None
