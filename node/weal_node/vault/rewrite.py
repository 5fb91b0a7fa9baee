"""Take a note out of the whole history: the history is written anew without it, checked, and exchanged for the old one.

A kill at any moment leaves the old history or the new one; `history.recover` finishes the exchange. The new history has other commit
ids. What stays out of reach is what the disk keeps of deleted files; only an encrypted disk helps against that.
"""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from weal_node.errors import VaultError
from weal_node.vault import git as tool
from weal_node.vault.git import git, git_in, works
from weal_node.vault.history import FORGETTING, OLD
from weal_node.vault.place import sync
from weal_node.vault.repository import folder_of, make, tidy

TIMEOUT_S = 600.0


def without(root: Path, paths: Sequence[str]) -> None:
    """Write the history anew without these files; the caller keeps everyone from writing meanwhile."""
    place = folder_of(root)
    fresh, old = place.with_name(place.name + FORGETTING), place.with_name(place.name + OLD)
    shutil.rmtree(fresh, ignore_errors=True)
    branch = git(root, "symbolic-ref", "HEAD").decode().strip()
    if works(root, "rev-parse", "--verify", "-q", "HEAD"):
        _copy(root, fresh, paths)
        git_in(fresh, "symbolic-ref", "HEAD", branch)
        git_in(fresh, "fsck", "--connectivity-only", "--no-progress", timeout_s=TIMEOUT_S)
        sync(fresh)
        place.rename(old)
        fresh.rename(place)
        sync(place.parent)
        shutil.rmtree(old)
        if works(root, "rev-parse", "--verify", "-q", "HEAD"):
            git(root, "read-tree", "HEAD")


def blobs(root: Path, paths: Sequence[str]) -> dict[str, bytes]:
    """Return every content that these files ever had in the history, by its id there."""
    if not paths or not works(root, "rev-parse", "--verify", "-q", "HEAD"):
        return {}
    listed = git(root, "log", "--all", "--no-renames", "--format=", "--raw", "--no-abbrev", "-z", "--", *paths).decode(
        errors="replace"
    )
    ids: set[str] = set()
    for change in listed.split("\0"):
        if change.startswith(":"):
            ids.add(change.split()[3])
    return {blob: git(root, "cat-file", "blob", blob) for blob in sorted(ids - {"0" * 40})}


def holds(root: Path, blob_ids: Sequence[str]) -> tuple[str, ...]:
    """Return those of these contents that the history still has, reachable or not."""
    return tuple(blob for blob in blob_ids if works(root, "cat-file", "-e", blob))


def objects(root: Path) -> Iterator[bytes]:
    """Yield the content of every file's version, and every commit with its message, that the history holds, reachable or not."""
    place = folder_of(root)
    tidy(place)
    command = tool.command(place, ["cat-file", "--batch-all-objects", "--batch", "--buffer"])
    with subprocess.Popen(command, env=tool.environment(), cwd=place, stdout=subprocess.PIPE) as reading:
        out = reading.stdout
        while out is not None and (head := out.readline()):
            _, kind, size = head.split()
            content = out.read(int(size) + 1)[:-1]
            if kind in (b"blob", b"commit"):
                yield content
    if reading.returncode:
        raise VaultError("the history could not be read back", "See `weal doctor`")


def _copy(root: Path, fresh: Path, paths: Sequence[str]) -> None:
    """Pipe everything but these files through fast-export and fast-import."""
    make(fresh)
    place = folder_of(root)
    tidy(place)
    surroundings = {**tool.environment(), "GIT_LITERAL_PATHSPECS": "0"}
    leave_out = list(map(":(top,exclude,literal){}".format, paths))
    export = tool.command(place, ["fast-export", "--all", "--", ":(top)", *leave_out])
    take = tool.command(fresh, ["fast-import", "--quiet", "--force"])
    with subprocess.Popen(
        export, env=surroundings, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as giving:
        importing = subprocess.run(
            take, env=surroundings, cwd=fresh, stdin=giving.stdout, capture_output=True, timeout=TIMEOUT_S, check=False
        )
        errors = giving.stderr.read() if giving.stderr else b""
    if giving.returncode or importing.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        text = (errors + importing.stderr).decode(errors="replace").strip()[:200]
        raise VaultError(f"the history could not be written anew: {text}", "Nothing was changed in it")
