"""Does kill -9 lose a note that was acknowledged? The product's own saving, on a real disk, killed again and again.

Each turn a process saves new and changed notes as fast as it can (file, database, commit) and says after each which bytes are now safe. It
is killed at a random moment: in every other turn alone, so that its git goes on without it, else with everything that it started.
Then the vault is recovered as a starting node does it. `lost`: acknowledged versions whose bytes no commit reaches, or notes whose
schedule the database does not know. `torn`: files that cannot be read, and temporary files that stayed. PEOPLE is the number of kills.
"""

import asyncio
import hashlib
import itertools
import os
import random
import select
import signal
import sqlite3
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from weal_node.commons import publishing
from weal_node.config import Settings
from weal_node.errors import VaultError
from weal_node.records import Note, Visibility
from weal_node.store.database import Database
from weal_node.vault import history, markdown
from weal_node.vault.folder import Vault
from weal_node.vault.git import git
from weal_node.vault.place import files
from weal_simulations.bench.study import Floor, Progress, Row, Study

QUESTION = "Does kill -9 lose a note that was acknowledged?"
PEOPLE = 200
LONGEST_S = 0.4  # from the start of saving to the kill, at most
START_S = 30.0  # how long a process may take to its first acknowledgement


@dataclass(slots=True)
class Seen:
    """Acknowledged (git blob id, note id, SHA-256), and what recovery had to mend."""

    acknowledged: list[tuple[str, str, str]] = field(default_factory=list)
    mended: int = 0
    torn: int = 0


def run(seed: int, people: int, progress: Progress) -> Study:
    """Kill `people` times, then look for everything that was acknowledged."""
    draw, seen = random.Random(seed), Seen()  # when to kill is no secret
    with tempfile.TemporaryDirectory(prefix="weal-kills-") as folder:
        home = Path(folder)
        (home / "vault").mkdir()
        history.create(home / "vault")
        Database(home / "node.db").close()
        for turn in range(people):
            progress(turn / people, f"{len(seen.acknowledged)} saved")
            _turn(home, draw.uniform(0, LONGEST_S), turn, seen)
        lost, whole = lost_versions(home, seen), history.check(home / "vault")
    measured: Row = {
        "method": "weal",
        "kills": people,
        "acknowledged": len(seen.acknowledged),
        "lost": lost,
        "torn": seen.torn,
        "mended": seen.mended,
        "history": whole or "whole",
    }
    floors = (
        Floor("kills: acknowledged notes lost", lost, 0, at_least=False),
        Floor("kills: torn files left", seen.torn, 0, at_least=False),
        Floor("kills: faults of the history", int(bool(whole)), 0, at_least=False),
    )
    return Study("kills", seed, (measured,), floors)


def _turn(home: Path, wait_s: float, turn: int, seen: Seen) -> None:
    """Let a process save, kill it, take in what it said, recover."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setsid()
        try:
            asyncio.run(_save(home, writing, turn))
        finally:
            os._exit(1)
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], START_S)
    said = os.read(reading, 1 << 16) if ready else b""
    select.select([], [], [], wait_s)
    (os.killpg if turn % 2 else os.kill)(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while piece := os.read(reading, 1 << 16):
        said += piece
    os.close(reading)
    whole_lines = said.decode().splitlines(keepends=True)
    seen.acknowledged += [_parts(line) for line in whole_lines if line.endswith("\n")]
    seen.mended += len(history.recover(home / "vault"))
    seen.torn += torn_files(home / "vault")


def _parts(line: str) -> tuple[str, str, str]:
    blob, note, sha256 = line.split()
    return blob, note, sha256


async def _save(home: Path, said: int, turn: int) -> None:
    """Save until killed; every third save changes the note before."""
    history.recover(home / "vault")
    database, vault = Database(home / "node.db"), Vault(home / "vault")
    last: Note | None = None
    for number in itertools.count():
        old = last if number % 3 == 2 else None
        body = f"Turn {turn}, save {number}.\n" + "words and words " * (number % 7 * 200)
        wanted = Note(
            old.id if old else "", old.path if old else "", f"Note {turn} {number}", body, Visibility.COMMUNITY
        )
        last = await publishing.save(database, vault, Settings(), turn * 1_000 + number, wanted)
        raw = vault.raw(last.path)
        blob = hashlib.sha1(b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()
        os.write(said, f"{blob} {last.id} {hashlib.sha256(raw).hexdigest()}\n".encode())


def torn_files(root: Path) -> int:
    """Return how many files were left half written."""
    torn = sum(1 for _ in root.glob("**/.*.tmp"))
    for path, place in files(root):
        try:
            torn += markdown.read(place.read_bytes(), path).broken  # cut off within its front matter
        except VaultError:
            torn += 1
    return torn


def lost_versions(home: Path, seen: Seen) -> int:
    """Return how many acknowledged versions are not there any more."""
    reached = {line.split()[0] for line in git(home / "vault", "rev-list", "--objects", "HEAD").decode().splitlines()}
    with sqlite3.connect(f"file:{home / 'node.db'}?mode=ro", uri=True) as connection:
        scheduled = {note for (note,) in connection.execute("SELECT note FROM publications")}
    connection.close()
    return sum(blob not in reached or note not in scheduled for blob, note, _ in seen.acknowledged)
