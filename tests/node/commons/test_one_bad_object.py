"""One object that somebody else made and that nothing here can use: each loop it is planted in sets it aside by name, and goes on."""

import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from support.minds import Embedder, Reader, Vector, apart
from weal_node import keys
from weal_node.commons import reconcile, replica
from weal_node.commons.admission import Quota, admit
from weal_node.commons.replica import Mirror
from weal_node.config import Home
from weal_node.deals import matching, ratification
from weal_node.deals.context import Context
from weal_node.errors import CommunityError, UnreachableError
from weal_node.mail.inbox import Inbox
from weal_node.outbound.source import RecordSource
from weal_node.search import indexing
from weal_node.store import aside, deals, follows, lexicon, mail, passages, records, topic_index
from weal_node.store.database import Database
from weal_node.upkeep import doctor
from weal_node.vault import markdown
from weal_protocol import envelope, record, sealing
from weal_protocol.envelope import START, Envelope
from weal_protocol.errors import MalformedError
from weal_protocol.record import Record

EVE, BO = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"e", b"b"))
OWN = keys.new()
POISON = "poison"


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let notes with a word in them do what the next unknown fault of a parser will do: the parsers know of none today, and it is the
    loops that are looked at. One falls in the parser, one gives a title that no database takes."""
    read = markdown.read

    def falls(content: bytes, path: str) -> Any:
        note = read(content, path)
        if b"poison deep" in content:
            raise RecursionError
        if b"poison tag" in content:  # which only the database refuses
            return replace(note, tags=("half \ud800",))
        return replace(note, title="half \ud800") if POISON.encode() in content else note

    monkeypatch.setattr(markdown, "read", falls)


def written(author: Ed25519PrivateKey, body: str, **more: Any) -> Record:
    made: dict[str, Any] = {
        "salt": secrets.token_bytes(16),
        "written_ms": 1,
        "note": secrets.token_bytes(16),
        "path": "n.md",
    }
    return record.make("note", body.encode(), author=author, **(made | more))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "node.db")
    yield opened
    opened.close()


def keep(database: Database, *made: Record) -> None:
    act = partial(admit, batch=made, is_author=lambda _: True, own=OWN.agent_public, limits=Quota())
    assert database.write_now(act).refused == []


def by(one: Ed25519PrivateKey) -> str:
    return one.public_key().public_bytes_raw().hex()


def unless_poisoned(text: str) -> Vector:
    """A meaning, but of what cannot be read."""
    if "poison" in text:
        raise ValueError("no tensor of that")
    return apart(text)


@pytest.mark.usefixtures("poison")
async def test_topics(database: Database) -> None:
    bad = written(EVE, "poison deep")
    keep(database, written(BO, "# Before"), bad, written(BO, "# After"))
    await replica.shelve(database)
    assert len(await database.read(partial(topic_index.by, author=by(BO), limit=9))) == 2
    assert [(kind, key) for kind, key, _ in await database.read(aside.every)] == [("topics", bad.id)]
    keep(database, written(EVE, "# Whole", note=bad.note, parents=(bad.id,), written_ms=2))
    await replica.shelve(database)
    assert await database.read(aside.every) == ()  # it has changed, and can be used
    assert len(await database.read(partial(topic_index.by, author=by(EVE), limit=9))) == 1


@pytest.mark.usefixtures("poison")
async def test_a_parser_that_fails_in_a_way_nobody_named(database: Database) -> None:
    keep(database, written(EVE, "poison deep"), written(BO, "# After"))
    await replica.shelve(database)
    await indexing.of_records(database, OWN.agent_public.hex())
    mind = Reader()
    await replica.read(database, OWN, cast(Any, mind))
    assert len(await database.read(partial(topic_index.by, author=by(BO), limit=9))) == 1
    assert list(mind.texts.values()) == ["After: # After"]
    assert {reason for _, _, reason in await database.read(aside.every)} == {"it cannot be used (RecursionError)"}
    assert len(await database.read(aside.every)) == 3  # topics, reading, search


@pytest.mark.usefixtures("poison")
async def test_the_agents_reading(database: Database) -> None:
    keep(database, written(EVE, POISON), written(BO, "# After"))
    mind = Reader()
    await replica.read(database, OWN, cast(Any, mind))
    assert list(mind.texts.values()) == ["After: # After"]
    assert [kind for kind, _, _ in await database.read(aside.every)] == ["reading"]


@pytest.mark.usefixtures("poison")
async def test_search(database: Database) -> None:
    keep(database, written(EVE, POISON), written(EVE, "poison tag"), written(BO, "# After\n\nleek"))
    await indexing.of_records(database, OWN.agent_public.hex())
    assert len(await database.read(lambda c: lexicon.words(c, "leek", None, 9))) == 1
    assert [kind for kind, _, _ in await database.read(aside.every)] == ["search", "search"]


async def test_embedding(database: Database) -> None:
    keep(database, written(EVE, "# poison\n\npoison"), written(BO, "# After\n\nleek"))
    await indexing.of_records(database, OWN.agent_public.hex())
    while await indexing.by_meaning(database, Embedder(unless_poisoned)):
        pass
    assert await database.read(passages.counts) == (2, 0)  # both are found by their words, none waits


@pytest.mark.usefixtures("poison")
async def test_deals_from_notes(database: Database) -> None:
    keep(database, written(EVE, "poison deep: needs"), written(BO, "---\nneeds: [soup]\n---\n"))
    rows = await database.read(records.wishing)
    wishes = [wish for row in rows if (wish := matching.wish_of(row)) is not None]
    assert by(BO) in {wish.author for wish in wishes}


async def test_letters(database: Database) -> None:
    eve = keys.new()

    async def member(_: bytes) -> Any:
        return object()

    faults = iter(
        [sqlite3.IntegrityError("twice"), RecursionError(), OverflowError(), UnicodeEncodeError("utf-8", "x", 0, 1, "")]
    )

    async def falls(_: Envelope) -> None:
        raise next(faults)

    reception = Inbox(database, OWN, member, lambda: 1, lambda: None)
    for number in range(4):
        letter = Envelope(
            bytes([number]) * 16, eve.agent_public, OWN.agent_public, 1, START, 9, bytes(16), "invite", b""
        )
        sealed = sealing.seal(envelope.write(letter, eve.agent), OWN.seal_public, OWN.agent_public)
        await reception.take(sealed, {"invite": falls})  # raises nothing: it is acknowledged, and the next one comes
    assert sorted(await database.read(mail.refusals)) == [
        f"{kind}: a fault of our own"
        for kind in ("IntegrityError", "OverflowError", "RecursionError", "UnicodeEncodeError")
    ]


async def test_people_who_are_followed(database: Database) -> None:
    asked: list[str] = []

    class Puller:
        async def pull(self, source: Any, now_ms: int, author: str) -> Any:
            asked.append(author)
            if author == by(EVE):
                raise MalformedError("buckets of records are not those that were asked for")
            return type("Pulled", (), {"came": 1})

    def choose(connection: sqlite3.Connection) -> None:
        follows.choose(connection, follows.EVERYONE, False, 1)
        for at, one in enumerate((EVE, BO)):
            follows.choose(connection, by(one), True, at)

    await database.write(choose)
    made = Mirror(database, OWN, cast(Any, None), cast(Any, Puller()), lambda: 1)
    assert await made.pull_from(cast(Any, type("Source", (), {"key": "ab"}))) == 2
    assert asked[-1] == by(BO)
    assert [(kind, key) for kind, key, _ in await database.read(aside.every)] == [("pull", by(EVE))]


async def test_nodes_of_members(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    members = [type("M", (), {"address": "x:1", "agent_key": bytes([n]) * 32, "name": "x"}) for n in (1, 2)]
    community = type("C", (), {"members": lambda self: members})()
    asked: list[bytes] = []

    async def answer(self: Mirror, member: Any) -> int:
        asked.append(member.agent_key)
        if len(asked) == 1:
            raise CommunityError("members only")
        return 3

    async def away(self: Mirror, source: Any) -> int:
        raise UnreachableError("the coordinator is away")

    monkeypatch.setattr(Mirror, "pull_from_peer", answer)
    monkeypatch.setattr(Mirror, "pull_from", away)
    monkeypatch.setattr(RecordSource, "of_community", lambda community: None)
    made = Mirror(database, OWN, cast(Any, community), cast(Any, None), lambda: 0)
    assert await made.pull() == 3


async def test_ratifications(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[bytes] = []

    def enter(connection: sqlite3.Connection) -> None:
        for deal in (b"1" * 16, b"2" * 16):
            deals.draft(connection, deals.NewDeal(deal, b"o" * 32, ("", ""), (), "", bytes(32)), 1)
            deals.pend(connection, deal, b"word")

    async def say(context: Context, deal: bytes, ratify: bytes) -> None:
        said.append(deal)
        if len(said) == 1:
            raise CommunityError("this key belongs to no member")
        if len(said) == 3:
            raise ValueError

    await database.write(enter)
    monkeypatch.setattr(ratification, "log_and_say", say)
    nobody = cast(Any, None)
    context = Context(database, OWN, nobody, nobody, nobody, lambda: 1, nobody)
    await ratification.conclude(context)
    await ratification.conclude(context)
    assert len(said) == 4


async def test_records_of_one_author_that_are_refused_keep_nobody_elses_away(database: Database) -> None:
    many = [written(EVE, str(n), written_ms=n) for n in range(6)]
    loose = [written(EVE, "x", note=many[0].note, parents=("ab" * 32,), written_ms=n) for n in range(4)]
    pulled = reconcile.Pulled()
    pulled.refused |= {one.id: "QuotaError: too much" for one in many}
    assert pulled.wrong == 0  # an author's faults are not counted against who hands the records on
    outcome = database.write_now(
        partial(admit, batch=[*loose, written(BO, "# After")], is_author=lambda _: True, own=b"", limits=Quota())
    )
    assert (outcome.kept, len(outcome.waiting)) == (1, 4)


@pytest.mark.usefixtures("poison")
async def test_doctor_names_and_counts_them(database: Database, tmp_path: Path) -> None:
    keep(database, written(EVE, "poison deep"), written(EVE, "poison deep"))
    await replica.shelve(database)
    (check,) = doctor.set_aside(Home(tmp_path))
    assert check.ok
    assert "2 x topics: it cannot be used (RecursionError)" in check.detail
