"""The vault's history: every save is a commit, nothing that was in it is lost, and any version can come back."""

import contextlib
import os
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from weal_node.errors import NotFoundError, VaultError
from weal_node.vault.commits import COMMIT, commit, head, index_anew, tree
from weal_node.vault.git import TooSlowError, check_installed, git, works
from weal_node.vault.place import visible
from weal_node.vault.repository import folder_of, make

__all__ = [
    "Commit",
    "at",
    "check",
    "check_ready",
    "commit",
    "create",
    "diff",
    "gone",
    "head",
    "objects",
    "only_changed",
    "recover",
    "tree",
    "versions",
]

# What place.py writes before it renames, now and in earlier releases; others' temporary files are not ours to take.
_TORN = re.compile(r"\.[0-9a-f]{8}\.weal\.tmp|\..+\.md\.[0-9a-f]{8}\.tmp")
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


def check_ready(root: Path) -> None:
    """VaultError where a commit could not even begin: without a git that will do, or where there is no history."""
    check_installed()
    head(root)


def create(root: Path) -> None:
    """See that there is a history of this folder, and a git that can keep it; VaultError where git is missing or too old."""
    check_installed()
    make(folder_of(root))


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
    commits = []
    for entry in git(root, *log).decode(errors="replace").split("\x01")[1:]:
        number, at, message, *names = (part.strip("\n") for part in entry.split("\0"))
        present = list(filter(None, names))
        commits.append(Commit(number, int(at) * 1000, message, present[-1] if present else path))
    return tuple(commits)


def only_changed(root: Path, since: str, until: str, path: str) -> bool:
    """Whether, from one commit to a later one, this file was changed or not, and neither came, moved nor went."""
    if not since or not works(root, "merge-base", "--is-ancestor", since, until):
        return False
    log = ("log", "--max-count=1", "--diff-filter=ADR", "--format=%H", f"{since}..{until}", "--", path)
    return not git(root, *log).strip()


def at(root: Path, commit_id: str, path: str) -> bytes:
    """Return the file as it was in this commit; NotFoundError where it was not there."""
    if not COMMIT.fullmatch(commit_id) or not works(root, "cat-file", "-e", f"{commit_id}:{path}"):
        raise NotFoundError("there is no such version", "See the note's history for those that there are")
    return git(root, "cat-file", "blob", f"{commit_id}:{path}")


def diff(root: Path, before: tuple[str, str] | None, after: tuple[str, str]) -> str:
    """Return the lines that differ between two (commit id, path), as git writes them; None stands for no file."""
    new = at(root, *after).decode(errors="replace")
    if before is None:
        return "".join(map("+{}\n".format, new.splitlines()))
    at(root, *before)
    ends = list(map(":".join, (before, after)))
    difference = git(root, "diff", "--text", "--no-color", "--no-ext-diff", "--no-textconv", *ends).decode(
        errors="replace"
    )
    return difference[begin:] if (begin := difference.find("@@")) >= 0 else ""


def gone(root: Path) -> tuple[str, ...]:
    """Return the paths of notes that are in the history and no longer in the folder, by path."""
    return tuple(sorted(path for path in tree(root) if path.endswith(".md") and not os.path.lexists(root / path)))


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
        inside[:] = visible(inside)
        for name in names:
            if _TORN.fullmatch(name):
                Path(folder, name).unlink()
    if place.is_dir():
        if not works(root, "ls-files"):
            mended.append("index")
        with contextlib.suppress(VaultError):  # it is for people only
            index_anew(root)  # a kill may have left it behind the newest commit
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
    for leftover in (fresh, old):
        if leftover.exists() and place.exists():
            shutil.rmtree(leftover)
            mended.append(leftover.name)
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
