"""A charter is amended over real TLS: whoever was there learns it and stays who they were, and no other past is taken for it."""

import asyncio
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql
from typer.testing import CliRunner

from weal_coordinator import charters, setup
from weal_coordinator import keys as coordinator_keys
from weal_coordinator.federation import amend
from weal_coordinator.store import charters as their_charters
from weal_coordinator.store import releases
from weal_node import keys as keyring
from weal_node.__main__ import app as weal
from weal_node.app.lock import HomeLock
from weal_node.app.setup import set_up
from weal_node.config import Home, Settings
from weal_node.errors import CommunityError, RefusedError
from weal_node.federation import charter, membership
from weal_node.federation.membership import JoiningNode, JoinRequest
from weal_node.outbound.community import Community
from weal_node.outbound.membership import joined, kept
from weal_node.store.database import Database
from weal_node.upkeep.doctor import charter_of
from weal_node.vault.folder import Vault
from weal_protocol import charters as wire
from weal_protocol import release_log, signing
from weal_protocol.terms import Terms
from weal_protocol.v1 import directory_pb2, directory_pb2_grpc, release_pb2

from .conftest import card_of

pytestmark = pytest.mark.together
DEARER = ("sigma = 1.5", "sigma = 1.25")
OTHER = ("minimum_judges = 10", "minimum_judges = 12")


async def amended(community: Any, *change: str) -> str:
    """As whoever runs it does it: stop, edit, `weal-coordinator charter amend`, start."""
    await community.stop()
    text = community.place.charter.read_text().replace(*change)
    community.place.charter.write_text(text)
    amend.amend(community.place, text, setup.now_ms())
    await community.start()
    return str(text)


async def retold(community: Any, *texts: str) -> None:
    """As a coordinator that shows another past: the same first charter, and these after it."""
    await community.stop()
    await community.start()
    place = community.place
    key = coordinator_keys.load(place).agent
    with community.database.write() as connection:
        chain = charters.chain_of(connection, place)
        assert chain is not None
        chain = wire.begin(chain.texts[0])
        connection.execute(sql("DELETE FROM charters WHERE number > 0"))
        for text in texts:
            raw = wire.write(chain, text, 9, key)
            their_charters.put(connection, chain.last.number + 1, 9, raw)
            chain = wire.follow(chain, raw, key.public_key().public_bytes_raw())
    place.charter.write_text(chain.current)
    await community.stop()
    await community.start()


async def learnt(someone: Any) -> None:
    await membership.meet(someone.database, someone.community, clock=lambda: 7)


def release(community: Any, number: int) -> None:
    """Put a signed manifest up that follows the one before, under the community's id as the coordinator has it now."""
    place = community.place
    with community.database.write() as connection:
        chain = charters.chain_of(connection, place)
        assert chain is not None
        newest = releases.latest(connection)
        previous = release_log.before(newest.manifest if newest else None)
        said = release_pb2.Manifest(number=number, community=chain.community, previous_sha256=previous)
        raw = said.SerializeToString()
        releases.put_release(
            connection, number, raw, signing.sign(coordinator_keys.load(place).agent, "manifest", raw), b""
        )


async def node(community: Any, folder: Path, invite: str = "") -> tuple[Home, Database, Community]:
    """A whole node that joins as a person does."""
    place = Home(folder)
    with HomeLock(place):
        set_up(place, "Cy")
    own, database = keyring.load(place.keys), Database(place.database)
    wish = JoinRequest(invite or community.invite().text, "light")
    await membership.join(JoiningNode(place, Settings(name="Cy"), own, database, Vault(place.vault)), wish, lambda: 3)
    return place, database, Community.open(place.community, own)


async def test_who_was_there_before_learns_it_and_stays_who_they_were(community: Any) -> None:
    ada, bo = await community.person("Ada"), await community.person("Bo")
    await learnt(ada)
    release(community, 1)
    before, first = ada.community.id, ada.community.membership.charter
    second, third = await amended(community, *DEARER), await amended(community, *OTHER)
    release(community, 2)
    await learnt(ada)
    assert ada.community.id == before == hashlib.sha256(first.encode()).hexdigest()
    assert ada.community.membership.charter == third
    assert ada.community.chain.texts == (first, second, third)
    assert {member.name for member in ada.community.members()} == {"commons", "Ada", "Bo"}
    log = await ada.community.manifests(0)
    assert [entry.number for entry in log] == [1, 2]
    assert release_log.fork(None, log) == ""
    assert (await ada.community.account()).epsilon_cap == 8.0
    again, _ = kept(community.folder / "Ada")  # and so it is after a restart
    assert (again.id, again.charter, again.chain.texts) == (before, third, (first, second, third))
    assert bo.community.membership.charter == first  # who did not ask yet


async def test_who_comes_later_knows_all_of_them_and_agreed_to_the_last_by_joining(
    community: Any, tmp_path: Path
) -> None:
    first = community.place.charter.read_text()
    await community.person("Ada")
    text = await amended(community, *DEARER)
    place, database, cy = await node(community, tmp_path / "cy")
    assert cy.id == hashlib.sha256(first.encode()).hexdigest()
    assert cy.chain.texts == (first, text)
    found = await charter.look(database, cy.membership, Settings())
    assert (found.number, found.waits, found.forks) == (1, False, ())
    assert [check.ok for check in charter_of(place)] == [True]
    await cy.refresh()
    assert cy.charter_fork == ""
    await cy.close()
    database.close()


async def test_an_invite_from_before_does_not_bind_to_other_terms(community: Any, tmp_path: Path) -> None:
    await community.person("Ada")
    given = replace(community.invite(), rounds=Terms.of_charter(community.place.charter.read_text()).text)
    await amended(community, *DEARER)
    with pytest.raises(CommunityError, match="other rules for rounds than the invite that you read"):
        await node(community, tmp_path / "cy", given.text)


async def test_more_changes_than_fit_one_answer(community: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PAGE", 1)
    ada = await community.person("Ada")
    for number in range(12, 15):
        await amended(community, f"judges = {number - 1 if number > 12 else 10}", f"judges = {number}")
    await learnt(ada)
    assert ada.community.chain.last.number == 3
    assert ada.community.charter_fork == ""


async def test_an_old_node_is_refused_where_the_charter_changed_and_served_where_it_did_not(community: Any) -> None:
    async def answer() -> directory_pb2.JoinResponse:
        """What an old node reads: it knows none of the new fields, and holds the charter's hash against the id."""
        own = keyring.new()
        channel = await community.channel()
        request = directory_pb2.JoinRequest(
            code=community.invite().code, member=directory_pb2.SignedMemberCard.FromString(card_of(own, "Old"))
        )
        response: directory_pb2.JoinResponse = await directory_pb2_grpc.DirectoryServiceStub(channel).Join(request)
        await channel.close()
        return response

    before = await answer()
    assert hashlib.sha256(before.charter.encode()).digest() == before.community
    assert (before.first_charter, list(before.amendments)) == ("", [])
    text = await amended(community, *DEARER)
    after = await answer()
    assert after.charter == text
    assert hashlib.sha256(after.charter.encode()).digest() != after.community == before.community


@pytest.mark.parametrize("shown", ["another", "longer", "shorter"])
async def test_another_past_is_kept_out_and_an_alarm(community: Any, tmp_path: Path, shown: str) -> None:
    place, database, cy = await node(community, tmp_path / "cy")
    text = await amended(community, *OTHER)
    await membership.meet(database, cy, clock=lambda: 7)
    assert [check.ok for check in charter_of(place)] == [True]
    branch = text.replace("clip = 1.0", "clip = 9.0")
    await retold(community, *{"another": (branch,), "longer": (branch, text), "shorter": ()}[shown])
    await membership.meet(database, cy, clock=lambda: 8)
    await membership.meet(database, cy, clock=lambda: 9)  # seen again, written down once
    (check,) = charter_of(place)
    assert not check.ok
    assert cy.charter_fork in check.detail
    assert len((await charter.look(database, cy.membership, Settings())).forks) == 1
    found = joined(place.community)
    assert found is not None
    assert cy.membership.charter == found.charter == text
    await cy.close()
    database.close()


async def test_rounds_wait_for_the_persons_word_and_the_command_line_gives_it(community: Any, tmp_path: Path) -> None:
    place, database, cy = await node(community, tmp_path / "cy")
    await amended(community, *OTHER)
    await membership.meet(database, cy)
    assert not (await charter.look(database, cy.membership, Settings())).waits
    await amended(community, *DEARER)
    await membership.meet(database, cy)
    found = await charter.look(database, cy.membership, Settings())
    assert found.waits
    assert "adds noise of 1.25 times" in found.cost
    assert "+sigma = 1.25" in "\n".join(found.changes[0].difference)
    (check,) = charter_of(place)
    assert check.ok
    assert "weal community --agree" in check.detail
    with pytest.raises(RefusedError, match="another than the one you were shown"):
        await charter.agree(database, cy.membership, 1, 5)
    await cy.close()
    await asyncio.to_thread(database.close)

    def run(*words: str, answer: str = "") -> str:
        done = CliRunner().invoke(weal, ["community", *words, "--home", str(place.root)], input=answer)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    said = await asyncio.to_thread(run)
    assert "this node gives nothing until you agree" in said
    assert "+sigma = 1.25" in said
    assert "Aborted" in await asyncio.to_thread(run, "--agree", answer="n\n")
    assert json.loads(await asyncio.to_thread(run, "--json"))["waits"]
    assert "Agreed: rounds are answered again" in await asyncio.to_thread(run, "--agree", answer="y\n")
    assert not json.loads(await asyncio.to_thread(run, "--json"))["waits"]


async def test_a_home_of_before_goes_on(community: Any) -> None:
    ada = await community.person("Ada")
    file = community.folder / "Ada" / "membership.json"
    assert set(json.loads(file.read_text())) == {
        "id", "name", "grpc", "fleet", "certificate_sha256", "coordinator", "charter"
    }  # fmt: skip
    assert charter_of(Home(community.folder / "Ada")) == ()
    text = await amended(community, *OTHER)
    reopened = Community.open(community.folder / "Ada", ada.keys)
    await membership.meet(ada.database, reopened)
    assert reopened.membership.charter == text
    await reopened.close()
    told = json.loads(file.read_text())
    signed = told["amendments"][0]
    other = "01" if signed.endswith("00") else "00"  # one signature in 256 ends so by itself
    file.write_text(json.dumps(told | {"amendments": [signed[:-2] + other]}))
    with pytest.raises(CommunityError, match="charters is damaged"):
        kept(community.folder / "Ada")
