"""The commons' records: once each, in order, items found by what they say."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_coordinator.store import records
from weal_coordinator.store.database import Database
from weal_protocol import record
from weal_protocol.items import item_id

ADA, BO = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"a", b"b"))


def item(author: Ed25519PrivateKey, text: str) -> record.Record:
    return record.make("item", text.encode(), author=author, salt=b"s" * 16, written_ms=1)


def test_the_same_record_again_changes_nothing(database: Database) -> None:
    one = item(ADA, "More trees")
    with database.write() as connection:
        records.add(connection, one, item_id("More trees"))
        records.add(connection, one, item_id("More trees"))
        assert records.position(connection) == 1
        assert records.after(connection, 0, 10) == ((1, one.raw),)


def test_two_people_say_one_thing(database: Database) -> None:
    with database.write() as connection:
        for author, text in ((ADA, "More trees"), (BO, "more  TREES"), (ADA, "Fewer cars"), (ADA, "Slower cars")):
            records.add(connection, item(author, text), item_id(text))
        assert records.position(connection) == 4
        assert records.item_ids(connection, 10) == tuple(
            sorted(map(item_id, ("more trees", "fewer cars", "slower cars")))
        )
        assert records.item_ids(connection, 2) == tuple(sorted(map(item_id, ("more trees", "fewer cars"))))


def test_reading_goes_on_where_it_stopped(database: Database) -> None:
    with database.write() as connection:
        for number in range(5):
            records.add(connection, item(ADA, f"item {number}"), item_id(f"item {number}"))
        assert [position for position, _ in records.after(connection, 0, 3)] == [1, 2, 3]
        assert [position for position, _ in records.after(connection, 3, 3)] == [4, 5]
