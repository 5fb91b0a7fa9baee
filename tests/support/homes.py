"""A node's home with nothing in it yet: a database and a vault with its history."""

from pathlib import Path

from weal_node.store.database import Database
from weal_node.vault import history
from weal_node.vault.folder import Vault


def empty_vault(folder: Path) -> Vault:
    """A vault in this folder."""
    root = folder / "vault"
    root.mkdir()
    history.create(root)
    return Vault(root)


def empty_home(folder: Path) -> tuple[Database, Vault]:
    """Both in this folder; close the database."""
    return Database(folder / "node.db"), empty_vault(folder)
