"""A node's home with nothing in it yet: a database and a vault with its history."""

from pathlib import Path

from weal_node.store.database import Database
from weal_node.vault import history
from weal_node.vault.folder import Vault

FORMER_ENCODER = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def empty_vault(folder: Path) -> Vault:
    """A vault in this folder."""
    root = folder / "vault"
    root.mkdir()
    history.create(root)
    return Vault(root)


def empty_home(folder: Path) -> tuple[Database, Vault]:
    """Both in this folder; close the database."""
    return Database(folder / "node.db"), empty_vault(folder)


async def read_by_another_encoder(database: Database) -> None:
    """Let every embedding here be one of all-MiniLM-L6-v2's: as in a home that was made before the encoder changed."""
    of_then = bytes(4 * 384)
    await database.write(
        lambda connection: connection.execute(
            "UPDATE embeddings SET encoder = ?, vector = ?", (FORMER_ENCODER, of_then)
        )
    )
