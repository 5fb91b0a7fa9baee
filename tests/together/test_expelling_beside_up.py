"""`weal-coordinator expel` beside a community that runs: the services and the SuperLink follow before the command says so."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from weal_coordinator.config import Home
from weal_coordinator.federation.addresses import private_address
from weal_node import keys
from weal_node.errors import CommunityError
from weal_node.outbound.community import Community
from weal_protocol import invite

from .conftest import card_of

pytestmark = pytest.mark.together


async def test_the_running_services_and_the_superlink_follow(coordinator, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # the process of tests/conftest.py
    from weal_coordinator.federation.environment import prepare

    place, eve = Home(coordinator.home), keys.new()
    given = await asyncio.to_thread(coordinator.invite)
    await Community.join(invite.parse(given), eve, card_of(eve, "Eve"), tmp_path / "eve")
    community = Community.open(tmp_path / "eve", eve)
    waiting = asyncio.create_task(community.fetch(60_000))
    await community.account()
    prepare(place.root / "flower")
    from weal_coordinator.federation.flower import Control

    def nodes(register: bool) -> int:
        with Control(private_address(place), place.certificate) as control:
            if register:
                control.register({"eve": eve.fleet_public})
            return len(control.nodes())

    assert await asyncio.to_thread(nodes, True) == 1
    command = [
        sys.executable,
        "-m",
        "weal_coordinator",
        "expel",
        "Eve",
        "--why",
        "spam",
        "--home",
        str(place.root),
        "--json",
    ]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) | {"agent_keys": []} == {
        "name": "Eve",
        "number": 1,
        "agent_keys": [],
        "running": True,
        "left": [],
    }
    with pytest.raises(CommunityError):
        await asyncio.wait_for(waiting, 20)
    assert await asyncio.to_thread(nodes, False) == 0
    with pytest.raises(CommunityError, match="you were expelled from this community: spam"):
        await community.account()
    await community.close()
