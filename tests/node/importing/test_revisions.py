"""A note's past is what git says, however much of it was known before."""

from weal_node.importing import revisions
from weal_node.records import Note, Visibility
from weal_node.store.database import Database
from weal_node.vault import history
from weal_node.vault.folder import Vault


def write(vault: Vault, path: str, body: str) -> None:
    (vault.root / path).write_text(body)
    vault.commit_outside([path])


async def test_what_was_known_and_what_came_since_are_one_past(node: tuple[Database, Vault]) -> None:
    database, vault = node
    for body in ("one", "two"):
        write(vault, "a.md", body)
        assert await revisions.versions(database, vault, "a.md") == history.versions(vault.root, "a.md")
    write(vault, "b.md", "another")
    write(vault, "a.md", "three")
    assert len(await revisions.versions(database, vault, "a.md")) == 3
    assert await revisions.versions(database, vault, "a.md") == history.versions(vault.root, "a.md")


async def test_a_file_that_moved_into_anothers_place_brings_its_own_past(node: tuple[Database, Vault]) -> None:
    database, vault = node
    write(vault, "a.md", "the first file, long enough to be told from others\n" * 5)
    write(vault, "b.md", "the second file, with a past of its own, as it should be\n" * 5)
    await revisions.versions(database, vault, "a.md")
    (vault.root / "a.md").unlink()
    (vault.root / "b.md").rename(vault.root / "c.md")
    vault.commit_outside(["c.md"])
    (vault.root / "c.md").rename(vault.root / "a.md")
    vault.commit_outside(["a.md"])
    assert await revisions.versions(database, vault, "a.md") == history.versions(vault.root, "a.md")


async def test_a_history_written_anew_is_read_anew(node: tuple[Database, Vault]) -> None:
    database, vault = node
    saved = vault.save(Note("", "", "Kept", "one\n", Visibility.PRIVATE))
    gone = vault.save(Note("", "", "Gone", "secret\n", Visibility.PRIVATE))
    before = await revisions.versions(database, vault, saved.path)
    vault.forget([gone.path])
    after = await revisions.versions(database, vault, saved.path)
    assert after == history.versions(vault.root, saved.path)
    assert len(after) == len(before) == 1
