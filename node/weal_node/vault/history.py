"""The vault's history: every save is a commit, nothing that was in it is lost, and any version can come back."""

import os
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from weal_node.errors import NotFoundError, VaultError
from weal_node.vault.git import TooSlowError, folder_of, git, named, works

FROM_FILE = ("--pathspec-from-file=-", "--pathspec-file-nul")
# What place.py writes before it renames, now and in earlier releases; others' temporary files are not ours to take.
_TORN = re.compile(r"\.[0-9a-f]{8}\.weal\.tmp|\..+\.md\.[0-9a-f]{8}\.tmp")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
FORGETTING = ".forgetting"  # suffix of the folder in which a history is written anew (forget.py)
OLD = ".old"
ORPHAN_S = 0.5


@dataclass(frozen=True, slots=True)
class Commit:
    """One version of a note. id: hex.  at_ms: Unix time.  said: the commit's message.  path: the file's path then."""

    id: str
    at_ms: int
    said: str
    path: str


def create(root: Path) -> None:
    """Make the folder a repository, unless it is one."""
    if not folder_of(root).exists():
        git(root, "init", "-q", "-b", "main")


def commit(root: Path, paths: Sequence[str], message: str) -> list[str]:
    """Commit these files as they are; return the paths that were new or changed. {path} in the message names the first.

    A file that went away and came back elsewhere, byte for byte, has moved: its history goes on."""
    many = (
        ("-c", "core.fsyncMethod=batch") if len(paths) > 1 else ()
    )  # one flush for all; the files themselves are synced
    git(root, *many, "add", "--force", *FROM_FILE, given=named(paths))  # a note is kept whatever .gitignore says
    diff = ("diff", "--cached", "--name-only", "--no-renames", "-z")
    found = _paths(git(root, *diff, "--", *paths) if len(paths) == 1 else git(root, *diff))
    if found:
        if "{path}" in message:
            message = message.replace("{path}", found[0] if len(found) == 1 else f"{len(found)} notes")
        moved = _moved(root, found)
        if moved:
            git(root, "rm", "-q", "--cached", *FROM_FILE, given=named(moved))
        git(root, "commit", "-q", "--no-verify", "-m", message)  # all that is staged: nobody else stages here
    return found


def changed(root: Path) -> list[str]:
    """Return the paths of files that are not, or not so, in the history; also what no note is."""
    return _paths(git(root, "ls-files", "--others", "--modified", "-z"))


def _moved(root: Path, paths: Sequence[str]) -> list[str]:
    """Return the files that are gone and whose bytes now lie at one of these paths."""
    lost = _paths(git(root, "ls-files", "--deleted", "-z"))
    if not lost:
        return []
    blobs = _blobs(git(root, "ls-files", "--stage", "-z"))
    there = {blobs[path] for path in paths if path in blobs}
    return [path for path in lost if blobs.get(path) in there]


def _blobs(listed: bytes) -> dict[str, str]:
    entries = (entry.partition("\t") for entry in _paths(listed))
    return {path: stage.split()[1] for stage, _, path in entries}


def _paths(listed: bytes) -> list[str]:
    return list(dict.fromkeys(path for path in listed.decode(errors="surrogateescape").split("\0") if path))


def versions(root: Path, path: str, most: int = 200, since: str = "") -> tuple[Commit, ...]:
    """Return the commits that changed this file, newest first, through renames; since: only those after this commit."""
    form = "--format=%x01%H%x00%ct%x00%s"
    log = (
        "log",
        f"--max-count={most}",
        "--follow",
        "--name-only",
        "-z",
        form,
        f"{since}..HEAD" if since else "HEAD",
        "--",
        path,
    )
    if not works(root, "rev-parse", "--verify", "-q", "HEAD"):
        return ()
    found = []
    for entry in git(root, *log).decode(errors="replace").split("\x01")[1:]:
        number, at, said, *names = (part.strip("\n") for part in entry.split("\0"))
        there = [name for name in names if name]
        found.append(Commit(number, int(at) * 1000, said, there[-1] if there else path))
    return tuple(found)


def only_changed(root: Path, since: str, until: str, path: str) -> bool:
    """Whether, from one commit to a later one, this file was changed or not, and neither came, moved nor went."""
    if not since or not works(root, "merge-base", "--is-ancestor", since, until):
        return False
    log = ("log", "--max-count=1", "--diff-filter=ADR", "--format=%H", f"{since}..{until}", "--", path)
    return not git(root, *log).strip()


def at(root: Path, commit_id: str, path: str) -> bytes:
    """Return the file as it was in this commit; NotFoundError where it was not there."""
    if not _COMMIT.fullmatch(commit_id) or not works(root, "cat-file", "-e", f"{commit_id}:{path}"):
        raise NotFoundError("there is no such version", "See the note's history for those that there are")
    return git(root, "cat-file", "blob", f"{commit_id}:{path}")


def diff(root: Path, before: tuple[str, str] | None, after: tuple[str, str]) -> str:
    """Return the lines that differ between two (commit id, path), as git writes them; None stands for no file."""
    new = at(root, *after).decode(errors="replace")
    if before is None:
        return "".join(f"+{line}\n" for line in new.splitlines())
    at(root, *before)
    ends = [f"{commit_id}:{path}" for commit_id, path in (before, after)]
    found = git(root, "diff", "--no-color", "--no-ext-diff", "--no-textconv", *ends).decode(errors="replace")
    return found[begin:] if (begin := found.find("@@")) >= 0 else ""


def head(root: Path) -> str:
    """Return the id of the newest commit, "" before the first."""
    return git(root, "rev-parse", "--verify", "-q", "HEAD", fine=(0, 1)).decode().strip()


def gone(root: Path) -> tuple[str, ...]:
    """Return the paths of notes that are in the history and no longer in the folder, by path."""
    return tuple(sorted(path for path in _paths(git(root, "ls-files", "--deleted", "-z")) if path.endswith(".md")))


def recover(root: Path) -> list[str]:
    """Mend what a killed process left: locks, torn files, a damaged index, a half exchanged history.

    Only for the holder of the node's lock. Returns what was mended, in short names."""
    place = folder_of(root)
    mended = _exchanged(place)
    for lock in sorted(place.rglob("*.lock")) if place.is_dir() else []:
        _let_end(lock)
        if lock.exists():
            lock.unlink()
            mended.append(lock.relative_to(place).as_posix())
    for folder, inside, names in os.walk(root):
        inside[:] = [name for name in inside if not name.startswith(".")]
        for name in names:
            if _TORN.fullmatch(name):
                Path(folder, name).unlink()
    if place.is_dir() and not works(root, "ls-files"):
        (place / "index").unlink(missing_ok=True)
        if works(root, "rev-parse", "--verify", "-q", "HEAD"):
            git(root, "read-tree", "HEAD")
        mended.append("index")
    return mended


def _let_end(lock: Path) -> None:
    """Give a git that outlived the killed node a moment to end by itself, where the lock is that fresh."""
    until = time.monotonic() + ORPHAN_S
    while lock.exists() and abs(time.time() - lock.stat().st_mtime) < 5 * ORPHAN_S and time.monotonic() < until:
        time.sleep(0.02)


def _exchanged(place: Path) -> list[str]:
    """Finish, or take back, the exchange of the history that a killed `forget` had begun."""
    fresh, old = place.with_name(place.name + FORGETTING), place.with_name(place.name + OLD)
    mended = []
    if not place.exists() and fresh.is_dir():  # it is only moved away once the new one is whole
        fresh.rename(place)
        mended.append("history")
    for rest in (fresh, old):
        if rest.exists() and place.exists():
            shutil.rmtree(rest)
            mended.append(rest.name)
    return mended


def check(root: Path) -> str:
    """Return what git finds wrong with the history; "" where it is whole, or so long that looking took too long."""
    try:
        git(root, "fsck", "--connectivity-only", "--no-progress")
    except TooSlowError:
        return ""
    except VaultError as fault:
        return fault.what
    return ""


def objects(root: Path) -> bytes:
    """Return everything that the history holds, reachable or not, as `git cat-file --batch` prints it; to look for what
    should be gone."""
    return git(root, "cat-file", "--batch-all-objects", "--batch", "--unordered")
