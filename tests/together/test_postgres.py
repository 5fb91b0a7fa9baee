"""A whole community whose state lies in PostgreSQL: founded, joined, written to, asked for a round, killed, started again."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.waiting import PATIENCE_S, until
from weal_node import keys as keyring
from weal_node.errors import UnreachableError
from weal_node.keys import Keys
from weal_node.outbound.community import Community
from weal_protocol import cards, invite

pytestmark = pytest.mark.together
PROGRAM = [sys.executable, "-m", "weal_coordinator"]


class Town:
    """The command line for one home, and the process that `up` runs."""

    def __init__(self, home: Path, database: str) -> None:
        self.home, self.database = home, database
        self.process: subprocess.Popen[bytes] | None = None
        self("init", "--name", "commons", "--any-port", "--database-url", database)
        text = (home / "charter.toml").read_text()
        for rule, value in {"sampling_rate": 1.0, "deadline_s": 3}.items():
            text = re.sub(rf"^{rule} = \S+", f"{rule} = {value}", text, flags=re.MULTILINE)
        (home / "charter.toml").write_text(text)

    def __call__(self, *arguments: str, status: int = 0) -> str:
        done = subprocess.run([*PROGRAM, *arguments, "--home", str(self.home)], capture_output=True, text=True)
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if status == 0 else done.stderr

    def up(self) -> dict[str, Any]:
        """Run it until it is ready; from then on its port for members stays the same."""
        running, output = self.home / "running.json", self.home.with_suffix(".log")
        running.unlink(missing_ok=True)
        with output.open("ab") as sink:
            process = subprocess.Popen([*PROGRAM, "up", "--home", str(self.home)], stdout=sink, stderr=sink)
        self.process = process
        until(lambda: running.exists() or process.poll() is not None)
        assert process.poll() is None, output.read_text()
        addresses: dict[str, Any] = json.loads(running.read_text())
        settings, port = self.home / "coordinator.toml", addresses["grpc"].rpartition(":")[2]
        settings.write_text(settings.read_text().replace("grpc_port = 0", f"grpc_port = {port}"))
        return addresses

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(sign)
            self.process.wait(timeout=PATIENCE_S)

    async def join(self, name: str) -> tuple[Community, Keys]:
        given, own = invite.parse((await asyncio.to_thread(self, "invite")).strip()), keyring.new()
        public = (own.agent_public, own.ratification_public, own.seal_public, own.fleet_public)
        card = cards.issue(cards.Member(*public, name, "light", 1_700_000_000_000), own.agent)
        await Community.join(given, own, card, self.home.parent / name)
        return Community.open(self.home.parent / name, own), own


@pytest.fixture
def town(tmp_path: Path, postgres: Any) -> Iterator[Town]:
    made = Town(tmp_path / "home", postgres.database())
    yield made
    made.stop()


async def test_a_community_on_postgresql(town: Town) -> None:
    running = await asyncio.to_thread(town.up)
    ada, _ = await town.join("Ada")
    bo, keys = await town.join("Bo")
    await ada.put(keys.agent_public, b"before")

    told = json.loads(
        await asyncio.to_thread(town, "round", "--below-floor", "--json")
    )  # no one answers, and yet it is charged
    assert (told["sampled"], told["used"], told["release"]) == (2, 0, 0)
    assert told["epsilon"] > 0
    await asyncio.to_thread(town.stop, signal.SIGKILL)
    again = await asyncio.to_thread(town.up)
    assert again["grpc"] == running["grpc"]

    letters = [ciphertext for _, ciphertext in await bo.fetch(0)]
    assert letters[0] == b"before"
    assert len(letters) == 2  # and the notice of the round
    found = json.loads(await asyncio.to_thread(town, "status", "--json"))
    assert found["database"].startswith("PostgreSQL weal_")
    assert (found["members"], found["tiers"], found["mail_waiting"]) == (3, {"light": 2, "none": 1}, 3)
    assert (found["epsilon"], found["rounds"][0]["sampled"]) == (told["epsilon"], 2)
    assert not (town.home / "coordinator.db").exists()
    for person in (ada, bo):
        await person.close()


async def test_while_postgresql_is_started_again_mail_waits(town: Town, postgres: Any) -> None:
    running = await asyncio.to_thread(town.up)
    ada, _ = await town.join("Ada")
    bo, keys = await town.join("Bo")
    await ada.put(keys.agent_public, b"before")
    async with httpx.AsyncClient(base_url=running["web"]) as watcher:
        await asyncio.to_thread(postgres.stop)
        try:
            ready = await watcher.get("/readyz")
            assert (ready.status_code, ready.json()) == (503, {"ok": False, "database": False, "superlink": True})
            assert (await watcher.get("/healthz")).status_code == 200
            with pytest.raises(UnreachableError):  # no refusal: whoever wrote keeps the letter and tries again
                await ada.put(keys.agent_public, b"meanwhile")
            assert "does not answer" in await asyncio.to_thread(lambda: town("status", status=1))
        finally:
            await asyncio.to_thread(postgres.start)
        assert (await watcher.get("/readyz")).status_code == 200
    await ada.put(keys.agent_public, b"after")
    assert [ciphertext for _, ciphertext in await bo.fetch(0)] == [b"before", b"after"]
    for person in (ada, bo):
        await person.close()


def test_a_database_that_is_not_there_is_named(town: Town, postgres: Any) -> None:
    url = town.database.replace("/weal_", "/nowhere_")
    settings = town.home / "coordinator.toml"
    settings.write_text(settings.read_text().replace(town.database, url))
    for command in ("up", "status"):
        said = town(command, status=1)
        assert "nowhere_" in said
        assert "database_url in coordinator.toml" in said


def test_one_database_holds_one_community(town: Town, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="a community already is in PostgreSQL"):
        Town(tmp_path / "other", town.database)
