"""Fresh databases as copies of one that went through every migration: going through them anew costs 40 ms of processor, twenty times a copy.

What a migration does is tested on files that are there already, and those are opened as ever.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

import weal_coordinator.store.database as of_coordinator
import weal_node.store.database as of_node
from weal_coordinator.store.migrations import MIGRATIONS as COORDINATORS
from weal_node.store.migrations import MIGRATIONS as NODES

SQLITE = "sqlite:///"


@contextlib.contextmanager
def ready_made(folder: Path) -> Iterator[None]:
    """Let a database that is not there yet begin as a copy; the two first ones, made the long way, lie in the folder."""
    node, coordinator = folder / "node.db", folder / "coordinator.db"
    of_node.Database(node).close()
    of_coordinator.Database(f"{SQLITE}{coordinator}").close()
    open_node, open_coordinator = of_node.Database.__init__, of_coordinator.Database.__init__

    def opened(self: of_node.Database, path: Path) -> None:
        if vars(of_node)["MIGRATIONS"] is NODES:  # a test that stops at an older schema gets that one
            _lay(node, path)
        open_node(self, path)

    def connected(self: of_coordinator.Database, url: str) -> None:
        if vars(of_coordinator)["MIGRATIONS"] is COORDINATORS and url.startswith(SQLITE):
            _lay(coordinator, Path(url.removeprefix(SQLITE)))
        open_coordinator(self, url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_node.Database, "__init__", opened)
        patch.setattr(of_coordinator.Database, "__init__", connected)
        yield


def _lay(template: Path, path: Path) -> None:
    """Copy the template to a path where nothing is; whole, whoever else comes at the same moment."""
    if path.exists() or not path.parent.is_dir():
        return
    with NamedTemporaryFile(dir=template.parent) as copy:
        shutil.copy(template, copy.name)
        with contextlib.suppress(OSError):  # there by now, or on another disk: then it is made the long way
            os.link(copy.name, path)
