"""A real server over TLS and real members: who may come in, what is refused by name, and mail that only its receiver reads."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from support.waiting import PATIENCE_S, until_async
from weal_coordinator import keys as coordinator_keys
from weal_coordinator import setup
from weal_coordinator.community import charter
from weal_coordinator.config import Home, Settings
from weal_coordinator.rpc.server import Served, serve
from weal_coordinator.store import invites
from weal_coordinator.store.database import Database
from weal_node import keys as keyring
from weal_node.errors import CommunityError
from weal_node.keys import Keys
from weal_node.mail.outbox import Outbox
from weal_node.outbound.channel import connect
from weal_node.outbound.community import Community
from weal_node.store.database import Database as NodeDatabase
from weal_protocol import cards, envelope, record, sealing, signing
from weal_protocol.envelope import START, Envelope
from weal_protocol.invite import Invite
from weal_protocol.v1 import commons_pb2, directory_pb2, relay_pb2, release_pb2, sync_pb2

pytestmark = pytest.mark.together

SESSION = b"s" * 16
SERVICES = [file.DESCRIPTOR for file in (directory_pb2, relay_pb2, commons_pb2, release_pb2, sync_pb2)]
METHODS = [method for file in SERVICES for service in file.services_by_name.values() for method in service.methods]
OPEN = {"Join", "Challenge", "SignIn"}
CANARY = "canary-piano-lessons-for-a-bicycle"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Town:
    """A community's server in this process; it can be stopped and started again on its port."""

    place: Home
    settings: Settings
    database: Database
    server: Served | None = None
    port: int = 0
    made: list[Any] = field(default_factory=list)

    async def start(self) -> None:
        rules = charter.read(self.place.charter.read_text())
        own = setup.own_card(self.place, self.database)
        settings = replace(self.settings, grpc_port=self.port)
        self.server, self.port = await serve(self.place, settings, rules, self.database, own, now_ms)

    async def stop(self) -> None:
        if self.server:
            await self.server.stop(None)

    def invite(self) -> Invite:
        code = secrets.token_urlsafe(8)
        with self.database.write() as connection:
            invites.add(connection, [code], now_ms())
        return Invite(
            "commons",
            f"127.0.0.1:{self.port}",
            "127.0.0.1:1",
            coordinator_keys.fingerprint(self.place).hex(),
            coordinator_keys.load(self.place).agent_public.hex(),
            code,
        )

    async def join(self, name: str, invite: Invite | None = None, keys: Keys | None = None) -> "Person":
        keys = keys or keyring.new()
        folder = self.place.root.parent / f"{name}-{len(self.made)}"
        await Community.join(invite or self.invite(), keys, card(keys, name), folder / "community")
        person = Person(keys, Community.open(folder / "community", keys), NodeDatabase(folder / "node.db"))
        self.made.append(person)
        return person


@dataclass
class Person:
    """A member with a store and letters of their own."""

    keys: Keys
    community: Community
    database: NodeDatabase
    got: list[Envelope] = field(default_factory=list)

    @property
    def key(self) -> bytes:
        return self.keys.agent_public

    @property
    def letters(self) -> Outbox:
        return Outbox(self.database, self.keys, self.community, now_ms)

    async def take(self, letter: Envelope) -> None:
        self.got.append(letter)

    @asynccontextmanager
    async def corresponding(self) -> AsyncIterator[Outbox]:
        letters = self.letters
        task = asyncio.create_task(letters.run({"invite": self.take}))
        try:
            yield letters
        finally:
            assert not task.done(), task  # nothing that came has stopped the loop
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def letter(self, to: "Person", body: bytes, **changes: Any) -> bytes:
        """A sealed letter as this person could make it by hand."""
        plain = Envelope(SESSION, self.key, to.key, 1, START, now_ms() + 60_000, b"i" * 16, "invite", body)
        signed = envelope.write(replace(plain, **changes), self.keys.agent)
        return sealing.seal(signed, to.keys.seal_public, to.key)


def card(keys: Keys, name: str) -> bytes:
    public = (keys.agent_public, keys.ratification_public, keys.seal_public, keys.fleet_public)
    return cards.issue(cards.Member(*public, name, "light", now_ms()), keys.agent)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    place, settings = Home(tmp_path / "community"), Settings(grpc_port=0, mail_limit=3)
    setup.found(place, "commons", settings)
    made = Town(place, settings, Database(f"sqlite:///{place.database}"))
    await made.start()
    yield made
    for person in made.made:
        await person.community.close()
        person.database.close()
    await made.stop()
    made.database.close()


@pytest.fixture
async def ada(town: Town) -> Person:
    return await town.join("Ada")


@pytest.fixture
async def bo(town: Town) -> Person:
    return await town.join("Bo")


async def test_a_newcomer_finds_the_others_and_the_coordinator(town: Town, ada: Person, bo: Person) -> None:
    for person in (ada, bo):
        await person.community.refresh()
        assert [member.name for member in person.community.members()] == ["Ada", "Bo", "commons"]
        assert person.community.name_of(bo.key) == "Bo"
    assert ada.community.id == hashlib.sha256(town.place.charter.read_bytes()).hexdigest()
    assert (await ada.community.member(bo.key)).seal_key == bo.keys.seal_public


async def test_an_invite_lets_one_person_in(town: Town) -> None:
    one = town.invite()
    ada = await town.join("Ada", one)
    with pytest.raises(CommunityError, match="invite already used"):
        await town.join("Bo", one)
    await town.join("Ada", one, ada.keys)  # whose answer was lost
    await ada.community.refresh()
    assert [member.name for member in ada.community.members()] == ["Ada", "commons"]
    with pytest.raises(CommunityError, match="this invite is unknown"):
        await town.join("Bo", replace(one, code="guessed"))


async def test_a_card_of_someone_else_does_not_join(town: Town) -> None:
    keys, other = keyring.new(), keyring.new()
    public = (keys.agent_public, keys.ratification_public, keys.seal_public, keys.fleet_public)
    forged = cards.issue(cards.Member(*public, "Ada", "light", 1), other.agent)
    with pytest.raises(CommunityError, match="does not fit"):
        await Community.join(town.invite(), keys, forged, town.place.root.parent / "x")
    assert not (town.place.root.parent / "x").exists()


async def test_no_one_joins_with_a_copy_of_a_members_key_for_rounds(town: Town, ada: Person) -> None:
    mallory = replace(keyring.new(), fleet=ada.keys.fleet)
    with pytest.raises(CommunityError, match="another member's"):
        await town.join("Mallory", keys=mallory)
    await ada.community.leave()
    await town.join("Ada", keys=replace(keyring.new(), fleet=ada.keys.fleet))  # who lost her other keys


async def test_another_certificate_than_the_invites_is_refused_before_anything_is_said(town: Town) -> None:
    wrong = replace(town.invite(), certificate_sha256="ab" * 32)
    with pytest.raises(CommunityError, match="another certificate"):
        await town.join("Ada", wrong)


async def test_a_server_with_another_certificate_is_not_spoken_to(town: Town, ada: Person, tmp_path: Path) -> None:
    await town.stop()
    imposter = Home(tmp_path / "imposter")
    setup.found(imposter, "commons", Settings())
    database = Database(f"sqlite:///{imposter.database}")
    rules, own = charter.read(imposter.charter.read_text()), setup.own_card(imposter, database)
    server, _ = await serve(imposter, Settings(grpc_port=town.port), rules, database, own, now_ms)
    try:
        with pytest.raises(CommunityError, match="another certificate"):
            await ada.community.refresh()
    finally:
        await server.stop(None)
        database.close()


async def test_no_one_there_is_named(town: Town, ada: Person) -> None:
    one = town.invite()
    await town.stop()
    with pytest.raises(CommunityError, match=r"cannot be reached.*Is the community running"):
        await town.join("Bo", one)
    with pytest.raises(CommunityError, match="cannot be reached"):
        await ada.community.refresh()


@pytest.fixture
async def channel(town: Town) -> AsyncIterator[grpc.aio.Channel]:
    async with connect(f"127.0.0.1:{town.port}", town.place.certificate.read_bytes()) as made:
        yield made


async def call(channel: grpc.aio.Channel, method: Any, request: Message, session: str | None = None) -> Any:
    answer = GetMessageClass(method.output_type)
    ask: Callable[..., Any] = (channel.stream_stream if method.server_streaming else channel.unary_unary)(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=answer.FromString,
    )
    metadata = (("weal-session", session),) if session is not None else ()
    if method.server_streaming:
        return [one async for one in ask([request], metadata=metadata, timeout=PATIENCE_S)]
    return await ask(request, metadata=metadata, timeout=PATIENCE_S)


@pytest.mark.parametrize("session", [None, "", "guessed", "x" * 500])
@pytest.mark.parametrize("method", [m for m in METHODS if m.name not in OPEN], ids=lambda method: str(method.name))
async def test_nothing_is_answered_without_a_session(
    channel: grpc.aio.Channel, method: Any, session: str | None
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as fault:
        await call(channel, method, GetMessageClass(method.input_type)(), session)
    assert fault.value.code() == grpc.StatusCode.UNAUTHENTICATED
    assert "members only" in str(fault.value.details())


NAMED = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNAUTHENTICATED,
}


def extremes(kind: Any) -> Iterator[Message]:
    """Requests of this type with every number at its largest and every text and blob empty or long."""
    for size, number in ((0, 2**32 - 1), (33, 0), (5_000, 1)):
        request = GetMessageClass(kind)()
        for one in kind.fields:
            if one.message_type:
                continue
            largest = 2**63 if one.type == one.TYPE_UINT64 else number
            value = {"str": "x" * size, "bytes": b"\xff" * size}.get(
                {one.TYPE_STRING: "str", one.TYPE_BYTES: "bytes"}.get(one.type, ""), largest
            )
            if one.name == "wait_ms":
                continue
            if one.is_repeated:
                getattr(request, one.name).append(value)
            else:
                setattr(request, one.name, value)
        yield request


@pytest.mark.parametrize("method", METHODS, ids=lambda method: str(method.name))
async def test_odd_requests_are_answered_or_refused_by_name(
    ada: Person, channel: grpc.aio.Channel, method: Any
) -> None:
    await ada.community.refresh()
    session = ada.community.token
    for request in (GetMessageClass(method.input_type)(), *extremes(method.input_type)):
        try:
            await call(channel, method, request, session)
        except grpc.aio.AioRpcError as refusal:
            said = refusal.code()
        else:
            continue
        assert said in NAMED, request


async def test_whoever_left_is_let_in_no_more(town: Town, ada: Person, bo: Person) -> None:
    await bo.community.refresh()
    await bo.community.leave()
    with pytest.raises(CommunityError, match="belongs to no member"):
        await bo.community.refresh()
    await ada.community.refresh()
    assert "Bo" not in [member.name for member in ada.community.members()]
    with pytest.raises(CommunityError, match="not a member"):
        await ada.community.put(bo.key, bytes(600))


async def test_a_record_is_published_by_its_author_alone_and_once(ada: Person, bo: Person) -> None:
    made = record.make("item", b"More benches", author=ada.keys.agent, salt=b"s" * 16, written_ms=1)
    for _ in range(2):
        await ada.community.publish([made])
    found, position = await bo.community.records(0)
    assert found == [made]
    assert await bo.community.records(position) == ([], position)
    with pytest.raises(CommunityError, match="not by the member"):
        await bo.community.publish([made])


async def test_a_record_whose_header_names_its_file_is_taken_no_more(ada: Person) -> None:
    made = commons_pb2.Record.FromString(
        record.make("note", b"x", author=ada.keys.agent, salt=b"s" * 16, written_ms=1, note=b"n" * 16).raw
    )
    header = commons_pb2.RecordHeader.FromString(made.header)
    header.path = "My diary.md"
    made.header = header.SerializeToString(deterministic=True)
    made.signature = signing.sign(ada.keys.agent, "record", made.header)
    with pytest.raises(CommunityError, match="taking it back would leave that"):
        await ada.community.publish([record.read(made.SerializeToString())])


async def test_a_full_mailbox_is_named(ada: Person, bo: Person) -> None:
    for _ in range(3):
        await ada.community.put(bo.key, await ada.letter(bo, b"x"))
    with pytest.raises(CommunityError, match="mailbox full"):
        await ada.community.put(bo.key, await ada.letter(bo, b"x"))
    await ada.community.put(ada.key, await ada.letter(ada, b"x"))
    with pytest.raises(CommunityError, match="wrong size"):
        await ada.community.put(ada.key, bytes(1024 * 1024))


async def test_two_members_exchange_sealed_mail_in_order(town: Town, ada: Person, bo: Person) -> None:
    async with ada.corresponding() as from_ada, bo.corresponding() as from_bo:
        for number in range(5):
            await from_ada.send(bo.key, SESSION, "invite", f"{CANARY} {number}".encode(), now_ms() + 60_000)
        await from_bo.send(ada.key, SESSION, "invite", f"{CANARY} back".encode(), now_ms() + 60_000)

        async def arrived() -> bool:
            return len(bo.got) == 5 and len(ada.got) == 1

        await until_async(arrived)
        assert [letter.body.decode() for letter in bo.got] == [f"{CANARY} {number}" for number in range(5)]
        assert await from_bo.refusals() == {}
    kept = [file for file in town.place.root.rglob("*") if file.is_file()]
    assert town.place.database in kept
    for file in kept:
        assert CANARY.encode() not in file.read_bytes(), file


async def test_what_must_not_come_in_is_counted_by_name_and_stops_nothing(town: Town, ada: Person, bo: Person) -> None:
    stranger = keyring.new()
    good = await ada.letter(bo, b"one")
    pretended = Envelope(SESSION, bo.key, bo.key, 1, START, now_ms() + 60_000, b"i" * 16, "invite", b"")
    outsider = Envelope(SESSION, stranger.agent_public, bo.key, 1, START, now_ms() + 60_000, b"i" * 16, "invite", b"")
    bad = {
        "ReplayedError: envelope # came again": good,
        "EquivocatedError: envelope # does not follow the one before it": await ada.letter(bo, b"x", seq=2),
        "ExpiredError: an envelope came after its deadline": await ada.letter(bo, b"x", deadline_ms=1),
        "ForgedError: a frame was not sealed to this node": bytes(560),
        "MalformedError: a sealed frame has the wrong size": b"short",
        "MalformedError: this is not an envelope": sealing.seal(b"\xff", bo.keys.seal_public, bo.key),
        "ForgedError: a signature for envelope does not fit": sealing.seal(
            envelope.write(pretended, ada.keys.agent), bo.keys.seal_public, bo.key
        ),
        "NoMemberError: this key belongs to no member": sealing.seal(
            envelope.write(outsider, stranger.agent), bo.keys.seal_public, bo.key
        ),
    }

    async with bo.corresponding() as letters:
        await ada.community.put(bo.key, good)

        async def came() -> bool:
            return len(bo.got) == 1

        await until_async(came)
        for reason, frame in bad.items():
            await ada.community.put(bo.key, frame)

            async def counted(reason: str = reason) -> bool:
                return (await letters.refusals()).get(reason) == 1

            await until_async(counted)
        assert set(await letters.refusals()) == set(bad)
        _, digest = envelope.read(sealing.unseal(good, bo.keys.seal, bo.key), 0)
        await ada.community.put(
            bo.key, await ada.letter(bo, b"two", seq=2, prev_hash=digest, idempotency_key=b"j" * 16)
        )

        async def came_too() -> bool:
            return len(bo.got) == 2

        await until_async(came_too)
    assert [letter.body for letter in bo.got] == [b"one", b"two"]


async def test_mail_survives_a_restart_of_the_server(town: Town, ada: Person, bo: Person) -> None:
    async with ada.corresponding() as letters:
        await letters.send(bo.key, SESSION, "invite", b"before", now_ms() + 60_000)

        async def waits() -> bool:
            return len(await bo.community.fetch(0)) == 1

        await until_async(waits)
    await town.stop()
    await letters.send(bo.key, SESSION, "invite", b"meanwhile", now_ms() + 60_000)  # stays in the outbox
    town.database.close()
    town.database = Database(f"sqlite:///{town.place.database}")
    await town.start()

    async with ada.corresponding(), bo.corresponding():

        async def all_taken_off() -> bool:  # a letter is handed over first, and only then taken off the relay
            return len(bo.got) == 2 and not await bo.community.fetch(0)

        await until_async(all_taken_off)
    assert [letter.body for letter in bo.got] == [b"before", b"meanwhile"]


async def test_waiting_for_mail_ends_when_it_comes(ada: Person, bo: Person) -> None:
    waiting = asyncio.create_task(bo.community.fetch(25_000))
    await bo.community.refresh()
    await ada.community.put(bo.key, await ada.letter(bo, b"x"))
    assert len(await waiting) == 1  # an empty answer would have meant that it ended by the clock
