"""Make a node where there is none: folders, keys, an empty vault under git, a database. No account, no network."""

import json
import shutil

from weal_node import keys
from weal_node.config import Home
from weal_node.errors import NodeError
from weal_node.store.database import Database
from weal_node.vault import history

MAX_NAME_BYTES = 80


def set_up(place: Home, name: str) -> None:
    """Make the node in this home; the caller holds the lock. NodeError where there already is one."""
    if place.keys.exists():
        raise NodeError(f"there is already a node in {place.root}", "Start it: weal up")
    name = " ".join(name.split())
    if not name or len(name.encode()) > MAX_NAME_BYTES:
        raise NodeError(f"a name has 1 to {MAX_NAME_BYTES} bytes", "Choose another with --name")
    place.vault.mkdir(mode=0o700, exist_ok=True)
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
