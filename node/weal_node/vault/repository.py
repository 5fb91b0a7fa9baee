"""Where a vault's history lies, and that nothing but our own configuration is in force there.

The history of a real folder lies in its `.git`, where that is ours. A folder that the person opened (a link), one that has a repository
of somebody else's, or one that is a worktree or a submodule of another, keeps what it has: ours lies beside it, as `vault.git`.
What git would read there beside objects and references is written anew, or taken away, before every run: a repository that came
with a copied home or over a synchronised folder brings no commands of its author's.
"""

import os
import re
import secrets
from pathlib import Path

MARK = "weal"  # stands in a history of ours
CONFIG = b"""[core]
\trepositoryformatversion = 0
\tbare = false
\tfilemode = false
\thooksPath = /dev/null
\tattributesFile = /dev/null
\tfsmonitor = false
\tautocrlf = false
\tsymlinks = false
[gc]
\tauto = 0
"""
# What else than objects, references and the index git reads in such a folder, and could lead elsewhere or change bytes.
_FOREIGN = (
    "config.worktree",
    "commondir",
    "gitdir",
    "shallow",
    "info/attributes",
    "info/exclude",
    "info/grafts",
    "info/sparse-checkout",
    "objects/info/alternates",
    "objects/info/http-alternates",
)
_SECTION = re.compile(rb"^[^\S\n]*+\[\s*+([^\]\s\"]+)", re.MULTILINE)
TAIL = 2_048  # bytes of a reflog that are looked at: more than its last line


def folder_of(root: Path) -> Path:
    """Return where the history of this vault lies, or will."""
    inside, beside = root / ".git", root.with_name(root.name + ".git")
    if root.is_symlink():
        return beside
    if is_ours(inside):
        return inside
    return beside if beside.is_dir() or os.path.lexists(inside) else inside


def is_ours(folder: Path) -> bool:
    """Whether this is a history that a node made, now or before there were marks."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    if (folder / MARK).is_file():
        return True
    try:
        tail = _tail(folder / "logs/HEAD")
        if tail:  # who committed last
            return b" <weal@localhost> " in tail.rstrip(b"\n").rpartition(b"\n")[2]
        config = (folder / "config").read_bytes()
    except OSError:
        return False
    return set(map(bytes.lower, _SECTION.findall(config))) <= {b"core"}


def make(folder: Path) -> None:
    """Make an empty history there, unless there is one."""
    for inside in ("objects/info", "objects/pack", "refs/heads", "info", "hooks"):
        (folder / inside).mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / "HEAD").exists():
        _put(folder / "HEAD", b"ref: refs/heads/main\n")
    tidy(folder)


def tidy(folder: Path) -> None:
    """Let git find there what we wrote, and nothing else that would steer it. Cheap where nothing is to be done."""
    config = folder / "config"
    if config.is_symlink() or not config.is_file() or config.read_bytes() != CONFIG:
        _put(config, CONFIG)
    for name in _FOREIGN:
        if os.path.lexists(folder / name):
            (folder / name).unlink()
    if not (folder / MARK).exists():
        _put(folder / MARK, b"")


def _tail(log: Path) -> bytes:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            return file.read()
    except FileNotFoundError:
        return b""


def _put(place: Path, content: bytes) -> None:
    part = place.with_name(f".{secrets.token_hex(4)}.weal.tmp")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    part.replace(place)
