"""Every quota is a sender's own: whoever fills a mailbox, the notary or the catalogue leaves everybody else their share."""

import itertools
from collections.abc import Callable
from typing import cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from weal_coordinator.config import Settings
from weal_coordinator.errors import MailboxFullError
from weal_coordinator.rpc.authentication import Door
from weal_coordinator.rpc.commons import CommonsService
from weal_coordinator.rpc.notary import NotaryService, read
from weal_coordinator.store import database as opening
from weal_coordinator.store import mail, notary, records
from weal_coordinator.store.database import Database
from weal_coordinator.store.migrations import MIGRATIONS
from weal_protocol import lineage, record
from weal_protocol.door import MOST_SESSIONS, Call
from weal_protocol.errors import MalformedError, QuotaError
from weal_protocol.items import item_id
from weal_protocol.record import Record
from weal_protocol.v1 import negotiation_pb2

EVE, BO, ADA = b"e" * 32, b"b" * 32, b"a" * 32
WRITER, OTHER = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"w", b"o"))
DAY = lineage.DAY_MS


def test_a_mailbox_that_one_sender_filled_takes_letters_of_all_others(database: Database) -> None:
    def put(sender: bytes, size: int = 10) -> None:
        with database.write() as connection:
            mail.put(connection, ADA, bytes(size), 1, 32, 1_000, sender)

    for _ in range(32):
        put(EVE)
    with pytest.raises(MailboxFullError):
        put(EVE)
    for other in (BO, b"c" * 32, b"d" * 32):
        put(other)
        put(other)
        with pytest.raises(MailboxFullError):  # a share, not all of it
            put(other)
    with database.write() as connection:
        mail.acknowledge(connection, ADA, [one.number for one in mail.fetch(connection, ADA, 99)])
    put(EVE)


def test_one_large_letter_fits_a_mailbox_that_others_filled_with_bytes(database: Database) -> None:
    with database.write() as connection:
        mail.put(connection, ADA, bytes(1_000), 1, 32, 1_000, EVE)
        mail.put(connection, ADA, bytes(900), 1, 32, 1_000, BO)
        with pytest.raises(MailboxFullError):
            mail.put(connection, ADA, bytes(900), 1, 32, 1_000, BO)


def ratify(number: int) -> bytes:
    return negotiation_pb2.Ratify(
        terms_sha256=number.to_bytes(32, "big"), signature=bytes(64), ratified_ms=1
    ).SerializeToString()


def test_the_notary_logs_so_much_of_one_member_and_anything_of_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notary, "MOST_A_DAY", 3)
    monkeypatch.setattr(notary, "MOST_KEPT", 5)
    now = [DAY * 1_000]
    service = NotaryService(database, cast(Door, None), WRITER, lambda: now[0])

    def log(number: int, member: bytes) -> None:
        service.enter(number.to_bytes(32, "big"), member, ratify(number))

    for number in range(3):
        log(number, EVE)
    with pytest.raises(QuotaError, match="at most 3 ratifications"):
        log(3, EVE)
    log(0, EVE)  # again: nothing new
    log(3, BO)
    now[0] += DAY + 1
    log(4, EVE)
    log(5, EVE)
    now[0] += DAY + 1
    with pytest.raises(QuotaError):
        log(6, EVE)
    now[0] += notary.KEPT_MS
    log(7, EVE)  # what is older than a year has gone
    with database.read() as connection:
        assert notary.of(connection, bytes(32)) == ()


@pytest.mark.parametrize(
    "junk",
    [
        ratify(1) + bytes.fromhex("aa06 04") + b"junk",  # a field nobody knows
        negotiation_pb2.Ratify(
            terms_sha256=bytes(32), signature=bytes(64), stamp=negotiation_pb2.Stamp(signature=bytes(64))
        ).SerializeToString(),
        negotiation_pb2.Ratify(
            terms_sha256=bytes(32), signature=bytes(64), signed=negotiation_pb2.Sign(signature=bytes(500))
        ).SerializeToString(),
        ratify(1) + bytes(1_000),
        b"",
    ],
)
def test_the_notary_logs_ratifications_and_nothing_beside(junk: bytes) -> None:
    with pytest.raises(MalformedError):
        read(junk)
    whole = negotiation_pb2.Ratify(
        terms_sha256=bytes(32),
        signature=bytes(64),
        ratified_ms=1,
        signed=negotiation_pb2.Sign(terms_sha256=bytes(32), signature=bytes(64)),
    )
    assert read(whole.SerializeToString()) == whole


def item(text: str, author: Ed25519PrivateKey) -> Record:
    return record.make("item", text.encode(), author=author, salt=bytes(16), written_ms=1)


def test_a_member_who_puts_up_a_thousand_items_leaves_others_theirs(database: Database) -> None:
    with database.write() as connection:
        for number in range(40):
            one = item(f"mine {number}", WRITER)
            records.add(connection, one, item_id(one.body.decode()))
        later = [item("bread is good", OTHER), item("soup is better", OTHER), item("mine 0", OTHER)]
        for one in later:
            records.add(connection, one, item_id(one.body.decode()))
        chosen = records.item_ids(connection, 5)
        assert {item_id("bread is good"), item_id("soup is better")} < set(chosen)
        assert list(chosen) == sorted(chosen)
        assert len(records.item_ids(connection, 99)) == 42
        records.hide(connection, WRITER.public_key().public_bytes_raw().hex())
        assert set(records.item_ids(connection, 99)) == {item_id(one.body.decode()) for one in later}


def test_versions_of_a_note_are_bounded_here_too_and_counts_are_right(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage, "MOST_A_DAY", 4)
    service = CommonsService(database, cast(Door, None), Settings())
    public = WRITER.public_key().public_bytes_raw()

    def version(n: int, author: Ed25519PrivateKey = WRITER, at: int = 1) -> bytes:
        return record.make("note", b"%d" % n, author=author, salt=bytes(16), written_ms=at, note=bytes(16)).raw

    service.publish([version(n) for n in range(4)], public)
    with pytest.raises(QuotaError, match="at most 4 versions a day"):
        service.publish([version(5)], public)
    service.publish([version(6, at=2 * DAY)], public)
    service.publish([version(7, OTHER)], OTHER.public_key().public_bytes_raw())
    first = record.read(version(0))
    gone = record.make(
        "tombstone", b"", author=WRITER, salt=bytes(16), written_ms=1, note=bytes(16), parents=(first.id,)
    )
    service.publish([gone.raw], public)
    with database.read() as connection:
        recount = text("SELECT COUNT(*), SUM(size) FROM records WHERE author = :author")
        counted = connection.execute(recount, {"author": public.hex()}).one()
        assert records.room(connection, public.hex()) == tuple(counted)


class Shown:
    """A call with this session."""

    def __init__(self, token: str) -> None:
        self.token = token

    def invocation_metadata(self) -> list[tuple[str, str | bytes]]:
        return [("weal-session", self.token)]

    def peer(self) -> str:
        return "ipv4:127.0.0.1:1"


def test_a_member_who_signs_in_again_and_again_ends_their_own_sessions_alone() -> None:
    door, numbers = Door(bytes(32), 3_600, lambda: 0.0), itertools.count()
    others = door.admit(BO, b"%d" % next(numbers))
    mine = [door.admit(EVE, b"%d" % next(numbers)) for _ in range(MOST_SESSIONS + 5)]
    assert door.member(cast(Call, Shown(others))) == BO
    good = [token for token in mine if door.member(cast(Call, Shown(token))) == EVE]
    assert good == mine[-MOST_SESSIONS:]
    assert door.end(EVE) == MOST_SESSIONS
    assert door.member(cast(Call, Shown(mine[-1]))) is None


def test_a_commons_of_before_is_counted(fresh: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    url, one = fresh(), item("bread is good", WRITER)
    with monkeypatch.context() as before:
        before.setattr(opening, "MIGRATIONS", MIGRATIONS[:10])
        old = Database(url)
        with old.write() as connection:
            connection.execute(
                text(
                    "INSERT INTO records (position, id, kind, author, note, size, raw) VALUES (1, :id, 'item', :author, :note, 7, :raw)"
                ),
                {"id": one.id, "author": one.author.hex(), "note": one.note.hex(), "raw": one.raw},
            )
            connection.execute(
                text("INSERT INTO mail (number, recipient, ciphertext, at_ms) VALUES (1, :key, :raw, 1)"),
                {"key": ADA.hex(), "raw": b"letter"},
            )
        old.close()
    database = Database(url)
    with database.write() as connection:
        assert records.room(connection, one.author.hex()) == (1, 7)
        assert records.versions(connection, one.author.hex(), one.note.hex(), 0) == (1, 0)
        assert mail.fetch(connection, ADA, 9) == (mail.Letter(1, b"letter"),)
        mail.drop(connection, ADA)
        assert mail.waiting(connection) == 0
    database.close()
