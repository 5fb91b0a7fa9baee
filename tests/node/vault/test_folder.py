"""The vault on disk: every save a commit, no way out of the folder, foreign files left alone."""

import subprocess
from pathlib import Path

import pytest

from weal_node.errors import VaultError
from weal_node.records import Note, Visibility
from weal_node.vault import folder, history, markdown
from weal_node.vault.folder import Vault
from weal_node.vault.rules import Rules


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    root = tmp_path / "vault"
    root.mkdir()
    history.create(root)
    return Vault(root)


def log(vault: Vault) -> list[str]:
    done = subprocess.run(
        ["git", "-C", str(vault.root), "log", "--format=%s"], capture_output=True, text=True, check=False
    )
    return done.stdout.split("\n")[:-1]


def note(title: str = "A walk", body: str = "By the river.", path: str = "", note_id: str = "") -> Note:
    return Note(note_id, path, title, body, Visibility.PUBLIC)


def test_every_save_is_a_commit(vault: Vault) -> None:
    saved = vault.save(note())
    vault.save(note(body="By the sea.", path=saved.path, note_id=saved.id))
    assert log(vault) == ["Change A walk.md", "Add A walk.md"]
    assert vault.read(saved.path).body == "By the sea."
    status = subprocess.run(
        ["git", "-C", str(vault.root), "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert status.stdout == ""


def test_same_titles_get_paths_of_their_own_and_odd_ones_get_plain_names(vault: Vault) -> None:
    assert [vault.save(note()).path for _ in range(2)] == ["A walk.md", "A walk 2.md"]
    assert vault.save(note(title="../../etc/passwd")).path == "etcpasswd.md"
    assert vault.save(note(title="///")).path == "note.md"


@pytest.mark.parametrize(
    "path", ["../out.md", "/etc/out.md", ".git/config.md", "a/.hidden/b.md", "a\\b.md", "a//b.md", "note.txt", "a\0.md"]
)
def test_no_path_leads_out(vault: Vault, path: str) -> None:
    with pytest.raises(VaultError, match="not a path of a note"):
        vault.save(note(path=path))


def test_symbolic_links_are_not_followed(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("secret")
    (vault.root / "link.md").symlink_to(tmp_path / "secret.md")
    (vault.root / "folder").symlink_to(tmp_path)
    for path in ("link.md", "folder/secret.md"):
        with pytest.raises(VaultError, match="symbolic link"):
            vault.read(path)


def test_a_file_that_cannot_be_read_is_reported_and_keeps_its_id_and_its_history(vault: Vault) -> None:
    saved = vault.save(note())
    (vault.root / saved.path).write_bytes(vault.raw(saved.path) + b"\xff")
    (vault.root / "large.md").write_bytes(b"x" * (markdown.MAX_NOTE_BYTES + 1))
    notes, faults = vault.read_all()
    assert notes == ()
    assert ["not UTF-8" in faults[0], "larger than" in faults[1]] == [True, True]
    assert [(one.path, one.id == saved.id) for one in vault.refused()] == [("A walk.md", True), ("large.md", False)]
    assert sorted(vault.commit_outside()) == ["A walk.md", "large.md"]
    head = history.head(vault.root)
    assert history.at(vault.root, head, "large.md") == b"x" * (markdown.MAX_NOTE_BYTES + 1)
    assert history.at(vault.root, head, saved.path).endswith(b"\xff")


def test_a_file_too_large_for_the_history_is_never_written_over(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MAX_KEPT_BYTES", 1_000)
    (vault.root / "large.md").write_bytes(b"x" * 1_001)
    assert vault.commit_outside() == []
    with pytest.raises(VaultError, match="too large for the history"):
        vault.save(note(path="large.md"))
    with pytest.raises(VaultError, match="too large for the history"):
        vault.put([("large.md", b"y")], "Put")
    assert (vault.root / "large.md").read_bytes() == b"x" * 1_001


def test_a_note_whose_front_matter_breaks_stays_the_same_note_and_private_in_an_open_folder(vault: Vault) -> None:
    vault.rules = Rules({"": Visibility.PUBLIC})
    saved = vault.save(note())
    raw = vault.raw(saved.path).replace(b"visibility", b"created: {{date}}\nvisibility")
    (vault.root / saved.path).write_bytes(raw)
    (found,), faults = vault.read_all()
    assert (found.id, found.visibility, found.body.encode(), faults) == (saved.id, Visibility.PRIVATE, raw, ())
    assert "malformed front matter" in found.warnings[0]


@pytest.mark.slow
def test_locks_and_torn_files_of_a_killed_process_are_removed(vault: Vault) -> None:
    (vault.root / ".git/index.lock").touch()
    (vault.root / ".a.md.0123abcd.tmp").write_text("half")
    (vault.root / ".syncthing.a.md.tmp").write_text("another program's")
    with pytest.raises(VaultError, match="git says"):
        vault.save(note())
    assert history.recover(vault.root) == ["index.lock"]
    vault.save(note(title="Later"))
    assert [path.name for path in vault.root.glob(".*.tmp")] == [".syncthing.a.md.tmp"]


def test_hooks_of_the_folder_do_not_run(vault: Vault, tmp_path: Path) -> None:
    hook = vault.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    hook.chmod(0o755)
    vault.save(note())
    assert not (tmp_path / "ran").exists()


def test_a_second_look_reads_only_what_changed(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    for title in ("One", "Two"):
        vault.save(note(title=title))
    assert [version.note.title for version in vault.versions()] == ["One", "Two"]
    looked: list[str] = []
    raw = vault.raw

    def read(path: str) -> bytes:
        looked.append(path)
        return raw(path)

    monkeypatch.setattr(vault, "raw", read)
    (vault.root / "Two.md").write_text("# Changed\n")
    (vault.root / "One.md").rename(vault.root / "Three.md")
    assert [one.title for one in vault.read_all()[0]] == [
        "Three",
        "Changed",
    ]  # a title that the name says moves with it
    assert looked == ["Three.md", "Two.md"]


def test_a_note_is_kept_whatever_gitignore_says(vault: Vault) -> None:
    (vault.root / ".gitignore").write_text("*.md\n")
    vault.save(note())
    assert log(vault) == ["Add A walk.md"]
