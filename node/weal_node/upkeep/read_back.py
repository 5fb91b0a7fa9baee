"""Before a restore, whether there is a backup and room for it; after it, whether the home holds what the backup did."""

import hashlib
from pathlib import Path

from weal_node.config import Home
from weal_node.errors import NodeError
from weal_node.upkeep.backup import BackupContents

AGE = (b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----")
# Of the history only what holds its contents: how git is set up is this machine's, and written anew here.
HISTORY, CONTENTS = "vault/.git/", ("objects/", "refs/", "packed-refs", "HEAD")


def look_first(source: Path, place: Home | None) -> None:
    """Refuse, before anybody is asked for a passphrase, what cannot be a backup, and a home that is taken. place: None for a dry run."""
    try:
        with source.open("rb") as file:
            begin = file.read(64)
    except OSError as fault:
        hint = "Name the file that `weal backup` wrote"
        raise NodeError(f"{source} cannot be read: {fault.strerror}", hint) from fault
    if not begin.startswith(AGE):
        raise NodeError(f"{source} is no backup: it is not an age file", "Name the file that `weal backup` wrote")
    if place is not None and place.root.exists() and any(place.root.iterdir()):
        notes = len(list(place.vault.rglob("*.md")))
        what_is_there = (
            f"a node with {notes} note{'' if notes == 1 else 's'} is" if place.keys.is_dir() else "there is something"
        )
        raise NodeError(f"{what_is_there} in {place.root} already", "Choose another --home, or move that away")


def differing(place: Home, kept: BackupContents) -> list[str]:
    """Return the names of files that are not in the home as they were in the backup, by their bytes on the disk."""
    names = []
    for name, sha256 in sorted(kept.sha256.items()):
        if name in kept.left:
            continue
        if name.startswith(HISTORY) and not name.removeprefix(HISTORY).startswith(CONTENTS):
            continue
        file = place.root / name
        try:
            with file.open("rb") as content:
                same = hashlib.file_digest(content, "sha256").hexdigest() == sha256
        except OSError:
            same = False
        if not same:
            names.append(name)
    return names
