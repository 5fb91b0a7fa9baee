"""git as a tool on a history of ours: the only place that runs it, with a configuration and attributes of our own alone.

It never sees the vault's folder. What is to be kept is handed to it as bytes, so that attributes, filters, ignored names, nested
repositories, sparse checkouts and line ends of a vault have nothing to act upon; and what it says is looked up again.
"""

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from weal_node.errors import VaultError
from weal_node.vault.repository import folder_of, tidy

TIMEOUT_S = 60.0
OLDEST = (2, 25)  # Ubuntu 20.04's; what we ask of git is older, but for `bundle create -q`. Tried with 2.39.
INSTALL = "Install git 2.25 or newer: the vault's history needs it. Your files are as they are"
SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.fsync": "all",
    "core.fsyncMethod": "fsync",
    "core.symlinks": "false",
    "core.autocrlf": "false",
    "core.safecrlf": "false",
    "core.ignoreCase": "false",
    "core.protectNTFS": "false",  # names are guarded by place.py; git would refuse some that are fine on this disk
    "core.protectHFS": "false",
    "core.sparseCheckout": "false",
    "core.splitIndex": "false",
    "core.logAllRefUpdates": "false",  # a log of its own would keep what was forgotten
    "core.quotePath": "false",
    "core.attributesFile": "/dev/null",
    "core.excludesFile": "/dev/null",
    "gc.auto": "0",
    "commit.gpgSign": "false",
    "log.showSignature": "false",
    "protocol.allow": "never",
    "safe.directory": "*",
}
_VERSION = re.compile(rb"git version (\d+)\.(\d+)")


class TooSlowError(VaultError):
    """git took longer than it may; that says nothing about what it was asked."""


def check_installed() -> str:
    """Return git's version, such as "2.39"; VaultError where there is none, or it is too old. A program is asked once."""
    program = shutil.which("git", path=environment()["PATH"])
    if program is None:
        raise VaultError("git is not installed", INSTALL)
    return _version(program, Path(program).stat().st_mtime_ns)


@functools.lru_cache
def _version(program: str, _changed_ns: int) -> str:
    answer = _spawn([program, "version"], Path("/"), b"").stdout
    version_text = _VERSION.match(answer)
    if version_text is None:
        raise VaultError(f"git does not say its version, but {answer[:80].decode(errors='replace')!r}", INSTALL)
    version = int(version_text[1]), int(version_text[2])
    name = f"{version[0]}.{version[1]}"
    if version < OLDEST:
        raise VaultError(f"git {name} is too old", INSTALL)
    return name


def git(root: Path, *arguments: str, given: bytes | None = None, fine: Sequence[int] = (0,)) -> bytes:
    """Run git on the vault's history and return what it printed; VaultError for a status that is not `fine`."""
    return git_in(folder_of(root), *arguments, given=given, fine=fine)


def git_in(
    folder: Path,
    *arguments: str,
    given: bytes | None = None,
    fine: Sequence[int] = (0,),
    timeout_s: float = TIMEOUT_S,
) -> bytes:
    """Do the same on a history by its own folder."""
    if not folder.is_dir():
        raise VaultError("there is no history of this vault yet", "Start the node, which begins one: weal up")
    process = _run(folder, arguments, given, timeout_s)
    if process.returncode not in fine:
        raise VaultError(f"git says: {_said(process.stderr)}", _next_step(process.stderr))
    return process.stdout


def works(root: Path, *arguments: str) -> bool:
    """Whether git does this without a fault."""
    folder = folder_of(root)
    return folder.is_dir() and _run(folder, arguments, None, TIMEOUT_S).returncode == 0


def environment() -> dict[str, str]:
    """Return the whole environment in which git runs."""
    return {
        "PATH": os.pathsep.join(folder for folder in os.get_exec_path() if folder.startswith("/")),
        "HOME": "/dev/null",  # no file can lie in it
        "XDG_CONFIG_HOME": "/dev/null",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_PAGER": "cat",
        "GIT_EDITOR": "false",
        "GIT_SSH_COMMAND": "false",
        "GIT_ASKPASS": "false",
    }


def command(folder: Path, arguments: Sequence[str]) -> list[str]:
    """Return the command line that runs git on this history."""
    settings: list[str] = []
    for name, value in SETTINGS.items():
        settings += ["-c", f"{name}={value}"]
    return ["git", f"--git-dir={folder}", *settings, *arguments]


def _run(
    folder: Path, arguments: Sequence[str], given: bytes | None, timeout_s: float
) -> "subprocess.CompletedProcess[bytes]":
    tidy(folder)
    return _spawn(command(folder, arguments), folder, given if given is not None else b"", timeout_s)


def _spawn(
    line: Sequence[str], folder: Path, given: bytes, timeout_s: float = TIMEOUT_S
) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            line,
            env=environment(),
            cwd=folder,
            input=given,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except (FileNotFoundError, PermissionError, NotADirectoryError) as fault:
        raise VaultError("git is not installed", INSTALL) from fault
    except subprocess.TimeoutExpired as fault:
        raise TooSlowError(
            f"git took longer than {timeout_s:.0f} s", "The files are there; their commit comes with the next"
        ) from fault
    except OSError as fault:
        raise VaultError(
            f"git could not be started: {fault.strerror}", "The files are there; see `weal doctor`"
        ) from fault


def _said(stderr: bytes) -> str:
    return stderr.decode(errors="replace").strip()[:200]


def _next_step(stderr: bytes) -> str:
    message = stderr.lower()
    if b"no space left" in message or b"quota exceeded" in message or b"file too large" in message:
        return "The disk is full: free some room and save again. What was in the history is in it still"
    if b"unknown option" in message or b"usage: git" in message or b"is not a git command" in message:
        return INSTALL
    if b".lock'" in message:
        return "Another git is at work there, or was killed: `weal up` mends that at its start. The files are there"
    return "The files are there; see `weal doctor` about the vault's history"
