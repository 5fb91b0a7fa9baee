"""The newest commit of a vault's history: what is in it by hash, and how another one follows.

What is kept is handed to git as bytes, and what it kept is looked up again (decision 0026).
"""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from itertools import starmap
from pathlib import Path
from types import MappingProxyType

from weal_node.errors import VaultError
from weal_node.vault.git import git, git_in
from weal_node.vault.repository import folder_of
from weal_node.vault.stream import CommitChange, stream

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
IMPORT_S = 600.0  # for thousands of notes at once
_trees: dict[
    Path, tuple[str, Mapping[str, str]]
] = {}  # newest commit of each history, and what is in it: neither changes


def commit(root: Path, files: Mapping[str, bytes] | Sequence[str], message: str) -> list[str]:
    """Commit these files, with these bytes or as they now lie there; return the paths that were new or changed. {path} in the message
    names the first. VaultError where the history does not hold each of them, byte for byte, afterwards.

    A file that went away and came back elsewhere, byte for byte, has moved: its history goes on."""
    contents = files if isinstance(files, Mapping) else {path: (root / path).read_bytes() for path in files}
    before, former = head(root), tree(root)
    blobs = {path: blob_id(content) for path, content in contents.items()}
    fresh = {path: blob for path, blob in sorted(blobs.items()) if former.get(path) != blob}
    changed = list(fresh)
    if not changed:
        return []
    if "{path}" in message:
        message = message.replace("{path}", changed[0] if len(changed) == 1 else f"{len(changed)} notes")
    moved = _moved(root, {fresh[path] for path in changed if path not in former}, former)
    change = CommitChange(_branch(root), before, message, {path: contents[path] for path in changed}, moved)
    batch = ("-c", "core.fsyncMethod=batch") if len(changed) > 1 else ()  # one flush for all
    folder = folder_of(root)
    try:
        answer = git_in(folder, *batch, "fast-import", "--quiet", "--done", given=stream(change), timeout_s=IMPORT_S)
    finally:
        for report in folder.glob("fast_import_crash_*"):  # it quotes what was handed over
            report.unlink()
    newest = answer.decode().strip()
    _verify(root, newest, fresh)
    remembered = dict(former)
    for path in moved:
        remembered.pop(path)
    _remember(folder, newest, remembered | blobs)
    stage(root, fresh, moved)  # last: killed before it, only the index is behind
    return changed


def tree(root: Path) -> Mapping[str, str]:
    """Return the blob of each file in the newest commit, by path."""
    folder, newest = folder_of(root), head(root)
    remembered = _trees.get(folder)
    if remembered is not None and remembered[0] == newest:
        return remembered[1]
    if newest:
        listed = git_in(folder, "ls-tree", "-r", "-z", "--full-tree", newest)
        blobs: dict[str, str] = {}
        for entry in paths_in(listed):
            about, _, path = entry.partition("\t")
            if " blob " in about:
                blobs[path] = about.split()[2]
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
    names = "".join(map("HEAD:{}\n".format, blobs))
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


def stage(root: Path, blobs: Mapping[str, str], moved: Sequence[str]) -> None:
    """Let the index say the same, for who looks at the history with git; nothing of ours reads it."""
    lines = "".join(map(_removal, moved)) + "".join(starmap(_addition, blobs.items()))
    stage = ("update-index", "-z", "--index-info")
    try:
        git(root, *stage, given=lines.encode(errors="surrogateescape"))
    except VaultError:
        if (folder_of(root) / "index.lock").exists():
            raise
        index_anew(root)
        git(root, *stage, given=lines.encode(errors="surrogateescape"))


def _removal(path: str) -> str:
    return f"0 {'0' * 40}\t{path}\0"


def _addition(path: str, blob: str) -> str:
    return f"100644 {blob}\t{path}\0"


def index_anew(root: Path) -> None:
    """Write the index as the newest commit is."""
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


def _moved(root: Path, fresh: set[str], former: Mapping[str, str]) -> list[str]:
    """Return the files that are gone and whose bytes are about to be kept at a path that is new."""
    return [path for path, blob in former.items() if blob in fresh and not os.path.lexists(root / path)]


def paths_in(listed: bytes) -> list[str]:
    """Return what git lists with -z, each once."""
    return list(dict.fromkeys(filter(None, listed.decode(errors="surrogateescape").split("\0"))))


def head(root: Path) -> str:
    """Return the id of the newest commit, "" before the first."""
    folder = folder_of(root)
    try:  # as gitrepository-layout(5) says; a process for it would cost more than all else that is looked up
        newest = (folder / _ref(folder)).read_text().strip()
    except OSError:
        newest = ""
    if COMMIT.fullmatch(newest):
        return newest
    return git_in(folder, "rev-parse", "--verify", "-q", "HEAD", fine=(0, 1)).decode().strip()


def _ref(folder: Path) -> str:
    """Return the branch that HEAD stands on; "HEAD" where it stands on none."""
    reference = (folder / "HEAD").read_text().strip()
    return reference.removeprefix("ref: ") if reference.startswith("ref: refs/heads/") else "HEAD"
