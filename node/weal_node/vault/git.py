"""git as a tool on a folder of ours: no hooks, no outside configuration, no filters of a foreign repository.

The history of a folder that the person opened (a link, see `opened`) lies beside the link, not in the folder: a repository that
may be there already is neither used nor changed, and what its configuration would run does not run.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from weal_node.errors import VaultError

TIMEOUT_S = 60.0
SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.fsync": "all",
    "core.fsyncMethod": "fsync",
    "core.symlinks": "false",
    "core.autocrlf": "false",
    "core.safecrlf": "false",
    "core.quotePath": "false",
    "core.attributesFile": "/dev/null",
    "gc.auto": "0",
    "commit.gpgSign": "false",
    "safe.directory": "*",
}


class TooSlowError(VaultError):
    """git took longer than it may; that says nothing about what it was asked."""


def folder_of(root: Path) -> Path:
    """Return where the history of this vault lies."""
    return root.with_name(root.name + ".git") if root.is_symlink() else root / ".git"


def git(root: Path, *arguments: str, given: bytes | None = None, fine: Sequence[int] = (0,)) -> bytes:
    """Run git on the vault and return what it printed; VaultError for a status that is not `fine`."""
    done = _run(root, arguments, given)
    if done.returncode not in fine:
        said = done.stderr.decode(errors="replace").strip()[:200]
        raise VaultError(f"git says: {said}", "The files are there; see `weal doctor` about the vault's history")
    return done.stdout


def works(root: Path, *arguments: str) -> bool:
    """Whether git does this without a fault."""
    return _run(root, arguments, None).returncode == 0


def named(paths: Sequence[str]) -> bytes:
    """Return paths as `--pathspec-from-file=- --pathspec-file-nul` reads them."""
    return b"".join(path.encode() + b"\0" for path in paths)


def environment(root: Path) -> dict[str, str]:
    """Return the whole environment in which git runs."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(root),
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        **{
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "weal"), ("EMAIL", "weal@localhost"))
        },
    }


def command(root: Path, arguments: Sequence[str]) -> list[str]:
    """Return the command line that runs git on this vault."""
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    return ["git", f"--git-dir={folder_of(root)}", f"--work-tree={root}", *settings, *arguments]


def _run(root: Path, arguments: Sequence[str], given: bytes | None) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            command(root, arguments),
            env=environment(root),
            cwd=root,
            input=given if given is not None else b"",
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError as fault:
        raise VaultError("git is not installed", "Install git: the vault's history needs it") from fault
    except subprocess.TimeoutExpired as fault:
        raise TooSlowError(
            f"git took longer than {TIMEOUT_S:.0f} s", "The files are there; their commit comes with the next"
        ) from fault
