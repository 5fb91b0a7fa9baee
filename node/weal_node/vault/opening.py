"""Opening: a folder of notes that is there already becomes the vault, in place. Nothing in it is changed or moved."""

import json
import os
import shutil
from pathlib import Path

from weal_node.errors import NodeError
from weal_node.vault import history
from weal_node.vault.folder import Vault
from weal_node.vault.place import visible

MOST_KNOWN = 5  # vaults of other editors that are named to the person
MAX_LIST_BYTES = 1 << 20  # of the list of them


def folder_of_notes(given: Path, home: Path) -> Path:
    """Return the folder that may become the vault of this home, with all links followed; NodeError says why it cannot."""
    try:
        there = given.expanduser().resolve()
    except RuntimeError as fault:
        raise NodeError(f"{given} is no folder: there is nobody of that name here", "Write the whole path") from fault
    if not there.is_dir():
        raise NodeError(f"{given} is not a folder", "Name the folder in which your notes lie")
    if there in (home, *home.parents) or there.is_relative_to(home):
        raise NodeError(f"{given} and the node's own folder lie in each other", "Choose another folder")
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        raise NodeError(f"{given} cannot be read and written", "Is it yours?")
    return there


def open_in_place(vault: Vault, home: Path, given: Path) -> None:
    """Let this folder be the vault from now on, in place of an empty one; NodeError where the vault has notes, or ever had."""
    there = folder_of_notes(given, home)
    with vault.writing:
        if (
            vault.root.is_symlink()
            or any(visible(place.name for place in vault.root.iterdir()))
            or history.head(vault.root)
        ):
            raise NodeError("this vault has notes already", "Import the folder instead: its notes are copied")
        empty = vault.root.with_name(f"{vault.root.name}.empty")
        shutil.rmtree(empty, ignore_errors=True)  # of an opening that was cut short
        vault.root.rename(empty)
        vault.root.symlink_to(there, target_is_directory=True)
        history.create(vault.root)
        shutil.rmtree(empty, ignore_errors=True)
        vault.changes += 1


def known_vaults() -> list[Path]:
    """Return folders of notes that Obsidian on this computer has opened and that are still there; none where it is not installed."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = (config / "obsidian/obsidian.json", Path.home() / "Library/Application Support/obsidian/obsidian.json")
    found: list[Path] = []
    for place in places:
        try:
            with place.open("rb") as file:
                listed = json.loads(file.read(MAX_LIST_BYTES))["vaults"].values()
            found += [Path(entry["path"]) for entry in listed if Path(entry["path"]).is_dir()]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # it is another program's file, and may be of any form
    return found[:MOST_KNOWN]
