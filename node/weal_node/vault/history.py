"""The vault's history: every save is a git commit. Hooks and outside configuration play no part."""

import os
import re
import subprocess
from pathlib import Path

from weal_node.errors import VaultError

TIMEOUT_S = 30.0
LOCKS = ("index.lock", "HEAD.lock", "config.lock", "refs/heads/main.lock")
_TORN = re.compile(
    r"\..+\.md\.[0-9a-f]{8}\.tmp"
)  # what folder.py writes before it renames; others' are not ours to take
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsync": "all",
    "core.fsyncMethod": "fsync",
    "core.symlinks": "false",
    "gc.auto": "0",
    "commit.gpgSign": "false",
}


def create(root: Path) -> None:
    """Make the folder a repository, unless it is one."""
    if not (root / ".git").exists():
        _git(root, "init", "-q", "-b", "main")


def commit(root: Path, path: str, message: str) -> None:
    """Commit one file; nothing to commit is fine."""
    _git(root, "add", "--force", "--", path)  # a note is kept whatever .gitignore says
    if _git(root, "status", "--porcelain", "--", path):
        _git(root, "commit", "-q", "-m", message, "--", path)


def recover(root: Path) -> list[str]:
    """Remove lock files that a killed process left; only for the holder of the node's lock. Return their names."""
    removed = []
    for name in LOCKS:
        lock = root / ".git" / name
        if lock.exists():
            lock.unlink()
            removed.append(name)
    for folder, inside, names in os.walk(root):
        inside[:] = [name for name in inside if not name.startswith(".")]
        for name in names:
            if _TORN.fullmatch(name):
                Path(folder, name).unlink()
    return removed


def _git(root: Path, *arguments: str) -> str:
    settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(root),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        **{
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "weal"), ("EMAIL", "weal@localhost"))
        },
    }
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *settings, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError as fault:
        raise VaultError("git is not installed", "Install git: the vault's history needs it") from fault
    except subprocess.TimeoutExpired as fault:
        raise VaultError(
            f"git took longer than {TIMEOUT_S:.0f} s", "The note is saved; its commit comes with the next"
        ) from fault
    if done.returncode:
        raise VaultError(f"git says: {done.stderr.strip()[:200]}", "The note is saved; mend the vault's repository")
    return done.stdout
