"""Twenty malicious bundles, each shipped with a run by a SuperLink that checks nothing: a node's client answers, reads none of them and does not grow.

What a careless receiver would do with each is tried too, so that none of them is a blank. All they do is leave a mark.
"""

import functools
import io
import json
import pickle
import stat
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import yaml
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MessageType, RecordDict
from safetensors.numpy import save_file

from support.waiting import PATIENCE_S, until
from weal_coordinator import setup
from weal_coordinator.config import Home, Settings
from weal_coordinator.federation import host
from weal_coordinator.federation.flower import Control
from weal_coordinator.federation.grid import RoundGrid
from weal_coordinator.federation.rounds import bundle_settings
from weal_node import keys

pytestmark = pytest.mark.together
GROWTH = 50e6  # bytes of a node's client, over all of them
CATALOGUE, LENGTH, NUMBER = "ab" * 32, 7, 3
BOMB = 200 << 20
HUGE = 32 << 20
Receiver = Callable[[bytes, Path], None]


@dataclass(frozen=True, slots=True)
class Bundle:
    """content: what is shipped. careless: what makes it leave its mark; None where the harm is in its size or its paths.
    array: it is also sent as an array in the round's message."""

    content: bytes
    careless: Receiver | None = None
    array: bytes = b""


class _Runs:
    """Runs this source when it is unpickled."""

    def __init__(self, source: str) -> None:
        self._source = source

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, (self._source,)


def packed(files: dict[str, bytes], settings: bytes = b"") -> bytes:
    """A zip of these files beside a bundle's settings."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in ({"pyproject.toml": settings or bundle_settings()} | files).items():
            made.writestr(name, content)
    return stream.getvalue()


def runs(code: str, *, site: bool = False) -> Receiver:
    """Unpack the bundle, and run this in its folder, which is first on the path."""

    def act(content: bytes, folder: Path) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as made:
            made.extractall(folder)
        flags = [] if site else ["-S"]
        subprocess.run([sys.executable, *flags, "-c", code], cwd=folder, env={"PYTHONPATH": str(folder)}, check=False)

    return act


def loads(name: str, load: Callable[[io.BytesIO], object]) -> Receiver:
    """Load one file of the bundle as it says it wants to be."""

    def act(content: bytes, _folder: Path) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as made:
            load(io.BytesIO(made.read(name)))

    return act


@functools.cache
def _bomb() -> bytes:
    return packed({"weights.npy": bytes(BOMB)})


def shell(content: bytes, folder: Path) -> None:
    """Unpack the bundle and run its hook."""
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        made.extractall(folder)
    subprocess.run(["/bin/sh", str(folder / ".git/hooks/post-checkout")], check=True)


def escaping(content: bytes, folder: Path) -> None:
    """Unpack the bundle as its names say, as tar and many a zip reader do."""
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        for one in made.infolist():
            target = folder / one.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            if stat.S_ISLNK(one.external_attr >> 16):
                target.symlink_to(made.read(one).decode())
            else:
                target.write_bytes(made.read(one))


def twenty(marks: Path) -> dict[str, Bundle]:
    """All of them, by name. marks: the folder in which each leaves a file when it has its way."""

    def mark(name: str) -> str:
        return f"import pathlib; pathlib.Path({str(marks / name)!r}).write_text('executed')"

    def code(name: str) -> bytes:
        return mark(name).encode() + b"\n"

    def pickled(name: str) -> bytes:
        return pickle.dumps(_Runs(mark(name)))

    def torch(name: str, *entries: str) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as made:
            for entry in entries:
                made.writestr(entry, pickled(name))
        return stream.getvalue()

    settings, found = bundle_settings(), dict[str, Bundle]()
    planted = settings.replace(b"federation.server_app:no_client", b"planted:app")
    found["client"] = Bundle(packed({"planted.py": code("client")}, planted), runs("import planted"))
    shadow = {name: code("shadow") for name in ("weal_node/__init__.py", "weal_node/federation/fleet.py", "torch.py")}
    found["shadow"] = Bundle(packed(shadow), runs("import torch"))
    found["sitecustomize"] = Bundle(
        packed({name: code("sitecustomize") for name in ("sitecustomize.py", "usercustomize.py")}), runs("", site=True)
    )
    found["pth"] = Bundle(packed({"weal.pth": code("pth")}), runs("import site; site.addsitedir('.')"))
    found["conftest"] = Bundle(
        packed({"conftest.py": code("conftest"), "pytest.ini": b"[pytest]\n"}), runs("import conftest")
    )
    found["setup"] = Bundle(packed({"setup.py": code("setup")}), runs("exec(open('setup.py').read())"))
    backend = settings + b'\n[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    found["backend"] = Bundle(packed({"backend.py": code("backend")}, backend), runs("import backend"))
    points = b"[pytest11]\nweal = plugin\n[console_scripts]\nweal = plugin:main\n"
    meta = {"weal-9.dist-info/entry_points.txt": points, "weal-9.dist-info/METADATA": b"Name: weal\nVersion: 9\n"}
    found["entry points"] = Bundle(
        packed({"plugin.py": code("entry points")} | meta),
        runs(
            "from importlib.metadata import entry_points as e; [p.load() for p in e(group='pytest11') if p.name == 'weal']"
        ),
    )
    hook = f"#!/bin/sh\necho executed > '{marks / 'hooks'}'\n".encode()
    found["hooks"] = Bundle(packed(dict.fromkeys((".git/hooks/post-checkout", "install.sh", ".envrc"), hook)), shell)
    found["main"] = Bundle(
        b"#!/usr/bin/env python3\n" + packed({"__main__.py": code("main")}),
        runs("import runpy; runpy.run_path('__main__.py')"),
    )
    elf = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 3, 62, 1) + bytes(4_096)
    found["extension"] = Bundle(packed({"weal_node/errors.so": elf, "torch/_C.so": elf}))
    raw = pickled("pickle")
    found["pickle"] = Bundle(packed({"weights.pkl": raw}), loads("weights.pkl", pickle.load), raw)
    pt = torch("pt", "archive/data.pkl")
    found["pt"] = Bundle(
        packed({"weights.pt": pt}),
        loads("weights.pt", lambda file: pickle.loads(zipfile.ZipFile(file).read("archive/data.pkl"))),
        pt,
    )
    pt2 = torch("pt2", "archive/data/constants/c.pkl", "archive/models/model.json")
    found["pt2"] = Bundle(
        packed({"model.pt2": pt2}),
        loads("model.pt2", lambda file: pickle.loads(zipfile.ZipFile(file).read("archive/data/constants/c.pkl"))),
        pt2,
    )
    stream = io.BytesIO()
    np.save(stream, np.array([_Runs(mark("npy"))], dtype=object), allow_pickle=True)
    found["npy"] = Bundle(
        packed({"weights.npy": stream.getvalue()}),
        loads("weights.npy", lambda file: np.load(file, allow_pickle=True)),
        stream.getvalue(),
    )
    tagged = f"!!python/object/apply:builtins.exec [{mark('yaml')!r}]".encode()
    found["yaml"] = Bundle(packed({"settings.yaml": tagged}), loads("settings.yaml", yaml.unsafe_load))
    found["bomb"] = Bundle(_bomb())
    outside = {f"../../../..{marks / 'escape'}": b"executed", str(marks / "escape"): b"executed"}
    found["escape"] = Bundle(packed(outside), escaping)
    stream = io.BytesIO(packed({}))
    with zipfile.ZipFile(stream, "a") as made:
        link = zipfile.ZipInfo("out")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, str(marks))
        made.writestr("out/symlink", b"executed")
    found["symlink"] = Bundle(stream.getvalue(), escaping)
    huge = packed({"planted.py": code("truncated")}, planted) + bytes(
        HUGE
    )  # readers look for the end of a zip; then there is none
    found["huge and truncated"] = Bundle(huge)
    return found


NAMES = tuple(twenty(Path("/marks")))
# A SuperLink as a malicious coordinator would run it: it takes any bytes for a bundle.
UNCHECKED = (
    "import sys; from pathlib import Path; from weal_coordinator.federation import environment, superlink\n"
    "environment.prepare(Path(sys.argv[2]) / 'flower')\n"
    "from flwr.superlink.servicer.control import control_handlers\n"
    "known = control_handlers.get_fab_config\n"
    "from weal_coordinator.federation.flower import build_bundle; from weal_coordinator.federation.rounds import bundle_settings\n"
    "good = build_bundle(bundle_settings())\n"
    "control_handlers.FAB_MAX_SIZE = 1 << 30\n"
    "control_handlers.get_fab_config = lambda _: known(good)\n"
    "superlink.main()"
)
# The client, as the node starts it, but for one job a line: so that one process meets all of them.
CLIENT = (
    "import sys; from weal_node.federation.fleet import __main__ as client\n"
    "for line in sys.stdin:\n"
    "    sys.argv = ['federation', '--job', line.strip()]; client.main(); sys.stdout.flush()"
)


@dataclass
class Node:
    """A client's process, its job and the folder it runs in."""

    folder: Path
    process: subprocess.Popen[str]
    identity: int
    grown_from: int = 0

    def begin(self) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{self.folder / 'job.json'}\n")
        self.process.stdin.flush()

    def said(self) -> dict[str, Any]:
        assert self.process.stdout
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def size(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def files(self) -> set[str]:
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*")}


@dataclass
class Coordinator:
    """A malicious one: what it asks of the node, and with which bundle."""

    place: Home
    address: str
    node: Node
    marks: Path

    def ask(self, bundle: bytes, array: bytes = b"") -> dict[str, Any]:
        """Ship this bundle with a run and ask the node for its statistics; return what its client says of it."""
        parts: dict[str, Any] = {
            "round": ConfigRecord({"number": NUMBER, "catalogue": CATALOGUE, "length": LENGTH}),
        }
        if array:
            parts["weights"] = ArrayRecord({"flat": Array("object", (1,), "numpy.ndarray", array)})
        came: list[Any] = []

        def act(grid: RoundGrid, context: Any) -> None:
            self.node.begin()
            until(lambda: self.node.identity in grid.get_node_ids())
            made = Message(RecordDict(parts), self.node.identity, MessageType.TRAIN, ttl=PATIENCE_S, group_id="1")
            (name,) = grid.push_messages([made])
            said = self.node.said()
            if said["answered"]:
                came.extend(grid.take({name: self.node.identity}))
                assert len(came) == 1
            came.append(said)

        with pytest.MonkeyPatch.context() as patch, Control(self.address, self.place.certificate) as control:
            patch.setattr(host, "app", act)
            run = control.start(bundle, {})
            host.host(control, self.address, self.place.certificate, run, self.place.root)
        return dict(came[-1])


@pytest.fixture(scope="module")
def coordinator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coordinator]:
    """One SuperLink and one node's client for all bundles; at the end, the client has not grown."""
    base = tmp_path_factory.mktemp("malicious")
    place, folder, marks = Home(base / "community"), base / "node", base / "marks"
    for made in (folder, marks):
        made.mkdir()
    setup.found(place, "town", Settings(grpc_port=0, fleet_port=0))
    superlink = subprocess.Popen(
        [sys.executable, "-c", UNCHECKED, "--home", str(place.root), "--watched"], stdin=subprocess.PIPE
    )
    until(lambda: place.superlink.exists() or superlink.poll() is not None)
    assert superlink.poll() is None
    ports, own = json.loads(place.superlink.read_text()), keys.new()
    with Control(f"127.0.0.1:{ports['private']}", place.certificate) as control:
        (identity,) = control.register({"ada": own.fleet_public})
    save_file({"flat": np.zeros(LENGTH)}, folder / "statistics.safetensors")
    pem = own.fleet.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "fleet.pem").write_bytes(pem)
    job = {
        "address": f"127.0.0.1:{ports['fleet']}",
        "certificate": str(place.certificate),
        "key": str(folder / "fleet.pem"),
        "node": identity,
        "number": NUMBER,
        "catalogue": CATALOGUE,
        "statistics": str(folder / "statistics.safetensors"),
        "deadline": time.time() + PATIENCE_S,
    }
    (folder / "job.json").write_text(json.dumps(job))
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    node = Node(folder, client, identity)
    found = Coordinator(place, f"127.0.0.1:{ports['private']}", node, marks)
    assert found.ask(packed({}))["answered"]  # the first: it has loaded what it needs
    before = node.size()
    yield found
    grown = node.size() - before
    for process in (client, superlink):
        assert process.stdin
        process.stdin.close()
        process.wait(timeout=PATIENCE_S)
    assert client.stdout
    client.stdout.close()
    assert grown < GROWTH, f"the client has grown by {grown / 1e6:.0f} MB"


def test_there_are_twenty_and_no_two_are_alike() -> None:
    found = twenty(Path("/marks"))
    assert len(found) == len({one.content for one in found.values()}) == 20


@pytest.mark.parametrize("name", NAMES)
def test_a_malicious_bundle_is_shipped_and_nothing_of_it_runs(coordinator: Coordinator, name: str) -> None:
    bundle, files = twenty(coordinator.marks)[name], coordinator.node.files()
    if bundle.array:
        said = coordinator.ask(bundle.content, bundle.array)
        assert said == {"answered": False, "reason": "a message with other parts than a round's"}
        (coordinator.node.folder / "job.inbox").unlink()
    assert coordinator.ask(bundle.content) == {"answered": True, "reason": ""}  # whatever came with it, nothing is lost
    assert list(coordinator.marks.iterdir()) == []
    assert coordinator.node.files() == files  # nor is anything of it on the node's disk
    mapped = {one.path for one in psutil.Process(coordinator.node.process.pid).memory_maps()}
    assert not any(path.startswith(str(coordinator.place.root)) for path in mapped)


@pytest.mark.parametrize("name", [name for name in NAMES if twenty(Path("/marks"))[name].careless])
def test_each_does_its_harm_where_it_is_let(tmp_path: Path, name: str) -> None:
    marks, folder = tmp_path / "marks", tmp_path / "unpacked"
    for made in (marks, folder):
        made.mkdir()
    bundle = twenty(marks)[name]
    assert bundle.careless
    bundle.careless(bundle.content, folder)
    assert [one.read_text().strip() for one in marks.iterdir()] == ["executed"]


def test_what_is_large_is_large_where_it_is_let() -> None:
    found = twenty(Path("/marks"))
    with zipfile.ZipFile(io.BytesIO(found["bomb"].content)) as bomb:
        assert max(one.file_size for one in bomb.infolist()) == BOMB > 2 * GROWTH
        assert len(found["bomb"].content) < 1e6
    assert len(found["huge and truncated"].content) > HUGE
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(found["huge and truncated"].content))
