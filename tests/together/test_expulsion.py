"""Somebody is expelled: everyone hears it, signed and in order; what hangs on them ends at once; they do not come back."""

import asyncio
import re
import secrets
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from typer.testing import CliRunner

from support.waiting import PATIENCE_S
from weal_coordinator import keys as coordinator_keys
from weal_coordinator import setup
from weal_coordinator.__main__ import app
from weal_coordinator.community import charter
from weal_coordinator.config import Settings
from weal_coordinator.errors import NobodyError
from weal_coordinator.federation.notices import Noticeboard
from weal_coordinator.rpc.relay import RelayService
from weal_coordinator.store import expelling, mail, members
from weal_coordinator.store import expulsions as log
from weal_coordinator.store import records as commons
from weal_coordinator.store.database import Database
from weal_node import keys as keyring
from weal_node.commons import browse
from weal_node.commons.admission import Quota, admit
from weal_node.commons.reconcile import Puller
from weal_node.commons.replica import shelve
from weal_node.deals.parting import part
from weal_node.errors import CommunityError, NotFoundError
from weal_node.federation import membership
from weal_node.negotiation import mechanism, space
from weal_node.negotiation.space import Issue, OptionSpace
from weal_node.outbound.community import Community
from weal_node.outbound.source import RecordSource
from weal_node.store import aside, deals, records, topic_index
from weal_protocol import expulsions, record
from weal_protocol.door import Door
from weal_protocol.errors import ForgedError
from weal_protocol.v1 import directory_pb2, negotiation_pb2, relay_pb2

from .conftest import card_of

pytestmark = pytest.mark.together

DAY_MS = 24 * 3_600 * 1_000


def expelled(community: Any, who: str, why: str = "sold our addresses") -> expulsions.Expulsion:
    """As `weal-coordinator expel` does it beside the running services, but for the SuperLink, which is left out here."""
    rules = charter.read(community.place.charter.read_text())
    key = coordinator_keys.load(community.place).agent
    with community.database.write() as connection:
        said = expelling.expel(connection, rules.community, key, who, why, setup.now_ms())
    return said


async def ended(community: Any) -> int:
    def act() -> int:
        with Noticeboard(community.place, f"127.0.0.1:{community.settings.grpc_port}") as board:
            return board.end_expelled()

    return await asyncio.to_thread(act)


async def wrote(person: Any, text: str, note: bytes | None = None, **more: Any) -> record.Record:
    made = record.make(
        more.pop("kind", "note"),
        text.encode(),
        author=person.keys.agent,
        salt=secrets.token_bytes(16),
        written_ms=1_700_000_000_000,
        note=note or secrets.token_bytes(16),
        path=more.pop("path", "n.md"),
        **more,
    )
    await person.community.publish([made])
    return made


async def test_open_streams_sessions_and_mail_end_at_once(community: Any) -> None:
    ada, eve = await community.person("Ada"), await community.person("Eve")
    await eve.community.put(ada.key, b"x" * 560)  # over a stream that stays open
    waiting = asyncio.create_task(eve.community.fetch(60_000))
    with community.database.read() as connection:
        assert len(mail.fetch(connection, ada.key, 9)) == 1
    expelled(community, "Eve")
    assert await ended(community) == 1
    with pytest.raises(CommunityError, match=r"ended|expelled"):
        await asyncio.wait_for(waiting, 20)
    for call in (eve.community.put(ada.key, b"x" * 560), eve.community.account(), eve.community.refresh()):
        with pytest.raises(CommunityError, match="you were expelled from this community: sold our addresses"):
            await call
    with pytest.raises(CommunityError, match="not a member"):
        await ada.community.put(eve.key, b"x" * 560)
    with community.database.read() as connection:
        assert mail.waiting(connection) == 0  # neither to them nor by them


async def test_a_leavers_open_stream_ends_at_once(community: Any) -> None:
    ada, eve = await community.person("Ada"), await community.person("Eve")
    await eve.community.fetch(1)
    attached = eve.community.attachment
    waiting = asyncio.create_task(eve.community.fetch(60_000))
    await asyncio.sleep(0)
    await eve.community.leave()
    with pytest.raises(CommunityError):
        await asyncio.wait_for(waiting, 20)
    assert attached is not None
    assert attached.over
    with pytest.raises(CommunityError, match="no member"):
        await eve.community.put(ada.key, b"x" * 560)


async def test_a_long_wait_for_mail_ends_with_its_session(tmp_path: Path) -> None:
    class Call:
        """A call with this session; told how it was refused."""

        def invocation_metadata(self) -> list[tuple[str, str]]:
            return [("weal-session", token)]

        def peer(self) -> str:
            return "ipv4:127.0.0.1:1"

        async def abort(self, code: grpc.StatusCode, details: str) -> None:
            raise PermissionError(details)

    database = Database(f"sqlite:///{tmp_path}/relay.db")
    eve, door = keyring.new(), Door(bytes(32), 3_600, lambda: 0.0)
    relay = RelayService(database, door, Settings(), lambda: 0)
    token = door.admit(eve.agent_public, b"challenge")
    waiting = asyncio.ensure_future(relay.Fetch(relay_pb2.FetchRequest(wait_ms=60_000), cast(Any, Call())))
    while eve.agent_public not in relay.empty and not waiting.done():  # noqa: ASYNC110 -- it has looked, and waits
        await asyncio.sleep(0)
    assert door.end(eve.agent_public) == 1
    with pytest.raises(PermissionError, match="belongs to no member"):
        await asyncio.wait_for(waiting, 20)
    database.close()


async def test_only_the_coordinator_ends_what_others_have_open(community: Any) -> None:
    ada = await community.person("Ada")
    call = partial(ada.community.directory.EndExpelled, directory_pb2.EndExpelledRequest())
    with pytest.raises(CommunityError, match="only the coordinator"):
        await ada.community.as_member(call)


async def test_nobody_who_was_expelled_comes_back_with_any_of_their_keys_nor_after_a_restart(community: Any) -> None:
    eve = await community.person("Eve")
    expelled(community, eve.key.hex()[:12])
    await community.stop()
    await community.start()
    fresh = keyring.new()
    again = [
        eve.keys,
        replace(fresh, agent=eve.keys.agent),
        replace(fresh, ratification=eve.keys.ratification),
        replace(fresh, seal=eve.keys.seal),
        replace(fresh, fleet=eve.keys.fleet),
    ]
    for keys in again:
        with pytest.raises(CommunityError, match="expelled"):
            await Community.join(community.invite(), keys, card_of(keys, "Mallory"), community.folder / "again")
    await Community.join(
        community.invite(), fresh, card_of(fresh, "Eve"), community.folder / "fresh"
    )  # a name is nobody's


async def test_everyone_hears_it_in_order_and_an_altered_notice_is_set_aside(community: Any) -> None:
    ada = await community.person("Ada")
    eve, mallory = await community.person("Eve"), await community.person("Mallory")
    await membership.meet(ada.database, ada.community, partial(part, own=ada.key))
    first, second = expelled(community, "Eve"), expelled(community, "Mallory", "")
    assert (second.number, second.previous_sha256) == (2, first.sha256)
    await membership.meet(ada.database, ada.community, partial(part, own=ada.key))
    assert [one.name for one in ada.community.expelled()] == ["Eve", "Mallory"]
    assert not ada.community.is_member(eve.key)
    assert ada.community.was_member(eve.key)
    assert ada.community.name_of(mallory.key) == "Mallory"
    # A node that comes back knows them before it has asked anybody.
    again = Community.open(community.folder / "Ada", ada.keys)
    await membership.recall(ada.database, again)
    assert [one.name for one in again.expelled()] == ["Eve", "Mallory"]
    await again.close()
    # The second alone, or changed, is not believed; and nothing else of the directory waits for it.
    with community.database.read() as connection:
        kept = log.after(connection, 0, 9)
    newcomer = await community.person("Bo")
    newcomer.community.hear(kept[1])
    assert newcomer.community.expelled() == ()
    newcomer.community.hear(kept[0][:-1] + bytes([kept[0][-1] ^ 1]))
    assert "a signature for expulsion does not fit" in newcomer.community.aside()["expulsion 1"]
    await newcomer.community.refresh()
    assert len(newcomer.community.expelled()) == 2
    assert newcomer.community.aside() == {}


async def test_what_they_wrote_is_given_out_no_more_and_kept_unseen_by_who_has_it(community: Any) -> None:
    ada, bo, eve = [await community.person(name) for name in ("Ada", "Bo", "Eve")]
    hers = await wrote(eve, "# Bread\n\nrye and salt")
    his = await wrote(bo, "# Soup\n\nleek")
    offered = await wrote(eve, "# Soup\n\nleek and thyme", note=his.note, kind="suggestion", parents=(his.id,))
    taken = await wrote(bo, "# Soup\n\nleek, thyme", note=his.note, parents=(his.id, offered.id))
    await ada.community.refresh()
    mirror = Puller(ada.database, ada.community, ada.key)
    await mirror.pull(RecordSource.of_community(ada.community), 0)
    await shelve(ada.database)
    assert len(await ada.database.read(partial(topic_index.by, author=eve.key.hex(), limit=9))) == 1
    expelled(community, "Eve")
    for _ in range(2):  # again, nothing changes
        await membership.meet(ada.database, ada.community, partial(part, own=ada.key))
        await shelve(ada.database)
        assert await ada.database.read(partial(topic_index.by, author=eve.key.hex(), limit=9)) == ()
    kept = await ada.database.read(partial(records.find, record=hers.id))
    assert kept is not None
    assert "rye" in kept.body
    given = await ada.database.read(partial(records.raw, ids=[hers.id]))
    assert b"rye" not in given[hers.id][0]  # nor does her copy hand it on
    with pytest.raises(NotFoundError, match=r"Eve was expelled from the community on .*: sold our addresses"):
        await browse.note(ada.database, eve.key.hex(), hers.note.hex())
    # A newcomer gets headers, and all that others built on them.
    cy = await community.person("Cy")
    await membership.meet(cy.database, cy.community, partial(part, own=cy.key))
    fresh = Puller(cy.database, cy.community, cy.key)
    source = RecordSource.of_community(cy.community)
    came = await fresh.pull(source, 0)
    assert came.refused == {}
    assert (await cy.database.read(partial(records.find, record=hers.id))).body == ""
    assert "thyme" in (await cy.database.read(partial(records.find, record=taken.id))).body
    assert (await fresh.pull(source, 0)).came == 0  # both copies are the same now
    with community.database.read() as connection:
        assert not any(b"rye" in raw for _, raw in commons.after(connection, 0, 99))


async def test_a_record_without_a_body_is_taken_from_nobody_else(community: Any) -> None:
    ada, bo = await community.person("Ada"), await community.person("Bo")
    his = await wrote(bo, "# Soup")
    bare = record.read(record.redacted(his.raw), bodiless=True)
    act = partial(admit, batch=[bare], is_author=lambda _: True, own=ada.key, limits=Quota())
    outcome = await ada.database.write(act)
    assert [why for _, why in outcome.refused] == [
        "ForgedError: a record came without its body, and nothing takes it back"
    ]


async def test_open_deals_end_and_those_in_force_stay(community: Any) -> None:
    ada, eve = await community.person("Ada"), await community.person("Eve")
    of = OptionSpace(
        (eve.key, ada.key), "bread for soup", (Issue("bread", ("0", "1"), 0), Issue("soup", ("0", "1"), 1))
    )
    body = negotiation_pb2.Invite(
        space=space.write(of), mechanism=mechanism.OFFERS, expires_ms=9 * 10**12, ratify_within_ms=DAY_MS
    )

    def enter(connection: Any) -> None:
        for deal, said in ((b"i" * 16, True), (b"d" * 16, False)):
            deals.draft(
                connection, deals.NewDeal(deal, eve.key, ("", ""), (), "", bytes(32), int(said), space.pack(of)), 1
            )
            if said:
                deals.say(connection, deal, 0, "invite", body.SerializeToString(deterministic=True))

    await ada.database.write(enter)
    await membership.meet(ada.database, ada.community, partial(part, own=ada.key))
    expelled(community, "Eve")
    await membership.meet(ada.database, ada.community, partial(part, own=ada.key))
    invited = await ada.database.read(lambda c: deals.get(c, b"i" * 16))
    drafted = await ada.database.read(lambda c: deals.get(c, b"d" * 16))
    assert invited is not None
    assert drafted is not None
    party, kind, said = invited.said[-1]
    assert (party, kind) == (1, "cancel")
    assert "Eve was expelled" in negotiation_pb2.Cancel.FromString(said).reason
    assert drafted.dismissed


async def test_a_card_with_changed_keys_is_set_aside_and_the_directory_goes_on(community: Any) -> None:
    ada, eve = await community.person("Ada"), await community.person("Eve")
    await membership.meet(ada.database, ada.community, partial(part, own=ada.key))
    other = keyring.new()
    swapped = card_of(eve.keys, "Eve", seal_key=other.seal_public, issued_ms=1_800_000_000_000)
    with community.database.write() as connection:  # only a coordinator that lies can do this
        members.renew(connection, eve.key, swapped)
    bo = await community.person("Bo")
    await membership.meet(ada.database, ada.community, partial(part, own=ada.key))
    assert {one.name for one in ada.community.members()} == {"commons", "Ada", "Eve", "Bo"}
    assert (await ada.community.member(eve.key)).seal_key == eve.keys.seal_public
    assert "the keys of Eve have changed" in ada.community.aside()[eve.key.hex()]
    found = await ada.database.read(aside.every)
    assert [(kind, key) for kind, key, _ in found] == [("member cards", eve.key.hex())]
    with community.database.write() as connection:
        members.renew(connection, eve.key, card_of(eve.keys, "Eva", issued_ms=1_900_000_000_000))
    await membership.meet(ada.database, ada.community, partial(part, own=ada.key))
    assert (ada.community.name_of(eve.key), ada.community.aside()) == ("Eva", {})
    assert await ada.database.read(aside.every) == ()
    assert ada.community.is_member(bo.key)


async def test_nobody_comes_back_under_one_key_with_others_beside_it(community: Any) -> None:
    eve = await community.person("Eve")
    await eve.community.leave()
    mixed = replace(keyring.new(), agent=eve.keys.agent)
    with pytest.raises(CommunityError, match="was here before, with other keys beside it"):
        await Community.join(community.invite(), mixed, card_of(mixed, "Eve"), community.folder / "mixed")
    await Community.join(community.invite(), eve.keys, card_of(eve.keys, "Eve"), community.folder / "same")


async def test_a_card_that_was_kept_and_cannot_be_read_any_more_does_not_keep_the_node_at_home(community: Any) -> None:
    ada, bo = await community.person("Ada"), await community.person("Bo")
    good, damaged = card_of(bo.keys, "Bo"), bytearray(card_of(keyring.new(), "Cy"))
    damaged[-1] ^= 1
    ada.community.recall([("00" * 32, bytes(damaged), False), ("11" * 32, b"\xff", False), (bo.key.hex(), good, False)])
    assert [one.name for one in ada.community.members()] == ["Bo"]
    assert len(ada.community.aside()) == 2


@pytest.mark.parametrize("who", ["Nobody", "", "commons", "zz", "abcdef"])
async def test_the_command_names_a_next_step(community: Any, who: str) -> None:
    await community.person("Ada")
    run = await asyncio.to_thread(CliRunner().invoke, app, ["expel", who, "--home", str(community.place.root)])
    assert isinstance(run.exception, NobodyError)
    assert run.exception.hint


async def test_the_command_on_a_community_that_does_not_run(community: Any) -> None:
    home = ["--home", str(community.place.root)]
    first, second = await community.person("Ada"), await community.person("Ada")
    await community.stop()
    runner = CliRunner()

    def run(*words: str) -> Any:
        return runner.invoke(app, [*words, *home])

    unclear = await asyncio.to_thread(run, "expel", "Ada")
    assert isinstance(unclear.exception, NobodyError)
    assert "may be any of 2 people" in str(unclear.exception)
    assert first.key.hex()[:16] in str(unclear.exception)
    own = coordinator_keys.load(community.place).agent_public.hex()
    assert "cannot be expelled" in str((await asyncio.to_thread(run, "expel", own)).exception)
    done = await asyncio.to_thread(run, "expel", first.key.hex(), "--why", "spam")
    assert done.exit_code == 0
    assert f"Expelled Ada ({first.key.hex()[:16]})" in done.output
    assert "expelled already, by notice 1" in str((await asyncio.to_thread(run, "expel", first.key.hex())).exception)
    assert (await asyncio.to_thread(run, "expel", "Ada")).exit_code == 0  # the last one: no name is unclear now
    listed = (await asyncio.to_thread(run, "members")).output
    assert listed.count("expelled") == 2
    assert second.key.hex()[:16] in listed
    await community.start()


async def test_names_that_look_alike_are_one_name_to_whoever_expels(community: Any) -> None:
    latin, cyrillic = await community.person("Bo"), await community.person("\u0412\u043e")
    with pytest.raises(NobodyError, match="may be any of 2 people") as told:
        expelled(community, "Bo")
    assert {latin.key.hex()[:16], cyrillic.key.hex()[:16]} <= set(re.findall("[0-9a-f]{16}", str(told.value)))
    assert expelled(community, cyrillic.key.hex()[:16]).agent_keys == (cyrillic.key,)
    assert expelled(community, "Bo").agent_keys == (latin.key,)  # who has gone is not meant


async def test_a_name_that_looks_like_markup_breaks_no_error(community: Any) -> None:
    for _ in range(2):
        await community.person("[/x] Ada")
    command = [sys.executable, "-m", "weal_coordinator", "expel", "[/x] Ada", "--home", str(community.place.root)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "'[/x] Ada' may be any of 2 people" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_expulsion_is_this_communitys_and_its_coordinators() -> None:
    keys = keyring.new()
    said = expulsions.Expulsion(1, (keys.agent_public,), keys.ratification_public, "Eve", "", 1)
    raw = expulsions.write(said, b"c" * 32, keys.agent)
    assert expulsions.read(raw, keys.agent_public, b"c" * 32).name == "Eve"
    with pytest.raises(ForgedError):
        expulsions.read(raw, keyring.new().agent_public, b"c" * 32)
    with pytest.raises(Exception, match="another community"):
        expulsions.read(raw, keys.agent_public, b"d" * 32)


async def test_a_call_with_a_session_of_before_is_refused(community: Any) -> None:
    eve = await community.person("Eve")
    await eve.community.account()
    token = eve.community.token
    expelled(community, "Eve")
    await ended(community)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await eve.community.directory.ListMembers(
            directory_pb2.ListMembersRequest(), metadata=(("weal-session", token),), timeout=PATIENCE_S
        )
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
