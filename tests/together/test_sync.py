"""Real servers over TLS: records are pulled from the coordinator, and from each other's nodes while it is away; each refusal has its name."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from support.waiting import LOOK_S, PATIENCE_S
from weal_coordinator import setup
from weal_coordinator.config import Settings
from weal_node import certificate, keys
from weal_node.commons.admission import Quota, admit
from weal_node.commons.reconcile import Puller
from weal_node.commons.replica import Mirror
from weal_node.commons.serving import Replica
from weal_node.errors import CommunityError, UnknownParentsError, UnreachableError
from weal_node.federation import membership
from weal_node.outbound.community import Community
from weal_node.outbound.peer import Peer
from weal_node.outbound.source import RecordSource
from weal_node.rpc import record_sync
from weal_node.rpc.server import serve
from weal_node.store import follows, records
from weal_protocol import jury as court
from weal_protocol import record
from weal_protocol.record import Record
from weal_protocol.v1 import sync_pb2, sync_pb2_grpc

pytestmark = pytest.mark.together


def written(who: Any, text: str, *parents: Record, kind: str = "note") -> Record:
    note = parents[0].note if parents else secrets.token_bytes(16)
    ids = tuple(one.id for one in parents)
    salt = secrets.token_bytes(16)
    return record.make(
        kind, text.encode(), author=who.keys.agent, salt=salt, written_ms=1, note=note, path="n.md", parents=ids
    )


def mirror(who: Any) -> Mirror:
    return Mirror(who.database, who.keys, who.community, Puller(who.database, who.community, who.key), setup.now_ms)


def held(who: Any) -> set[str]:
    return {one.hex() for one, _ in who.database.read_now(records.placed)}


async def keep(who: Any, *made: Record) -> None:
    """Keep one's own records, as a node does before they leave."""
    await who.database.write(partial(admit, batch=made, is_author=lambda _: True, own=who.key, limits=Quota()))


async def insist(act: Callable[[], Awaitable[Any]]) -> Any:
    """Try again, as a node does, until a server that was started again is reached."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(UnreachableError):
                return await act()
            await asyncio.sleep(LOOK_S)


@asynccontextmanager
async def answering(who: Any, folder: Path) -> AsyncIterator[None]:
    """Let someone's node answer directly, and their card say where."""
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    shown = await asyncio.to_thread(certificate.at, folder, setup.now_ms())
    server, port = await serve(
        "127.0.0.1:0", shown, who.community, (record_sync.service(Replica(who.database), who.community),)
    )
    at = membership.Whereabouts(f"127.0.0.1:{port}", shown.sha256)
    assert await membership.renew(who.database, who.keys, who.community, setup.now_ms, at)
    assert not await membership.renew(who.database, who.keys, who.community, setup.now_ms, at)  # said once
    yield
    await server.stop(0)


async def test_what_one_publishes_the_others_pull_once(community: Any) -> None:
    ada, bo = [await community.person(name) for name in ("Ada", "Bo")]
    first = written(ada, "Oaks last.")
    await ada.community.publish([first])
    assert await mirror(bo).pull() == 1
    assert await mirror(bo).pull() == 0
    idea = written(bo, "Oaks last long.", first, kind="suggestion")
    await bo.community.publish([idea])
    await ada.community.publish([written(ada, "Oaks last long.", first, idea)])
    assert (await mirror(ada).pull(), await mirror(bo).pull()) == (3, 2)
    assert held(ada) == held(bo)
    await ada.community.publish([written(ada, "", first, kind="tombstone")])
    cy = await community.person("Cy")
    for someone in (bo, cy):
        await mirror(someone).pull()
        found = await someone.database.read(partial(records.find, record=first.id))
        assert (found.body, b"Oaks" in found.raw) == ("", False)
    with community.database.read() as connection:
        raw = connection.exec_driver_sql("SELECT raw FROM records").fetchall()
    assert sum(b"Oaks last." in bytes(one) for (one,) in raw) == 0


async def test_following_one_person_brings_what_they_wrote_and_ones_own_suggestions(community: Any) -> None:
    ada, bo, cy = [await community.person(name) for name in ("Ada", "Bo", "Cy")]
    hers, his, mine = written(ada, "hers"), written(bo, "his"), written(cy, "mine")
    idea = written(bo, "mine, better", mine, kind="suggestion")
    for who, made in ((ada, hers), (bo, his), (cy, mine), (bo, idea)):
        await who.community.publish([made])
    await cy.database.write(partial(follows.choose, who=follows.EVERYONE, following=False, now_ms=1))
    await cy.database.write(partial(follows.choose, who=ada.key.hex(), following=True, now_ms=2))
    await mirror(cy).pull()
    assert held(cy) == {hers.id, mine.id, idea.id}


async def test_three_nodes_converge_while_the_coordinator_is_away_and_after(community: Any, tmp_path: Path) -> None:
    people = [await community.person(name) for name in ("Ada", "Bo", "Cy")]
    shared = written(people[0], "before")
    await people[0].community.publish([shared])
    async with AsyncExitStack() as leaving:
        for someone in people:
            await leaving.enter_async_context(answering(someone, tmp_path / f"keys-{someone.name}"))
        for someone in people:
            await someone.community.refresh()
            await mirror(someone).pull()
        await community.stop()
        apart = [written(someone, f"{someone.name}, apart") for someone in people]
        gone = written(people[0], "", shared, kind="tombstone")
        for someone, made in zip(people, apart, strict=True):
            await keep(someone, made)
        await keep(people[0], gone)
        for _ in range(2):
            for someone in people:
                await mirror(someone).pull()
        expected = {shared.id, gone.id, *(one.id for one in apart)}
        assert [held(someone) for someone in people] == [expected] * 3
        await community.start()
        for someone, made in zip(people, apart, strict=True):
            await insist(partial(someone.community.publish, [made]))
        await people[0].community.publish([gone])
        dora = await community.person("Dora")
        await mirror(dora).pull()
        assert held(dora) == expected
    await community.stop()
    with pytest.raises(UnreachableError):  # now nobody answers
        await mirror(people[1]).pull()
    assert held(people[1]) == expected


async def test_a_node_whose_copy_is_gone_takes_nothing_from_others_and_gets_its_own_back(
    community: Any, tmp_path: Path
) -> None:
    ada, bo = [await community.person(name) for name in ("Ada", "Bo")]
    made = [written(ada, f"note {number}") for number in range(5)]
    await keep(ada, *made)
    async with answering(ada, tmp_path / "keys"):
        await bo.community.refresh()
        peer = await Peer.reach(await bo.community.member(ada.key), bo.keys)
        assert await mirror(bo).pull_from(RecordSource.of_peer(peer)) == 5
        # Ada's disk dies: her node comes back with nothing but its keys.
        lost = sorted(held(ada))
        await ada.database.write(lambda connection: connection.execute("DELETE FROM records").rowcount)
        assert await mirror(bo).pull_from(RecordSource.of_peer(peer)) == 0
        assert sorted(held(bo)) == lost
        await peer.close()
    async with answering(bo, tmp_path / "bo"):
        await ada.community.refresh()
        peer = await Peer.reach(await ada.community.member(bo.key), ada.keys)
        assert await mirror(ada).pull_from(RecordSource.of_peer(peer)) == 5
        await peer.close()
    assert sorted(held(ada)) == lost


async def test_a_node_that_starts_while_the_coordinator_is_away_still_knows_everyone(
    community: Any, tmp_path: Path
) -> None:
    ada, bo, gone = [await community.person(name) for name in ("Ada", "Bo", "Gone")]
    await gone.community.leave()
    await keep(ada, written(ada, "hers"))
    async with answering(ada, tmp_path / "keys"):
        await membership.meet(bo.database, bo.community)
        await community.stop()
        await bo.community.close()
        bo.community = Community.open(community.folder / "Bo", bo.keys)  # started again
        await membership.recall(bo.database, bo.community)
        assert bo.community.name_of(ada.key) == "Ada"
        assert (bo.community.is_member(gone.key), bo.community.was_member(gone.key)) == (False, True)
        assert await mirror(bo).pull() == 1
    await community.start()
    await insist(bo.community.refresh)
    assert "Gone" not in {member.name for member in bo.community.members()}


async def test_the_coordinator_refuses_by_name(community: Any) -> None:
    ada, bo = [await community.person(name) for name in ("Ada", "Bo")]
    first = written(ada, "hers")
    with pytest.raises(UnknownParentsError, match="not known here"):
        await ada.community.publish([written(ada, "later", first)])
    await ada.community.publish([first, written(ada, "later", first)])  # in one message, in order
    for made, what in (
        (written(bo, "mine now", first), "only its author writes"),
        (written(bo, "", first, kind="tombstone"), "only its author can take"),
        (written(bo, "x", first, first, kind="suggestion"), "each once"),
    ):
        with pytest.raises(CommunityError, match=what):
            await bo.community.publish([made])
    large = written(ada, "x")
    oversized = Record(
        **{name: getattr(large, name) for name in Record.__slots__}
        | {"raw": large.raw + b"\x22\x80\x80\x12" + b"x" * 294_912}
    )
    with pytest.raises(CommunityError, match="larger than 256 KiB"):
        await ada.community.publish([oversized])


async def test_a_jury_whom_the_charter_names_takes_a_record_back_everywhere(community: Any) -> None:
    await community.stop()
    juror = Ed25519PrivateKey.generate()
    rules = community.place.charter.read_text()
    key = juror.public_key().public_bytes_raw().hex()
    community.place.charter.write_text(f'{rules}\n[jury]\nquorum = 1\njurors = ["{key}"]\n')
    await community.start()
    ada, bo, cy = [await community.person(name) for name in ("Ada", "Bo", "Cy")]
    jury = bo.community.membership.jury
    made = written(ada, "a secret")
    await ada.community.publish([made])
    assert await mirror(cy).pull() == 1

    def verdict(vote: str) -> Record:
        return written(bo, court.body("A secret.", [vote]).decode(), made, kind="verdict")

    with pytest.raises(CommunityError, match="does not name as a juror"):
        await bo.community.publish([verdict(jury.vote(bo.keys.ratification, made.id, "A secret."))])
    await bo.community.publish([verdict(jury.vote(juror, made.id, "A secret."))])
    for who in (bo, cy):  # one that had the body, and one that did not
        puller = Puller(who.database, who.community, who.key, jury=who.community.jury)
        assert not (await puller.pull(RecordSource.of_community(who.community), 0)).refused
        kept = who.database.read_now(partial(records.find, record=made.id))
        assert (kept.body, b"secret" in kept.raw, record.read(kept.raw, bodiless=True).redacted) == ("", False, True)


async def test_a_member_has_so_much_room(community: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await community.stop()
    community.settings = Settings(grpc_port=0, author_limit=2)
    await community.start()
    ada = await community.person("Ada")
    made = [written(ada, f"note {number}") for number in range(3)]
    await ada.community.publish(made[:2])
    with pytest.raises(CommunityError, match="2 places of this commons"):
        await ada.community.publish(made[2:])
    await ada.community.publish([written(ada, "", made[0], kind="tombstone")])  # what takes back always fits


async def test_strangers_pull_nothing_and_odd_questions_are_named(community: Any) -> None:
    channel = await community.channel()
    stub = sync_pb2_grpc.RecordSyncServiceStub(channel)
    for call, request in (
        (stub.GetDigests, sync_pb2.GetDigestsRequest()),
        (stub.ListIds, sync_pb2.ListIdsRequest(buckets=b"\0")),
        (stub.GetRecords, sync_pb2.GetRecordsRequest(ids=bytes(32))),
    ):
        with pytest.raises(grpc.aio.AioRpcError, match="members only"):
            await call(request)
    await channel.close()
    ada = await community.person("Ada")
    source: Any = RecordSource.of_community(ada.community)
    odd: tuple[tuple[Callable[[], Any], str], ...] = (
        (partial(source.digests, b"x", b""), "32 bytes long"),
        (partial(source.ids, b"", b"\0\0"), "asked for once"),
        (partial(source.records, [b"x"]), "32 bytes each"),
        (partial(source.records, [n.to_bytes(32, "big") for n in range(257)]), "at most 256"),
    )
    for ask, what in odd:
        with pytest.raises(CommunityError, match=what):
            await ask()
    assert await source.records([bytes(32)]) == ([], (bytes(32),))


async def test_who_never_was_a_member_has_nothing_here_and_who_left_keeps_what_they_wrote(
    community: Any, tmp_path: Path
) -> None:
    ada, bo = [await community.person(name) for name in ("Ada", "Bo")]
    hers = written(ada, "hers")
    await ada.community.publish([hers])
    await ada.community.leave()
    stranger = keys.new()
    theirs = record.make("note", b"x", author=stranger.agent, salt=bytes(16), written_ms=1, note=b"s" * 16)
    await keep(bo, theirs)
    async with answering(bo, tmp_path / "keys"):
        cy = await community.person("Cy")
        await cy.community.refresh()
        peer = await Peer.reach(await cy.community.member(bo.key), cy.keys)
        pulled = await mirror(cy).puller.pull(RecordSource.of_peer(peer), 1)
        assert pulled.refused == {theirs.id: "ForgedError: a record's author is no member"}
        assert await mirror(cy).pull() == 1
        assert held(cy) == {hers.id}
        await peer.close()
        with pytest.raises(CommunityError):  # Ada has left: no node answers her
            await RecordSource.of_peer(await Peer.reach(await cy.community.member(bo.key), ada.keys)).digests(b"", b"")
