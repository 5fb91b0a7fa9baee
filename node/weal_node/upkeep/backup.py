"""Backup and restore: the whole home, keys too, in one file that only a passphrase or a key opens (age: age-encryption.org/v1).

Inside is a tar of plain files; the last one is the manifest: path, size and SHA-256 of each. A restore into a new home checks
every byte against it before the home gets its name; what the archive holds beside plain files with plain names is refused.

Whoever wrote a backup may be somebody else than its person thinks. So a restore takes words, keys and the history's objects, and nothing
that would act or steer: of a repository no configuration, hooks or attributes, of a node's last run nothing, of files no modes.
"""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyrage

from weal_node.config import Home
from weal_node.errors import FolderError, NodeError, reason
from weal_node.federation.restored import leave_word
from weal_node.upkeep.restorable import check_database, differing, disarm, is_kept, is_plain, is_taken
from weal_node.vault.repository import folder_of, make

VERSION = 1
MANIFEST = "manifest.json"
MAX_BYTES = 2 * 1024**3  # of a backup, which passes through memory
MODE = 0o600  # of every file, whatever it had
# How often a passphrase is tried on a machine that seems too slow. Chosen: a refusal took 3 ms, and guessed 1,024 s and 2,048 s of the same
# file within one second (2026-11-29).
OPENINGS = 20
EXCESSIVE = "Excessive work"  # how age begins to say so


@dataclass(frozen=True, slots=True)
class BackupContents:
    """What a backup holds. made_ms: Unix time.  files, size: in all.  left: what of it a restore does not take."""

    made_ms: int
    files: int
    size: int
    sha256: dict[str, str]
    left: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Lock:
    """How a backup is closed and opened: a passphrase, or else recipients (age1..., ssh-...) and identities (their secret halves)."""

    passphrase: str = ""
    recipients: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()


def backup(place: Home, target: Path, lock: Lock, now_ms: int, alone: bool = False) -> BackupContents:
    """Write a backup. alone: the caller holds the home's lock; else the node may be running. With a passphrase, or an identity, it is opened again and compared."""
    if not place.keys.is_dir():
        raise NodeError(f"there is no node in {place.root}", "Nothing to back up; see `weal init`")
    if target.exists():
        raise NodeError(f"{target} is there already", "Name a file that does not exist yet")
    packed, contents = _pack(place, now_ms, alone)
    closed = _close(packed, lock)
    part = target.with_name(target.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(closed)
        file.flush()
        os.fsync(descriptor)
    if (lock.passphrase or lock.identities) and look(part, lock) != contents:
        raise NodeError("the backup does not read back as it was written", "Try again, on another disk")
    part.replace(target)
    return contents


def look(source: Path, lock: Lock) -> BackupContents:
    """Open a backup and check every byte of it; nothing is written. The dry run of a restore."""
    return _unpack(source, lock, None)


def restore(source: Path, lock: Lock, place: Home) -> BackupContents:
    """Make a home from a backup; NodeError where a home is there. It gets its name once every file was checked."""
    if place.root.exists() and any(place.root.iterdir()):
        raise NodeError(f"there is something in {place.root} already", "Choose another --home, or move that away")
    place.root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".weal-restore-", dir=place.root.parent) as unpacked:
        try:
            contents = _unpack(source, lock, Path(unpacked))
            disarm(Path(unpacked))
            make(Path(unpacked) / "vault/.git")
            leave_word(Path(unpacked) / place.lock.name, contents.made_ms)
        except OSError as fault:
            raise FolderError(f"the backup cannot be restored: {reason(fault)}", "Nothing was restored") from fault
        check_database(Path(unpacked) / place.database.name)
        if place.root.exists():
            place.root.rmdir()
        Path(unpacked).rename(place.root)
        Path(unpacked).mkdir()  # for the context to take away
    return contents


def _pack(place: Home, now_ms: int, alone: bool) -> tuple[bytes, BackupContents]:
    out, sums, total = io.BytesIO(), {}, 0
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in _files(place, alone):
            total += len(content)
            if total > MAX_BYTES:
                raise NodeError(
                    f"this home is larger than {MAX_BYTES >> 30} GiB", "Copy its folder while the node is stopped"
                )
            sums[name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "mode": MODE}
            _add(archive, name, content)
        _add(archive, MANIFEST, json.dumps({"weal": VERSION, "made_ms": now_ms, "files": sums}).encode())
    return out.getvalue(), BackupContents(now_ms, len(sums), total, _digests(sums))


def _digests(entries: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    return {name: str(entry["sha256"]) for name, entry in entries.items()}


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), MODE
    archive.addfile(entry, io.BytesIO(content))


def _files(place: Home, alone: bool) -> Iterator[tuple[str, bytes]]:
    """Give name and content of each file. References before objects: a commit made meanwhile is whole or not there."""
    still = alone and not place.database.with_name(place.database.name + "-wal").exists()
    yield "node.db", place.database.read_bytes() if still else _snapshot(place.database)
    git_folder, history = place.vault / ".git", folder_of(place.vault)
    for name, file in _walk(place.root, {git_folder, history, place.vault}):
        if name != place.database.name and is_taken(name) and not name.endswith((".part", ".tmp")):
            yield name, file.read_bytes()
    for name, file in _walk(place.vault, {git_folder, history}):
        if not name.endswith(".weal.tmp"):
            yield f"vault/{name}", file.read_bytes()
    entries = [entry for entry in _walk(history, set()) if is_kept(f"vault/.git/{entry[0]}")]
    for name, file in sorted(entries, key=lambda entry: entry[0].startswith("objects/")):
        yield f"vault/.git/{name}", file.read_bytes()


def _walk(root: Path, apart: set[Path]) -> Iterator[tuple[str, Path]]:
    for folder, inside, names in os.walk(root):
        inside[:] = sorted(name for name in inside if Path(folder, name) not in apart and not name.startswith(".weal-"))
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_file() and not file.is_symlink():
                yield file.relative_to(root).as_posix(), file


def _snapshot(database: Path) -> bytes:
    """Return the database as one file, as of now, whoever writes meanwhile."""
    with tempfile.TemporaryDirectory(prefix=".weal-snapshot-", dir=database.parent) as folder:
        copy = Path(folder, "node.db")
        source, target = sqlite3.connect(f"file:{database}?mode=ro", uri=True), sqlite3.connect(copy)
        try:
            source.backup(target)
        finally:
            source.close()
            target.close()
        return copy.read_bytes()


def _close(packed: bytes, lock: Lock) -> bytes:
    try:
        if lock.passphrase:
            return bytes(pyrage.passphrase.encrypt(packed, lock.passphrase))
        recipients = list(map(_recipient, lock.recipients))
    except (pyrage.RecipientError, ValueError) as fault:
        raise NodeError("a recipient is neither age1... nor an ssh key", "See `age-keygen`") from fault
    if not recipients:
        raise NodeError("a backup needs a passphrase or a recipient", "It holds your keys: it is never written open")
    return bytes(pyrage.encrypt(packed, recipients))


def _recipient(text: str) -> pyrage.ssh.Recipient | pyrage.x25519.Recipient:
    return pyrage.ssh.Recipient.from_str(text) if text.startswith("ssh-") else pyrage.x25519.Recipient.from_str(text)


def _identity(text: str) -> pyrage.ssh.Identity | pyrage.x25519.Identity:
    if text.startswith("AGE-SECRET-KEY-"):
        return pyrage.x25519.Identity.from_str(text)
    return pyrage.ssh.Identity.from_buffer(text.encode())


def _opened_by_passphrase(closed: bytes, passphrase: str) -> bytes:
    """Decrypt; NodeError where this machine is too slow for how the file was closed.

    age chooses the work of a passphrase by how fast the machine is that closes, and refuses what it guesses would take the one that opens
    too long. The guess is a short measurement: a machine that is only busy may find itself fast enough when it looks again."""
    for tries_left in reversed(range(OPENINGS)):
        try:
            return bytes(pyrage.passphrase.decrypt(closed, passphrase))
        except pyrage.DecryptError as fault:
            if EXCESSIVE not in str(fault):
                raise
            if not tries_left:
                raise NodeError(
                    "this machine is too slow, or too busy, to open the backup",
                    "Try when less runs here, or on a faster machine",
                ) from fault
    raise AssertionError("unreachable")


def _open(closed: bytes, lock: Lock) -> bytes:
    try:
        if lock.passphrase:
            return _opened_by_passphrase(closed, lock.passphrase)
        return bytes(pyrage.decrypt(closed, list(map(_identity, lock.identities))))
    except (pyrage.DecryptError, pyrage.IdentityError, ValueError) as fault:
        raise NodeError("the backup does not open", "Wrong passphrase or key, or the file is damaged") from fault


def _unpack(source: Path, lock: Lock, into: Path | None) -> BackupContents:
    try:
        closed = source.read_bytes()
    except OSError as fault:
        raise NodeError(
            f"{source} cannot be read: {fault.strerror}", "Name the file that `weal backup` wrote"
        ) from fault
    entries: dict[str, dict[str, object]] = {}
    manifest = b""
    try:
        with tarfile.open(fileobj=io.BytesIO(_open(closed, lock)), mode="r:") as archive:
            for entry in archive:
                plain = entry.isreg() and entry.sparse is None and is_plain(entry.name) and entry.name not in entries
                file = archive.extractfile(entry) if plain else None
                if file is None:
                    raise NodeError(
                        f"the backup holds {entry.name[:80]!a}, which no backup of ours does", "Nothing was restored"
                    )
                content = file.read()
                if entry.name == MANIFEST:
                    manifest = content
                    continue
                entries[entry.name] = {
                    "size": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "mode": entry.mode,
                }
                if into is not None and is_taken(entry.name):
                    write_file(into / entry.name, content)
        description = json.loads(manifest)
        version, made_ms, files = description["weal"], int(description["made_ms"]), description["files"]
    except (tarfile.TarError, ValueError, KeyError, TypeError) as fault:
        raise NodeError("the backup is damaged", "Nothing was restored; try an older one") from fault
    if version != VERSION:
        raise NodeError("the backup was written by a newer Weal", "Upgrade Weal")
    if files != entries:
        wrong = differing(files, entries)
        raise NodeError(
            f"the backup is damaged: {len(wrong)} files are not as its manifest says", "Nothing was restored"
        )
    size = sum(int(str(entry["size"])) for entry in entries.values())
    left = tuple(sorted(name for name in entries if not is_kept(name)))
    return BackupContents(made_ms, len(entries), size, _digests(entries), left)


def write_file(place: Path, content: bytes) -> None:
    """Write a file of the home that is being restored, and see it on disk."""
    missing = [folder for folder in place.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
