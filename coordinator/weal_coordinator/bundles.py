"""A git bundle an epoch: the public notes of the commons as files, for those who want git. Read-only, made of records, never read back.

Each is one commit without history, so that what was taken back before it is not in it; when something is taken back that an
earlier bundle holds, the bundles are made anew and the earlier ones go. Strangers' names become plain file names first.
"""

import asyncio
import json
import logging
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection

from weal_coordinator.config import Home, Settings
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.store import expulsions, members, records
from weal_coordinator.store.database import Database
from weal_protocol import record
from weal_protocol.errors import WealError
from weal_protocol.v1 import directory_pb2

log = logging.getLogger(__name__)
LOOK_S = 600.0
GIT_S = 600.0  # for one command
KEPT = 8  # bundles
NAME = re.compile(r"epoch-([0-9]{1,9})\.bundle")
_PLAIN = re.compile(r"[^\w \-]+")


async def keep(place: Home, settings: Settings, database: Database, clock: Callable[[], int]) -> None:
    """Make what is due, look again every ten minutes, until cancelled. A fault is logged, and tried again then."""
    while settings.bundle_hours > 0:
        try:
            await asyncio.to_thread(make_due, place, settings, database, clock())
        except (WealError, OSError) as fault:
            log.warning("no bundle was made: %s", fault)
        await asyncio.sleep(LOOK_S)


def make_due(place: Home, settings: Settings, database: Database, now_ms: int) -> Path | None:
    """Make the bundle of this epoch where it is missing, or holds what was taken back since; return it, or None."""
    epoch = now_ms // (settings.bundle_hours * 3_600_000)
    target = place.bundles / f"epoch-{epoch}.bundle"
    with database.read() as connection:
        taken_back, expelled = records.newest_tombstone(connection), expulsions.count(connection)
    stale = [
        one
        for one in listed(place)
        if _known(one, "position", -1) < taken_back or _known(one, "expelled", 0) < expelled
    ]
    if target.exists() and target not in stale:
        return None
    place.bundles.mkdir(mode=0o700, exist_ok=True)
    with database.read() as connection:
        _make(target, connection, now_ms)
    for old in [one for one in stale if one != target] + listed(place)[KEPT:]:
        old.unlink(missing_ok=True)
        old.with_suffix(".json").unlink(missing_ok=True)
    return target


def listed(place: Home) -> list[Path]:
    """Return the bundles, the newest epoch first."""
    found = [
        (int(match[1]), one) for one in place.bundles.glob("epoch-*.bundle") if (match := NAME.fullmatch(one.name))
    ]
    return [one for _, one in sorted(found, reverse=True)]


def notes(target: Path) -> int:
    """Return how many notes a bundle holds."""
    return int(json.loads(target.with_suffix(".json").read_text())["notes"])


def _known(target: Path, name: str, unknown: int) -> int:
    """Return the newest record ("position") or expulsion ("expelled") that a bundle knows of; `unknown` where that is not said."""
    try:
        return int(json.loads(target.with_suffix(".json").read_text())[name])
    except (OSError, ValueError, KeyError):
        return unknown


def _make(target: Path, connection: Connection, now_ms: int) -> None:
    position, expelled = records.position(connection), expulsions.count(connection)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        _git(folder, "init", "-q", "--bare", "-b", "main", ".")
        script = Path(folder, "import")
        with script.open("wb") as file:
            count = 0
            for piece, of_note in _commit(connection, now_ms):
                file.write(piece)
                count += of_note
        with script.open("rb") as file:
            _git(folder, "fast-import", "--quiet", stdin=file.fileno())
        _git(folder, "bundle", "create", "-q", "made", "HEAD", "main")
        described = target.with_suffix(".json")
        described.write_text(json.dumps({"position": position, "notes": count, "expelled": expelled}))
        Path(folder, "made").replace(target)


def _commit(connection: Connection, now_ms: int) -> Iterator[tuple[bytes, bool]]:
    """Yield what git fast-import reads, each piece with whether it is a note: one commit that holds everything."""
    names = {
        row.agent_key: directory_pb2.MemberCard.FromString(
            directory_pb2.SignedMemberCard.FromString(row.card).card
        ).name
        for row in members.after(connection, 0, 10**9)
    }
    said = b"The public notes of this commons"
    stamp = f"Weal <commons@weal.invalid> {now_ms // 1_000} +0000"
    yield f"commit refs/heads/main\ncommitter {stamp}\ndata {len(said)}\n".encode() + said + b"\n", False
    attribution = ["file\tauthor\tkey\tlicence\trecord"]
    for one in heads(connection):
        key = one.author.hex()
        path = f"{plain(names.get(key, ''))} {key[:8]}/{plain(one.path.rsplit('/', 1)[-1].removesuffix('.md'))} {one.note.hex()[:8]}.md"
        author, licence = plain(names.get(key, key[:8])), plain(one.licence, keep=".+")
        attribution.append(f"{path}\t{author}\t{key}\t{licence}\t{one.id}")
        yield _file(path, one.body), True
    yield _file("ATTRIBUTION.tsv", "\n".join([*attribution, ""]).encode()) + b"\n", False


def heads(connection: Connection) -> Iterator[record.Record]:
    """Yield public notes that no later version follows and nobody took back, in the order in which they came."""
    followed = {parent for raw in records.bodies(connection, "note") for parent in record.parents_of(raw)}
    for raw in records.bodies(connection, "note"):
        try:
            one = record.read(raw, bodiless=True)
        except WealError as fault:  # one that was taken by the rules of another day: it costs its own place alone
            log.warning("a record is set aside: %s", fault.what)
            continue
        if one.visibility == "public" and not one.redacted and one.id not in followed:
            yield one


def plain(name: str, keep: str = "") -> str:
    """Return a stranger's name as a file name on any system: letters, digits, spaces, - and _, at most 60 of them."""
    kept = "".join(letter if letter in keep else _PLAIN.sub("", letter) for letter in name)
    return " ".join(kept.split())[:60].strip() or "note"


def _file(path: str, content: bytes) -> bytes:
    return f'M 100644 inline "{path}"\ndata {len(content)}\n'.encode() + content + b"\n"


def _git(folder: str, *arguments: str, stdin: int = subprocess.DEVNULL) -> None:
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": folder,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
    }
    if shutil.which("git") is None:
        raise CoordinatorError("git is not installed", "Install git, or set bundle_hours = 0 in coordinator.toml")
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=environment,
            stdin=stdin,
            capture_output=True,
            timeout=GIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as fault:
        raise CoordinatorError(f"git {arguments[0]} took longer than {GIT_S:.0f} s", "It is tried again") from fault
    if done.returncode:
        raise CoordinatorError(f"git {arguments[0]} says: {done.stderr.decode(errors='replace').strip()[:200]}")
