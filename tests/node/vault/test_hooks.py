"""Whatever stands in a vault's own git folder, or where git looks besides, runs nothing."""

import os
from pathlib import Path

import pytest

from weal_node.vault import commits, history
from weal_node.vault.repository import folder_of

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
