"""How a community stands, in numbers that name no one."""

import hashlib
from collections.abc import Callable

from weal_coordinator.community.charter import TEMPLATE, read
from weal_coordinator.store import invites, mail, members, releases, rounds, standing
from weal_coordinator.store.database import Database
from weal_protocol.v1 import directory_pb2, release_pb2

RULES = read(TEMPLATE.format(name="commons")).aggregation
ADA, BO, CY = b"a" * 32, b"b" * 32, b"c" * 32


def card(tier: str) -> bytes:
    inside = directory_pb2.MemberCard(name="Ada Lovelace", tier=tier).SerializeToString()
    return directory_pb2.SignedMemberCard(card=inside).SerializeToString()


def test_an_empty_community(database: Database) -> None:
    with database.read() as connection:
        assert standing.look(connection) == standing.Tally(0, {}, 0, 0, 0, {}, 0.0, None, None, b"", 0, 0, {})


def test_everything_is_counted(database: Database) -> None:
    with database.write() as connection:
        for key, tier in ((ADA, "light"), (BO, "none"), (CY, "light")):
            members.add(connection, key, card(tier), 1)
        members.leave(connection, CY, 2)
        invites.add(connection, ["one", "two"], 1)
        mail.put(connection, ADA, b"letter", 1, 9, 99)
        number = rounds.open_round(connection, "cc" * 32, 2, ("aa" * 32, "bb" * 32), RULES, 5)
        rounds.note_refusals(connection, number, {"wrong size": 1})
        rounds.charge(connection, number, {}, 1, 0.5, b"total")
        rounds.finish(connection, number, 4)
        manifest = release_pb2.Manifest(number=4, round=number)
        releases.put_release(connection, 4, manifest.SerializeToString(), b"", b"tensors")
        now = standing.look(connection)
    assert (now.members, now.tiers) == (2, {"light": 1, "none": 1})
    assert (now.invites_open, now.mail_waiting, now.records) == (2, 1, 0)
    assert (now.rounds, now.epsilon, now.release) == ({"done": 1}, 0.5, manifest)
    assert now.head == hashlib.sha256(manifest.SerializeToString()).digest()
    assert (now.sampled, now.used, now.refused) == (2, 1, {"wrong size": 1})
    assert now.last is not None
    assert (now.last.number, now.last.opened_ms) == (number, 5)
    assert "Ada" not in repr(now)


def test_rounds_are_told_with_who_was_drawn_as_a_number(database: Database) -> None:
    with database.write() as connection:
        number = rounds.open_round(connection, "cc" * 32, 3, ("aa" * 32, "bb" * 32), RULES, 5)
        rounds.note_refusals(connection, number, {"wrong size": 2})
        (found,) = rounds.outcomes(connection)
    assert "aa" * 32 not in str(found)
    assert found == {
        "number": number,
        "state": "open",
        "opened_ms": 5,
        "population": 3,
        "sampled": 2,
        "used": 0,
        "epsilon": 0.0,
        "release": 0,
        "refused": {"wrong size": 2},
    }


def test_the_newest_manifest_is_found_without_its_tensors(fresh: Callable[[], str]) -> None:
    database = Database(fresh())
    with database.write() as connection:
        assert releases.latest_manifest(connection) is None
        for number in (1, 2):
            releases.put_release(connection, number, b"manifest %d" % number, b"", b"tensors")
        assert releases.latest_manifest(connection) == b"manifest 2"
    database.close()
