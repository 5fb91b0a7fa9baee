"""A folder that is there becomes the vault in place, as long as nothing would be lost by it."""

import json
from pathlib import Path

import pytest

from support.homes import empty_vault
from weal_node.errors import NodeError
from weal_node.records import Note, Visibility
from weal_node.vault import history, opening


@pytest.fixture
def kitchen(tmp_path: Path) -> Path:
    folder = tmp_path / "Kitchen"
    folder.mkdir()
    (folder / "Bread.md").write_text("72 is enough.\n")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = tmp_path / "home"
    place.mkdir()
    return place


def test_a_folder_is_opened_where_it_is_and_nothing_in_it_changes(home: Path, kitchen: Path) -> None:
    vault = empty_vault(home)
    before = vault.changes
    opening.open_in_place(vault, home, kitchen)
    assert vault.changes > before
    assert [note.title for note in vault.read_all()[0]] == ["Bread"]
    assert vault.commit_outside() == ["Bread.md"]
    assert sorted(kitchen.iterdir()) == [kitchen / "Bread.md"]
    vault.save(Note("", "", "Soup", "Leek.\n", Visibility.PRIVATE))
    assert (kitchen / "Soup.md").exists()
    assert sorted(history.tree(vault.root)) == ["Bread.md", "Soup.md"]


def test_a_vault_with_notes_now_or_before_is_not_put_aside(home: Path, kitchen: Path) -> None:
    vault = empty_vault(home)
    (vault.root / "picture.png").write_bytes(b"x")  # not a note, and in no history
    with pytest.raises(NodeError, match="has notes already"):
        opening.open_in_place(vault, home, kitchen)
    (vault.root / "picture.png").unlink()
    vault.save(Note("", "", "Soup", "Leek.\n", Visibility.PRIVATE))
    with pytest.raises(NodeError, match="has notes already"):
        opening.open_in_place(vault, home, kitchen)
    (home / "vault/Soup.md").unlink()  # it is in the history still
    with pytest.raises(NodeError, match="has notes already"):
        opening.open_in_place(vault, home, kitchen)


def test_what_is_no_folder_of_notes_is_refused_with_the_reason(home: Path, kitchen: Path) -> None:
    vault = empty_vault(home)
    for given, why in ((kitchen / "Bread.md", "not a folder"), (home, "lie in each other"), (home.parent, "lie in")):
        with pytest.raises(NodeError, match=why):
            opening.open_in_place(vault, home, given)
    assert not vault.root.is_symlink()


def test_folders_that_obsidian_knows_are_named(kitchen: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert opening.known_vaults() == []
    listed = tmp_path / "obsidian/obsidian.json"
    listed.parent.mkdir()
    listed.write_text(json.dumps({"vaults": {"a": {"path": str(kitchen)}, "b": {"path": "/nowhere"}}}))
    assert opening.known_vaults() == [kitchen]
    for strange in ("[]", "{", '{"vaults": {"a": 3}}', '{"vaults": {"a": {}}}'):
        listed.write_text(strange)
        assert opening.known_vaults() == []
