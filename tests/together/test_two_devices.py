"""A person with two devices, over a real directory: let in by proof alone, one coin, one contribution, one charge."""

from dataclasses import replace
from typing import Any

import pytest

from weal_coordinator.community import charter
from weal_coordinator.federation.budget import Reckoner
from weal_coordinator.federation.server_app import charge
from weal_coordinator.federation.strategy import PrivateSum
from weal_coordinator.store import members, rounds
from weal_node import keys
from weal_node.errors import CommunityError
from weal_node.outbound.community import Community
from weal_protocol import cards
from weal_protocol.contribution import length
from weal_protocol.v1 import directory_pb2

pytestmark = pytest.mark.together


async def second_device(community: Any, of: Any) -> Any:
    """What a person does who copied their ratification key to a second home before joining there."""
    own = replace(keys.new(), ratification=of.keys.ratification)
    public = (own.agent_public, own.ratification_public, own.seal_public, own.fleet_public)
    card = cards.issue(cards.Member(*public, "Ada's phone", "light", 1_700_000_000_000), own.agent)
    folder = community.folder / f"device-{own.agent_public.hex()[:8]}"
    await Community.join(community.invite(), own, card, folder)
    return Community.open(folder, own)


def run_a_round(community: Any) -> dict[str, Any]:
    """The coordinator's part of a round from coins to charge; what travels in between is tested in test_rounds."""
    rules = charter.read(community.place.charter.read_text())
    from weal_coordinator.community.people import people
    from weal_coordinator.federation.strategy import draw

    with community.database.write() as connection:
        rows = [cards.read(row.card) for row in members.everyone(connection)]
        population = people(rows)
        drawn = draw(sorted(population), 1.0)
        number = rounds.open_round(connection, "aa", len(population), drawn, rules.aggregation, 1)
    strategy = PrivateSum(number, "aa", 0, 1.0, 1.0, 5.0)
    strategy.aggregate_train(number, [])
    assert len(strategy.total) == length(0)
    charge(community.database, rules, strategy, population, Reckoner.of(community.database))
    return {"population": population, "drawn": drawn}


async def test_two_devices_are_drawn_as_one_and_charged_as_one(community: Any) -> None:
    ada, bo = await community.person("Ada"), await community.person("Bo")
    first = run_a_round(community)
    assert len(first["drawn"]) == 2
    phone = await second_device(community, ada)
    second = run_a_round(community)
    assert len(second["population"]) == len(second["drawn"]) == 2  # Ada and Bo, not three devices
    accounts = [await one.account() for one in (ada.community, phone, bo.community)]
    assert [[one.round for one in account.charges] for account in accounts] == [[1, 2]] * 3
    assert len({account.charges[-1].epsilon for account in accounts}) == 1
    with community.database.read() as connection:
        assert rounds.get(connection, 2).population == 2  # type: ignore[union-attr]  # it was run just now

    await ada.community.leave()
    run_a_round(community)
    with community.database.read() as connection:  # the phone stays, so the person is still charged, whichever asks
        assert [one.number for one in rounds.account(connection, ada.key.hex())] == [1, 2, 3]
    await phone.close()


async def test_nobody_becomes_a_device_of_someone_else(community: Any) -> None:
    ada = await community.person("Ada")
    eve = keys.new()
    public = (eve.agent_public, ada.keys.ratification_public, eve.seal_public, eve.fleet_public)
    card = cards.issue(cards.Member(*public, "Ada's phone", "light", 1), eve.agent)
    with pytest.raises(CommunityError, match="same-person does not fit"):
        await Community.join(community.invite(), eve, card, community.folder / "eve")
    async with await community.channel() as channel:
        from weal_protocol.v1 import directory_pb2_grpc

        stub = directory_pb2_grpc.DirectoryServiceStub(channel)
        request = directory_pb2.JoinRequest(
            code=community.invite().code, member=directory_pb2.SignedMemberCard.FromString(card)
        )
        with pytest.raises(Exception, match="same-person does not fit"):
            await stub.Join(request)
    with community.database.read() as connection:
        assert not members.is_member(connection, eve.agent_public)
