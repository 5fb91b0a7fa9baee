"""Choosing what one gives, over a real directory: everyone hears of it, nobody can do it for another, and leaving is leaving."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from weal_coordinator.store import members
from weal_node import keys as keyring
from weal_node.commons import consent, publishing
from weal_node.config import Home, Settings
from weal_node.errors import CommunityError, RefusedError
from weal_node.federation import membership
from weal_node.federation.membership import JoinRequest
from weal_node.outbound.community import Community
from weal_node.records import Note, Visibility
from weal_node.store import disclosures, tiers
from weal_node.store.database import Database
from weal_node.vault import history
from weal_node.vault.folder import Vault
from weal_protocol import cards
from weal_protocol.errors import WealError

pytestmark = pytest.mark.together
NOW = 1_800_000_000_000


def clock() -> int:
    return NOW


async def joined(community: Any, folder: Path, tier: str) -> tuple[Home, Database, Community]:
    place, keys, invite = Home(folder), keyring.new(), community.invite()
    database = Database(place.database)
    name = await membership.join(
        membership.JoiningNode(place, Settings(name="Ada"), keys, database, Vault(place.vault)),
        JoinRequest(invite.text, tier),
        clock,
    )
    assert name == "commons"
    return place, database, Community.open(place.community, keys)


async def test_a_choice_is_disclosed_then_told_and_everyone_hears_of_it(community: Any, tmp_path: Path) -> None:
    place, database, ada = await joined(community, tmp_path / "ada", "factors")
    bo = await community.person("Bo")
    await bo.community.refresh()
    own = ada.keys.agent_public
    assert (await bo.community.member(own)).tier == "factors"
    assert not await membership.renew(database, ada.keys, ada, clock)

    await membership.choose(database, "label-private", NOW + 1)
    assert await database.read(tiers.chosen) == "label-private"
    assert await membership.renew(database, ada.keys, ada, clock)
    assert not await membership.renew(database, ada.keys, ada, clock)
    await bo.community.refresh()
    assert (await bo.community.member(own)).tier == "label-private"
    with community.database.read() as connection:
        assert members.tiers(connection) == {"label-private": 1, "light": 1, "none": 1}
    assert [entry.what for entry in await database.read(disclosures.all_of)] == ["member card", "member card"]
    await ada.close()
    database.close()
    assert (place.community / "membership.json").exists()


async def test_nobody_renews_anothers_card_or_changes_keys_or_goes_back(community: Any) -> None:
    ada, bo = await community.person("Ada"), await community.person("Bo")
    await ada.community.refresh()
    mine = await ada.community.member(ada.key)
    later = replace(mine, issued_ms=mine.issued_ms + 1)
    with pytest.raises(CommunityError, match="another member's"):
        await bo.community.renew(cards.issue(later, ada.keys.agent))
    eve = keyring.new()
    with pytest.raises(CommunityError, match="not those that joined"):
        await ada.community.renew(cards.issue(replace(later, fleet_key=eve.fleet_public), ada.keys.agent))
    with pytest.raises(CommunityError, match="older than the one that is known"):
        await ada.community.renew(cards.issue(mine, ada.keys.agent))
    await bo.community.refresh()
    assert await bo.community.member(ada.key) == mine


async def test_who_left_is_gone_gives_nothing_and_may_come_back(community: Any, tmp_path: Path) -> None:
    place, database, ada = await joined(community, tmp_path / "ada", "light")
    keys, vault = ada.keys, Vault(place.vault)
    with pytest.raises(RefusedError, match="in a community already"):
        await membership.join(
            membership.JoiningNode(place, Settings(), keys, database, vault),
            JoinRequest(community.invite().text, "light"),
            clock,
        )
    await membership.leave(place, database, ada, NOW)
    assert await database.read(tiers.chosen) == "none"
    with community.database.read() as connection:
        assert not members.is_member(connection, keys.agent_public)
    with pytest.raises(CommunityError):
        await ada.refresh()
    await ada.close()
    name = await membership.join(
        membership.JoiningNode(place, Settings(), keys, database, vault),
        JoinRequest(community.invite().text, "local"),
        clock,
    )
    assert name == "commons"
    with community.database.read() as connection:
        assert members.is_member(connection, keys.agent_public)
    database.close()


async def test_a_tier_that_there_is_not_is_refused_before_anything_leaves(community: Any, tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    invite = community.invite().text
    place, vault = Home(tmp_path), Vault(tmp_path / "vault")
    with pytest.raises(RefusedError, match="there is no tier 'all'"):
        await membership.join(
            membership.JoiningNode(place, Settings(), keyring.new(), database, vault), JoinRequest(invite, "all"), clock
        )
    assert await database.read(disclosures.all_of) == ()
    database.close()


async def test_joining_publishes_of_what_was_written_before_only_what_was_ticked(
    community: Any, tmp_path: Path
) -> None:
    place, keys = Home(tmp_path / "ada"), keyring.new()
    place.vault.mkdir(parents=True)
    history.create(place.vault)
    database, vault, settings = Database(place.database), Vault(place.vault), Settings()
    for title in ("Bread", "A diary"):
        await publishing.save(database, vault, settings, 0, Note("", "", title, "Words.", Visibility.PUBLIC))
    asked = await consent.gather(database, vault)
    wish = JoinRequest(community.invite().text, "light", consent.chosen(asked, ["bread"]))
    refused = JoinRequest("weal1." + "A" * 40, "light", wish.ticked)
    with pytest.raises(WealError):
        await membership.join(membership.JoiningNode(place, settings, keys, database, vault), refused, clock)
    spent = community.invite()
    bo = Database(tmp_path / "bo.db")
    there = Home(tmp_path / "bo")
    await membership.join(
        membership.JoiningNode(there, settings, keyring.new(), bo, Vault(there.vault)),
        JoinRequest(spent.text, "light"),
        clock,
    )
    bo.close()
    with pytest.raises(CommunityError):
        await membership.join(
            membership.JoiningNode(place, settings, keys, database, vault), replace(wish, invite=spent.text), clock
        )
    # It did not join: what was kept for that is asked about again.
    assert await consent.kept(database, vault) == ()
    assert await consent.gather(database, vault) == asked

    written: list[int] = []

    def slow() -> int:  # another program writes while the community answers: later than what was settled before
        if not written and not membership.alone(place):
            hasty = place.vault / "Meanwhile.md"
            written.append(hasty.write_text("---\nvisibility: public\n---\nhasty\n"))
            os.utime(hasty, ns=((NOW + 1_000) * 1_000_000,) * 2)
        return NOW + 2_000 if written else NOW

    await membership.join(membership.JoiningNode(place, settings, keys, database, vault), wish, slow)
    assert written
    ada = Community.open(place.community, keys)
    delay_ms = settings.publish_delay_s * 1_000
    await publishing.notice(database, vault, settings, NOW + 2_000)
    assert await publishing.send_due(database, vault, keys, ada, NOW + 2_000 + delay_ms - 1) == 0
    assert await publishing.send_due(database, vault, keys, ada, NOW + 1_000 * delay_ms) == 1
    entries = await database.read(disclosures.all_of)
    assert [entry.what for entry in entries] == ["member card", "member card", "note"]
    assert b"Bread" in entries[-1].payload
    await ada.close()
    database.close()
