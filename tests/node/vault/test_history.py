"""The past of notes: versions through renames, differences, the way back; and what a crash or a foreign repository cannot do."""

import os
import subprocess
from pathlib import Path

import pytest

from weal_node.errors import ChangedMeanwhileError, NotFoundError
from weal_node.records import Note, Visibility
from weal_node.vault import history, repository
from weal_node.vault.folder import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    root = tmp_path / "vault"
    root.mkdir()
    history.create(root)
    return Vault(root)


def note(title: str = "A walk", body: str = "By the river.\n", path: str = "", note_id: str = "") -> Note:
    return Note(note_id, path, title, body, Visibility.PRIVATE)


def test_versions_differences_and_the_way_back(vault: Vault) -> None:
    saved = vault.save(note())
    first = vault.raw(saved.path)
    vault.save(note(body="By the sea.\n", path=saved.path, note_id=saved.id))
    newest, oldest = history.versions(vault.root, saved.path)
    assert (newest.said, oldest.said) == ("Change A walk.md", "Add A walk.md")
    assert history.at(vault.root, oldest.id, oldest.path) == first
    changed = history.diff(vault.root, (oldest.id, oldest.path), (newest.id, newest.path))
    assert "-By the river." in changed
    assert "+By the sea." in changed
    assert "+By the river." in history.diff(vault.root, None, (oldest.id, oldest.path))
    vault.save(note(path=saved.path, note_id=saved.id), over=first)
    assert vault.raw(saved.path) == first
    with pytest.raises(NotFoundError):
        history.at(vault.root, "HEAD; ls", saved.path)


def test_what_others_write_move_and_delete_is_kept(vault: Vault) -> None:
    (vault.root / "ü [x].md").write_text("# Odd *name*\n")
    (vault.root / "sub").mkdir()
    (vault.root / "sub/b.md").write_text("# B\n")
    (vault.root / "picture.png").write_bytes(b"no note")
    assert vault.commit_outside() == ["sub/b.md", "ü [x].md"]
    assert vault.commit_outside() == []
    (vault.root / "ü [x].md").rename(vault.root / "sub/moved.md")
    assert vault.commit_outside(["sub/moved.md"]) == ["sub/moved.md"]
    assert [one.path for one in history.versions(vault.root, "sub/moved.md")] == ["sub/moved.md", "ü [x].md"]
    (vault.root / "sub/b.md").unlink()
    assert vault.commit_outside() == []
    assert history.gone(vault.root) == ("sub/b.md",)
    assert history.at(vault.root, history.head(vault.root), "sub/b.md") == b"# B\n"


def test_a_save_never_loses_what_another_program_wrote_meanwhile(vault: Vault) -> None:
    saved = vault.save(note())
    seen = next(one.sha256 for one in vault.versions())
    (vault.root / saved.path).write_text("theirs\n")
    mine = note(body="Mine.\n", path=saved.path, note_id=saved.id)
    with pytest.raises(ChangedMeanwhileError):
        vault.save(mine, seen=seen)
    vault.save(mine)
    versions = history.versions(vault.root, saved.path)
    assert b"theirs" in history.at(vault.root, versions[1].id, saved.path)


def test_a_damaged_index_and_every_lock_are_mended(vault: Vault) -> None:
    saved = vault.save(note())
    (vault.root / ".git/index").write_bytes(b"\0" * 40)
    for name in ("index.lock", "next-index-77.lock", "refs/heads/main.lock", "packed-refs.lock"):
        (vault.root / ".git" / name).touch()
        os.utime(vault.root / ".git" / name, (1, 1))
    mended = history.recover(vault.root)
    assert len(mended) == 5
    assert history.gone(vault.root) == ()
    vault.save(note(body="More.\n", path=saved.path, note_id=saved.id))
    assert len(history.versions(vault.root, saved.path)) == 2
    assert history.check(vault.root) == ""


def test_a_folder_of_notes_opens_as_it_is_and_its_own_repository_runs_nothing(tmp_path: Path) -> None:
    """An Obsidian vault under git, whose configuration would run a program at each `git add` or `git status`."""
    there, ran = tmp_path / "obsidian", tmp_path / "ran"
    (there / ".obsidian").mkdir(parents=True)
    (there / ".obsidian/app.json").write_text("{}")
    (there / "Idea.md").write_text("---\naliases: [x]\n---\n[[Other]] #tag\n")
    subprocess.run(["git", "init", "-q", str(there)], check=True)
    (there / ".git/config").write_text(
        f'[core]\n\tfsmonitor = touch {ran}\n[filter "x"]\n\tclean = touch {ran}; cat\n\tsmudge = cat\n'
    )
    (there / ".gitattributes").write_text("*.md filter=x\n")
    before = {place: place.read_bytes() for place in there.rglob("*") if place.is_file()}
    (tmp_path / "vault").symlink_to(there, target_is_directory=True)
    history.create(tmp_path / "vault")
    assert history.recover(tmp_path / "vault") == []
    vault = Vault(tmp_path / "vault")
    assert vault.commit_outside() == ["Idea.md"]
    assert [one.tags for one in vault.read_all()[0]] == [("tag",)]
    assert {place: place.read_bytes() for place in there.rglob("*") if place.is_file()} == before
    assert repository.folder_of(vault.root) == tmp_path / "vault.git"
    assert not ran.exists()
