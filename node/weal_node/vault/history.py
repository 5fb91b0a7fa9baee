"""The vault's history: every save is a commit, nothing that was in it is lost, and any version can come back."""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from weal_node.errors import NotFoundError, VaultError
from weal_node.vault.git import TooSlowError, check_installed, git, git_in, works
from weal_node.vault.repository import folder_of, make
from weal_node.vault.stream import Change, stream

# What place.py writes before it renames, now and in earlier releases; others' temporary files are not ours to take.
_TORN = re.compile(r"\.[0-9a-f]{8}\.weal\.tmp|\..+\.md\.[0-9a-f]{8}\.tmp")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
FORGETTING = ".forgetting"  # suffix of the folder in which a history is written anew (forget.py)
OLD = ".old"
ORPHAN_S = 0.5
IMPORT_S = 600.0  # for thousands of notes at once
_trees: dict[
    Path, tuple[str, Mapping[str, str]]
] = {}  # newest commit of each history, and what is in it: neither changes


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


def commit(root: Path, given: Mapping[str, bytes] | Sequence[str], message: str) -> list[str]:
    """Commit these files, with these bytes or as they now lie there; return the paths that were new or changed. {path} in the message
    names the first. VaultError where the history does not hold each of them, byte for byte, afterwards.

    A file that went away and came back elsewhere, byte for byte, has moved: its history goes on."""
    contents = given if isinstance(given, Mapping) else {path: (root / path).read_bytes() for path in given}
    before, held = head(root), tree(root)
    blobs = {path: blob_id(content) for path, content in contents.items()}
    found = sorted(path for path, blob in blobs.items() if held.get(path) != blob)
    if not found:
        return []
    if "{path}" in message:
        message = message.replace("{path}", found[0] if len(found) == 1 else f"{len(found)} notes")
    moved = _moved(root, {blobs[path] for path in found if path not in held}, held)
    _stage(root, {path: blobs[path] for path in found}, moved)
    change = Change(_branch(root), before, message, {path: contents[path] for path in found}, moved)
    batch = ("-c", "core.fsyncMethod=batch") if len(found) > 1 else ()  # one flush for all
    folder = folder_of(root)
    try:
        said = git_in(folder, *batch, "fast-import", "--quiet", "--done", given=stream(change), timeout_s=IMPORT_S)
    finally:
        for report in folder.glob("fast_import_crash_*"):  # it quotes what was handed over
            report.unlink()
    now = said.decode().strip()
    _verify(root, now, {path: blobs[path] for path in found})
    _remember(folder, now, {path: blob for path, blob in held.items() if path not in moved} | blobs)
    return found


def tree(root: Path) -> Mapping[str, str]:
    """Return the blob of each file in the newest commit, by path."""
    folder, newest = folder_of(root), head(root)
    known = _trees.get(folder)
    if known is not None and known[0] == newest:
        return known[1]
    if newest:
        listed = git_in(folder, "ls-tree", "-r", "-z", "--full-tree", newest)
        entries = (entry.partition("\t") for entry in _paths(listed))
        blobs = {path: said.split()[2] for said, _, path in entries if " blob " in said}
    else:
        blobs = {}
    return _remember(folder, newest, blobs)


def _remember(folder: Path, newest: str, blobs: dict[str, str]) -> Mapping[str, str]:
    _trees[folder] = newest, MappingProxyType(blobs)
    return _trees[folder][1]


def blob_id(content: bytes) -> str:
    """Return the id under which git keeps these bytes as they are."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _verify(root: Path, newest: str, blobs: Mapping[str, str]) -> None:
    """VaultError unless the newest commit is this one, and holds these blobs at these paths: git is asked, not believed."""
    names = "".join(f"HEAD:{path}\n" for path in blobs)
    form = "--batch-check=%(objectname) %(objecttype)"
    answers = git(root, "cat-file", form, given=f"HEAD\n{names}".encode(errors="surrogateescape")).split(b"\n")
    answered = dict(zip(blobs, answers[1:], strict=False))
    wrong = [path for path, blob in blobs.items() if answered.get(path) != f"{blob} blob".encode()]
    if wrong or not newest or answers[0] != f"{newest} commit".encode():
        named = ", ".join((wrong or list(blobs))[:3])
        raise VaultError(
            f"git did not keep {named} as it was written",
            "The file is there as you wrote it. See `weal doctor`, and whether another program changes the history",
        )


def _stage(root: Path, blobs: Mapping[str, str], moved: Sequence[str]) -> None:
    """Let the index say the same, for who looks at the history with git; nothing of ours reads it."""
    gone = [f"0 {'0' * 40}\t{path}\0" for path in moved]
    lines = "".join([*gone, *(f"100644 {blob}\t{path}\0" for path, blob in blobs.items())])
    stage = ("update-index", "-z", "--index-info")
    try:
        git(root, *stage, given=lines.encode(errors="surrogateescape"))
    except VaultError:
        if (folder_of(root) / "index.lock").exists():
            raise
        _index_anew(root)
        git(root, *stage, given=lines.encode(errors="surrogateescape"))


def _index_anew(root: Path) -> None:
    (folder_of(root) / "index").unlink(missing_ok=True)
    if head(root):
        git(root, "read-tree", "HEAD")


def _branch(root: Path) -> str:
    """Return the branch that HEAD stands on; where it stands on none, give its commit one, so that nothing is left behind."""
    branch = _ref(folder_of(root))
    if branch != "HEAD":
        return branch
    detached = head(root)
    branch = f"refs/heads/weal-{detached[:12]}"
    git(root, "update-ref", branch, detached)
    git(root, "symbolic-ref", "HEAD", branch)
    return branch


def _moved(root: Path, fresh: set[str], held: Mapping[str, str]) -> list[str]:
    """Return the files that are gone and whose bytes are about to be kept at a path that is new."""
    return [path for path, blob in held.items() if blob in fresh and not os.path.lexists(root / path)]


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
    found = git(root, "diff", "--text", "--no-color", "--no-ext-diff", "--no-textconv", *ends).decode(errors="replace")
    return found[begin:] if (begin := found.find("@@")) >= 0 else ""


def head(root: Path) -> str:
    """Return the id of the newest commit, "" before the first."""
    folder = folder_of(root)
    try:  # as gitrepository-layout(5) says; a process for it would cost more than all else that is looked up
        newest = (folder / _ref(folder)).read_text().strip()
    except OSError:
        newest = ""
    if _COMMIT.fullmatch(newest):
        return newest
    return git_in(folder, "rev-parse", "--verify", "-q", "HEAD", fine=(0, 1)).decode().strip()


def _ref(folder: Path) -> str:
    """Return the branch that HEAD stands on; "HEAD" where it stands on none."""
    said = (folder / "HEAD").read_text().strip()
    return said.removeprefix("ref: ") if said.startswith("ref: refs/heads/") else "HEAD"


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
        inside[:] = [name for name in inside if not name.startswith(".")]
        for name in names:
            if _TORN.fullmatch(name):
                Path(folder, name).unlink()
    if place.is_dir() and not works(root, "ls-files"):
        _index_anew(root)
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
