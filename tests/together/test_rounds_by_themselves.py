"""`weal-coordinator up` runs rounds by itself, as real processes: also after everything of it was killed."""

import asyncio
import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from support.waiting import PATIENCE_S, until, until_async
from weal_coordinator import config, setup
from weal_coordinator.config import Home
from weal_coordinator.store import rounds
from weal_coordinator.store.database import Database
from weal_node import keys
from weal_node.errors import CommunityError
from weal_node.federation.fleet import fleet
from weal_node.federation.fleet.fleet import Job
from weal_node.keys import Keys
from weal_node.outbound.channel import pinned_certificate
from weal_node.outbound.community import Community
from weal_protocol import cards, envelope, invite, record, sealing
from weal_protocol.contribution import length
from weal_protocol.v1 import release_pb2

pytestmark = [pytest.mark.together, pytest.mark.slow]
WEAL = (sys.executable, "-m", "weal_coordinator")
RULES = {
    "sampling_rate": 1.0,
    "sigma": 3.0,
    "epsilon_cap": 100.0,
    "population_floor": 1,
    "deadline_s": 3_600,  # everyone answers: no round ends by the clock
    "every_h": 0.001,
    "layout": '"light"',
}


class Town:
    """A founded community that can be started, killed and started again."""

    started: ClassVar[list["subprocess.Popen[bytes]"]] = []

    def __init__(self, place: Home) -> None:
        self.place = place

    def up(self) -> "subprocess.Popen[bytes]":
        with (self.place.root / "up.log").open("ab") as sink:
            process = subprocess.Popen([*WEAL, "up", "--home", str(self.place.root)], stdout=sink, stderr=sink)
        self.started.append(process)
        running = self.place.running
        until(
            lambda: running.exists() and json.loads(running.read_text())["pid"] == process.pid,
            (self.place.root / "up.log").read_text,
        )
        settings, port = self.place.settings, json.loads(running.read_text())["grpc"].rpartition(":")[2]
        settings.write_text(
            settings.read_text().replace("grpc_port = 0", f"grpc_port = {port}")
        )  # the same from now on
        return process


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    place = Home(tmp_path / "community")
    subprocess.run([*WEAL, "init", "--home", str(place.root), "--name", "town", "--any-port"], check=True)
    text = place.charter.read_text()
    for rule, value in RULES.items():
        text = re.sub(rf"^{rule} = \S+", f"{rule} = {value}", text, flags=re.MULTILINE)
    place.charter.write_text(text)
    yield Town(place)
    for process in Town.started:
        process.kill()
        process.wait()
    Town.started.clear()
    if place.superlink.exists():
        kill(json.loads(place.superlink.read_text())["pid"])


def done(place: Home) -> list[rounds.Round]:
    database = Database(config.database_url(place, config.read(place)))
    with database.read() as connection:
        found = rounds.every(connection)
    database.close()
    return [one for one in found if one.state == "done"]


async def answering(place: Home) -> None:
    """A member that answers whatever rounds there are, for ever."""
    given, own = invite.parse(setup.make_invites(place, 1)[0]), keys.new()
    pem = await asyncio.to_thread(pinned_certificate, given)
    public = (own.agent_public, own.ratification_public, own.seal_public, own.fleet_public)
    card = cards.issue(cards.Member(*public, "Ada", "light", setup.now_ms()), own.agent)
    community = Community(await Community.enrol(given, own, card, pem), pem, own)
    now, salt = setup.now_ms(), secrets.token_bytes(16)
    await community.publish([record.make("item", b"Trees", author=own.agent, salt=salt, written_ms=now)])
    try:
        await _answer_all(place, own, community)
    finally:
        await community.close()


async def _answer_all(place: Home, own: Keys, community: Community) -> None:
    while True:
        with contextlib.suppress(CommunityError):  # the coordinator is killed on the way
            await _answer(place, own, community)


async def _answer(place: Home, own: Keys, community: Community) -> None:
    for number, ciphertext in await community.fetch(2_000):
        await community.ack([number])
        letter, _ = envelope.read(sealing.unseal(ciphertext, own.seal, own.agent_public), 0)
        said = release_pb2.RoundNotice.FromString(letter.body)
        job = Job(
            said.fleet_address, place.certificate, own.fleet, said.fleet_node, said.number,
            said.catalogue_sha256.hex(), np.zeros(length(1)), said.deadline_ms / 1_000,
        )  # fmt: skip
        await asyncio.to_thread(fleet.answer, job)


async def test_rounds_begin_by_themselves_and_go_on_after_everything_was_killed(town: Town) -> None:
    process = await asyncio.to_thread(town.up)
    member = asyncio.create_task(answering(town.place))
    first = (await until_async(lambda: done(town.place)))[0]
    assert (first.number, first.sampled, first.used) == (1, 1, 1)
    kill(json.loads(town.place.superlink.read_text())["pid"])
    process.kill()
    process.wait()
    again = await asyncio.to_thread(town.up)
    found = await until_async(lambda: done(town.place)[1:])
    assert found[0].epsilon > first.epsilon
    member.cancel()
    await asyncio.gather(member, return_exceptions=True)
    with_one = [one.number for one in done(town.place)]
    assert with_one == sorted(set(with_one))
    again.terminate()
    assert again.wait(timeout=PATIENCE_S) == 0
