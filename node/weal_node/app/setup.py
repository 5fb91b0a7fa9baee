"""Make a node where there is none: folders, keys, an empty vault under git, a database. No account, no network."""

import contextlib
import json
import shutil
from pathlib import Path

from weal_node import keys
from weal_node.config import Home, checked_name
from weal_node.errors import NodeError
from weal_node.store.database import Database
from weal_node.vault import history
from weal_node.vault.opening import folder_of_notes


def close_to_others(place: Home) -> None:
    """See that nobody else on this machine can look into the home: 0700, and 0600 for keys and tokens. What the file system does not
    let us change stays, and `weal doctor` says so."""
    secrets = [place.models, place.sessions, place.control, *(place.keys.glob("*") if place.keys.is_dir() else ())]
    for folder in (place.root, place.keys):
        _allow(folder, 0o700)
    for file in secrets:
        _allow(file, 0o600)


def _allow(there: Path, mode: int) -> None:
    with contextlib.suppress(FileNotFoundError, PermissionError, NotImplementedError):
        if there.stat().st_mode & 0o077:
            there.chmod(mode)


def set_up(place: Home, name: str, notes: Path | None = None) -> None:
    """Make the node in this home; the caller holds the lock. NodeError where there already is one.

    notes: a folder of Markdown, such as an Obsidian vault, that becomes the vault as it is: nothing in it is changed or moved, its
    history is kept beside it, and what its files do not say is private."""
    if place.keys.exists():
        raise NodeError(f"there is already a node in {place.root}", "Start it: weal up")
    name = checked_name(name)
    close_to_others(place)
    if notes is None:
        place.vault.mkdir(mode=0o700, exist_ok=True)
    else:
        there = folder_of_notes(notes, place.root)
        if place.vault.exists() or place.vault.is_symlink():
            raise NodeError(f"there already is a vault in {place.root}", "Choose another --home")
        place.vault.symlink_to(there, target_is_directory=True)
    history.create(place.vault)
    Database(place.database).close()
    if not place.settings.exists():
        place.settings.write_text(
            f"# Settings of this node; see `weal_node/config.py` for all.\nname = {json.dumps(name)}\n"
        )
    unfinished = place.keys.with_name("keys.part")
    shutil.rmtree(unfinished, ignore_errors=True)  # of a set-up that was cut short
    keys.create(unfinished)
    unfinished.replace(place.keys)  # last: a home with keys is a whole home
