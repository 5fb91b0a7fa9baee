"""Whatever stands in a vault's own git folder, or where git looks besides, runs nothing."""

import os
import subprocess
from pathlib import Path

import pytest

from weal_node.vault import commits, history
from weal_node.vault.git import command, environment
from weal_node.vault.repository import folder_of

COMMIT = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q", "--allow-empty", "-m", "x")
HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "reference-transaction", "post-index-change", "pre-auto-gc", "post-checkout")  # fmt: skip


def planted(folder: Path, ran: Path) -> None:
    """Hooks that leave a mark."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in HOOKS:
        hook = folder / name
        hook.write_text(f"#!/bin/sh\necho {name} >> '{ran}'\nexit 0\n")
        hook.chmod(0o755)


@pytest.mark.parametrize("linked", [False, True])
def test_a_hook_in_the_vaults_git_folder_does_not_run(tmp_path: Path, linked: bool) -> None:
    vault, ran = tmp_path / "vault", tmp_path / "ran"
    if linked:
        (tmp_path / "notes").mkdir()
        vault.symlink_to(tmp_path / "notes", target_is_directory=True)
    else:
        vault.mkdir()
    history.create(vault)
    planted(folder_of(vault) / "hooks", ran)
    planted(vault / ".git" / "hooks" if not linked else tmp_path / "notes" / ".git" / "hooks", ran)
    (vault / "A.md").write_text("one\n")
    assert commits.commit(vault, {"A.md": b"one\n"}, "one") == ["A.md"]
    assert not ran.exists()


def test_a_hooks_folder_named_elsewhere_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the repository's own configuration, the person's, or the environment."""
    vault, ran = tmp_path / "vault", tmp_path / "ran"
    vault.mkdir()
    history.create(vault)
    planted(tmp_path / "evil", ran)
    config = folder_of(vault) / "config"
    config.write_text(config.read_text() + f"[core]\n\thooksPath = {tmp_path / 'evil'}\n")
    (tmp_path / "gitconfig").write_text(f"[core]\n\thooksPath = {tmp_path / 'evil'}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.hooksPath")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(tmp_path / "evil"))
    (vault / "A.md").write_text("one\n")
    assert commits.commit(vault, {"A.md": b"one\n"}, "one") == ["A.md"]
    assert not ran.exists()
    assert os.environ["GIT_CONFIG_COUNT"] == "1"  # it was there to be heeded


@pytest.fixture
def hooked(tmp_path: Path) -> tuple[Path, Path]:
    """A history whose folder came with hooks, and the mark that they would leave."""
    vault, ran = tmp_path / "vault", tmp_path / "ran"
    vault.mkdir()
    history.create(vault)
    planted(folder_of(vault) / "hooks", ran)
    return vault, ran


def test_the_persons_own_git_runs_no_hook_that_came_with_a_history_of_ours(hooked: tuple[Path, Path]) -> None:
    """It hears nothing of what we set on our command line: what the history's own configuration says is all there is."""
    vault, ran = hooked
    plain = {"PATH": os.environ["PATH"], "HOME": str(vault.parent), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "-C", str(vault), *COMMIT], env=plain, check=True)
    assert not ran.exists()


def test_a_configuration_that_was_changed_since_it_was_written_runs_none_either(hooked: tuple[Path, Path]) -> None:
    """By a program that synchronises the folder while git starts: what we set on our command line is above it."""
    vault, ran = hooked
    folder = folder_of(vault)
    (folder / "config").write_text(f"[core]\n\tbare = false\n\thooksPath = {folder / 'hooks'}\n")
    subprocess.run(command(folder, COMMIT), cwd=folder, env=environment(), check=True)
    assert not ran.exists()
