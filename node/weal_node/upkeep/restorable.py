"""Which parts of a backup a restore takes, by their names, and that its database holds tables alone.

A name that is not taken is no fault: backups of earlier versions hold git's configuration and hooks, and they still come back.
"""

import contextlib
import os
import re
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from weal_node.errors import NodeError
from weal_node.store.migrations import MIGRATIONS
from weal_node.vault.repository import MARK

MAX_NAME = 255  # bytes of a part, as file systems have it
# What a running node makes anew, or holds only while it runs: a session or a token in it would let its author in.
_OF_ONE_RUN = {
    "lock",
    "running.json",
    "control",
    "sessions.json",
    "page-name",
    "node.db-wal",
    "node.db-shm",
    "node.db-journal",
}
_WRITTEN_ANEW = {"vault/.git/config", f"vault/.git/{MARK}"}
_STEERING = (
    "config",
    "config.worktree",
    "commondir",
    "gitdir",
    "objects/info/alternates",
    "objects/info/http-alternates",
)
_OBJECT = re.compile(r"objects/(?:[0-9a-f]{2}/[0-9a-f]{38,62}|pack/pack-[0-9a-f]{40,64}\.[a-z]+)")
_REF = re.compile(r"HEAD|index|packed-refs|refs/(?:heads|tags)/[^\x00-\x20~^:?*\[\\]+")


def is_plain(name: str) -> bool:
    """Whether a name leads to one place within the home, on any system, and can be written in one way only."""
    path = PurePosixPath(name)
    parts = path.parts
    return (
        bool(parts)
        and path.as_posix() == name
        and not name.startswith("/")
        and ".." not in parts
        and "\\" not in name
        and "\0" not in name
        and max(len(part.encode(errors="surrogateescape")) for part in parts) <= MAX_NAME
    )


def is_taken(name: str) -> bool:
    """Whether a restore writes this file. Of a repository, in the vault or in a folder of it, objects and references alone."""
    if name in _OF_ONE_RUN or name.startswith("federation/"):  # of a round under way: it was answered, or is over
        return False
    parts = name.split("/")
    are_git = list(map(_is_git, parts))
    if True not in are_git:
        return True
    at = are_git.index(True)
    inside = "/".join(parts[at + 1 :])
    return at > 0 and parts[at] == ".git" and bool(_OBJECT.fullmatch(inside) or _is_ref(inside))


def is_kept(name: str) -> bool:
    """Whether a home has this file after a restore: taken, or written anew, as it is in each."""
    return is_taken(name) or name in _WRITTEN_ANEW


def check_database(place: Path) -> None:
    """NodeError where a database acts by itself otherwise than ours: its triggers, views and virtual tables are those of the
    schema, no more (they would be its author's commands) and no fewer (the ledgers' keep what was entered)."""
    if not place.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(f"file:{place}?mode=ro&immutable=1", uri=True)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            acting = _acting(connection)
    except sqlite3.Error as fault:
        raise NodeError("the backup's database cannot be read", "Nothing was restored; try an older one") from fault
    if version > len(MIGRATIONS):
        raise NodeError("the backup was written by a newer Weal", "Upgrade Weal")
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        for schema in MIGRATIONS[:version]:
            connection.executescript(schema)
        ours = _acting(connection)
    if acting != ours:
        name = min(acting ^ ours)[1]
        raise NodeError(
            f"the backup's database differs from ours in {name[:40]!a}, which acts by itself", "Nothing was restored"
        )


def _acting(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view') OR sql LIKE 'CREATE VIRTUAL%'"
    )
    return {(str(kind), str(name), " ".join(str(sql).split())) for kind, name, sql in rows}


def disarm(root: Path) -> None:
    """Take configuration, hooks and attributes out of whatever folder git would take for a repository without a folder of files:
    such a one may have any name."""
    for folder, inside, names in os.walk(root):
        if "HEAD" in names and {"objects", "refs"} <= set(inside):
            for name in _STEERING:
                Path(folder, name).unlink(missing_ok=True)
            for name in ("hooks", "info", "modules", "worktrees"):
                shutil.rmtree(Path(folder, name), ignore_errors=True)


def _is_git(part: str) -> bool:
    """Whether git, on some system, would take this for its folder: in any case, and under its short name on Windows."""
    plain = "".join(filter(str.isascii, part)).rstrip(". ").lower()
    return plain in {".git", "git~1"}


def _is_ref(inside: str) -> bool:
    return bool(_REF.fullmatch(inside)) and ".." not in inside and not inside.endswith((".lock", "/"))


def differing(listed: Mapping[str, object], there: Mapping[str, object]) -> list[str]:
    """Return the names, in order, of what is not there as a manifest lists it, or is not listed."""
    return sorted(name for name in {*listed, *there} if listed.get(name) != there.get(name))
