"""A backup that somebody else made: it brings words, and none of its author's commands, settings of files or ways in."""

import hashlib
import io
import json
import os
import sqlite3
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest

from weal_node.app.setup import close_to_others, set_up
from weal_node.config import Home, Settings
from weal_node.errors import NodeError
from weal_node.records import Note, Visibility
from weal_node.upkeep.backup import Lock, backup, look, restore
from weal_node.upkeep.doctor import examine
from weal_node.upkeep.export import export
from weal_node.vault import history
from weal_node.vault.folder import Vault

IDENTITY = pyrage.x25519.Identity.generate()
KEY = Lock(recipients=(str(IDENTITY.to_public()),), identities=(str(IDENTITY),))
Files = dict[str, tuple[bytes, int]]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """What a plain backup holds, by name: content and mode."""
    place = Home(tmp_path / "theirs")
    place.root.mkdir()
    set_up(place, "mallory")
    Vault(place.vault).save(Note("", "n.md", "", "Words.\n", Visibility.PRIVATE))
    backup(place, tmp_path / "plain.age", KEY, 7, alone=True)
    packed = pyrage.decrypt((tmp_path / "plain.age").read_bytes(), [IDENTITY])
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        found = ((entry, archive.extractfile(entry)) for entry in archive)
        held = {entry.name: (file.read(), entry.mode) for entry, file in found if file is not None}
    del held["manifest.json"]
    return held


def closed(files: Files, target: Path, further: tuple[tarfile.TarInfo, ...] = ()) -> Path:
    """Write a backup of these files, with a manifest that fits."""
    sums = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "mode": mode}
        for name, (content, mode) in files.items()
    }
    manifest = json.dumps({"weal": 1, "made_ms": 7, "files": sums}).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, (content, mode) in [*files.items(), ("manifest.json", (manifest, 0o600))]:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.uid, entry.uname = len(content), mode, 12_345, "nobody"
            archive.addfile(entry, io.BytesIO(content))
        for entry in further:
            archive.addfile(entry)
    target.write_bytes(pyrage.encrypt(out.getvalue(), [IDENTITY.to_public()]))
    return target


def armed(git_dir: str, ran: Path) -> Iterator[tuple[str, str]]:
    """Every file of a repository that makes git run something, or look elsewhere; each would drop a canary of its own."""

    def drop(name: str) -> str:
        return f"touch {ran}/{name}; cat"

    yield (
        f"{git_dir}/config",
        f"""[core]
	repositoryformatversion = 0
	fsmonitor = "{drop("fsmonitor")}"
	hooksPath = {ran}/hooks
	sshCommand = "{drop("ssh")}"
	pager = "{drop("pager")}"
	editor = "{drop("editor")}"
	askPass = "{drop("askpass")}"
	alternateRefsCommand = "{drop("alternates")}"
	attributesFile = {ran}/attributes
	worktree = {ran}
	gitProxy = "{drop("proxy")}"
[filter "x"]
	clean = "{drop("clean")}"
	smudge = "{drop("smudge")}"
	process = "{drop("process")}"
	required = true
[diff]
	external = "{drop("external")}"
[diff "x"]
	textconv = "{drop("textconv")}"
	command = "{drop("diff-command")}"
[merge "x"]
	driver = "{drop("merge")}"
[alias]
	log = "!{drop("alias")}"
	fsck = "!{drop("alias-fsck")}"
[credential]
	helper = "!{drop("credential")}"
[gpg]
	program = "{ran}/gpg"
[commit]
	gpgSign = true
[log]
	showSignature = true
[uploadpack]
	packObjectsHook = "{drop("pack")}"
[include]
	path = {ran}/included
[includeIf "gitdir:/"]
	path = {ran}/included
[extensions]
	partialClone = origin
	worktreeConfig = true
[remote "origin"]
	url = "ext::sh -c touch% {ran}/remote"
	uploadpack = "{drop("uploadpack")}"
	promisor = true
""",
    )
    yield f"{git_dir}/config.worktree", f'[core]\n\tfsmonitor = "{drop("worktree")}"\n'
    for hook in (
        "pre-commit",
        "post-commit",
        "post-index-change",
        "reference-transaction",
        "post-checkout",
        "fsmonitor-watchman",
        "pre-auto-gc",
        "post-rewrite",
    ):
        yield f"{git_dir}/hooks/{hook}", f"#!/bin/sh\ntouch {ran}/{hook}\n"
    yield f"{git_dir}/info/attributes", "* filter=x diff=x merge=x text=auto\n"
    yield f"{git_dir}/info/grafts", "0" * 40 + "\n"
    yield f"{git_dir}/info/sparse-checkout", "/nothing\n"
    yield f"{git_dir}/objects/info/alternates", f"{ran}/objects\n"
    yield f"{git_dir}/commondir", f"{ran}\n"
    yield f"{git_dir}/modules/sub/config", f'[core]\n\tfsmonitor = "{drop("module")}"\n'


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """Where canaries would be dropped: what a repository's settings point to lies ready there."""
    made = tmp_path / "ran"
    (made / "hooks").mkdir(parents=True)
    for name in ("hooks/pre-commit", "hooks/post-index-change", "hooks/reference-transaction", "gpg"):
        (made / name).write_text(f"#!/bin/sh\ntouch {made}/{Path(name).name}-elsewhere\n")
        (made / name).chmod(0o755)
    (made / "included").write_text(f'[core]\n\tfsmonitor = "touch {made}/by-include; cat"\n')
    (made / "attributes").write_text("* filter=x diff=x\n")
    return made


def quiet(ran: Path) -> bool:
    return {one.name for one in ran.rglob("*")} == {
        "hooks",
        "pre-commit",
        "post-index-change",
        "reference-transaction",
        "gpg",
        "included",
        "attributes",
    }


def use(place: Home, tmp_path: Path) -> None:
    """Do all that runs git."""
    history.create(place.vault)
    history.recover(place.vault)
    vault = Vault(place.vault)
    (place.vault / "n.md").write_bytes(b"by another\r\n")
    vault.commit_outside()
    saved = vault.save(Note("", "n.md", "", "Mine.\n", Visibility.PRIVATE))
    newest, before, *_ = history.versions(place.vault, saved.path)
    assert "+Mine." in history.diff(place.vault, (before.id, before.path), (newest.id, newest.path))
    assert history.at(place.vault, before.id, before.path) == b"by another\r\n"
    assert history.check(place.vault) == ""
    history.gone(place.vault)
    export(place, tmp_path / "export")
    examine(place, Settings())
    vault.save(Note("", "gone.md", "", "Forget me.\n", Visibility.PRIVATE))
    vault.forget(["gone.md"])
    history.objects(place.vault)


@pytest.mark.slow
def test_no_vector_of_a_hostile_backup_runs(files: Files, ran: Path, tmp_path: Path) -> None:
    for git_dir in ("vault/.git", "vault/project/.git", "vault/project/.GIT", "vault/git~1", "vault/bare", ".git"):
        for name, text in armed(git_dir, ran):
            files[name] = (text.encode(), 0o6777)
    for bare in ("vault/bare", "vault/project/.git"):
        files |= {f"{bare}/HEAD": (b"ref: refs/heads/main\n", 0o644), f"{bare}/refs/heads/x": (b"0" * 40, 0o644)}
    files["vault/file/.git"] = (f"gitdir: {ran}\n".encode(), 0o777)
    files["vault/.gitattributes"] = (b"* filter=x diff=x\n", 0o666)
    files["vault/.gitconfig"] = files["vault/.git/config"]
    files["sessions.json"] = files["control"] = (b"{}", 0o666)
    files["node.db-wal"] = (b"\0" * 64, 0o666)
    files["vault/n.md"] = (files["vault/n.md"][0], 0o7777)
    source, place = closed(files, tmp_path / "hostile.age"), Home(tmp_path / "home")
    kept = restore(source, KEY, place)
    assert "vault/.git/hooks/pre-commit" in kept.left
    steering = (
        "hooks",
        "attributes",
        "grafts",
        "config.worktree",
        "commondir",
        "alternates",
        "sessions.json",
        "control",
    )
    assert [one for one in place.root.rglob("*") if one.name in steering and not one.is_dir()] == []
    assert [one.parent for one in place.root.rglob("config")] == [place.vault / ".git"]
    assert b"filter" not in (place.vault / ".git/config").read_bytes()
    assert not (place.root / "node.db-wal").exists()
    assert {one.stat().st_mode & 0o7777 for one in place.root.rglob("*") if one.is_file()} == {0o600}
    assert {one.stat().st_mode & 0o7777 for one in [place.root, *place.root.rglob("*")] if one.is_dir()} == {0o700}
    assert {one.stat().st_uid for one in place.root.rglob("*")} == {os.getuid()}
    use(place, tmp_path)
    for folder in (place.vault, place.vault / "project", place.vault / "bare"):  # by hand, as a person might
        for arguments in (("status",), ("add", "-A"), ("log",), ("diff",)):
            plain = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
            subprocess.run(["git", "-C", str(folder), *arguments], env=plain, capture_output=True, check=False)
    assert quiet(ran)


@pytest.mark.slow
def test_a_home_that_was_copied_runs_nothing_either(ran: Path, tmp_path: Path) -> None:
    """Not restored but copied as a folder: its history's own settings and hooks lie where they lay."""
    place = Home(tmp_path / "home")
    place.root.mkdir()
    set_up(place, "ada")
    for name, text in armed("vault/.git", ran):
        (place.root / name).parent.mkdir(parents=True, exist_ok=True)
        (place.root / name).write_text(text)
        (place.root / name).chmod(0o755)
    (place.vault / ".gitattributes").write_text("* filter=x diff=x\n")
    use(place, tmp_path)
    assert quiet(ran)


@pytest.mark.slow
def test_a_vault_opened_in_place_runs_nothing_of_its_owners(ran: Path, tmp_path: Path) -> None:
    there, place = tmp_path / "obsidian", Home(tmp_path / "home")
    there.mkdir()
    place.root.mkdir()
    for git_dir in (".git", "project/.git"):
        subprocess.run(["git", "init", "-q", str((there / git_dir).parent)], check=True)
        for name, text in armed(git_dir, ran):
            (there / name).parent.mkdir(parents=True, exist_ok=True)
            (there / name).write_text(text)
            (there / name).chmod(0o755)
    (there / ".gitattributes").write_text("* filter=x diff=x\n")
    (there / "project/deep.md").write_text("Deep.\n")
    before = {one: one.read_bytes() for one in there.rglob("*") if one.is_file()}
    set_up(place, "ada", there)
    use(place, tmp_path)
    assert quiet(ran)
    assert {one: one.read_bytes() for one in before if one.exists()} == before
    assert history.at(place.vault, history.head(place.vault), "project/deep.md") == b"Deep.\n"


def entry(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


@pytest.mark.parametrize(
    "odd",
    [
        entry("vault/x.md", tarfile.SYMTYPE, "/etc/passwd"),
        entry("vault/sub", tarfile.SYMTYPE, ".."),
        entry("vault/x.md", tarfile.LNKTYPE, "keys/agent.pem"),
        entry("vault/x.md", tarfile.FIFOTYPE),
        entry("vault/x.md", tarfile.CHRTYPE),
        entry("vault/x.md", tarfile.BLKTYPE),
        entry("vault/x", tarfile.DIRTYPE),
        entry("/x.md", tarfile.REGTYPE),
        entry("vault/../../x.md", tarfile.REGTYPE),
        entry("./vault/n.md", tarfile.REGTYPE),
        entry("vault//n.md", tarfile.REGTYPE),
        entry("vault/n.md", tarfile.REGTYPE),  # a second time
        entry("vault/n.md/x.md", tarfile.REGTYPE),  # below a file
        entry("vault/" + "x" * 300, tarfile.REGTYPE),
    ],
    ids=lambda one: f"{one.type!r} {one.name[:20]}",
)
def test_what_is_no_plain_file_with_a_plain_name_restores_nothing(
    odd: tarfile.TarInfo, files: Files, tmp_path: Path
) -> None:
    if odd.name not in files and odd.isreg():
        files[odd.name] = (b"", 0o644)
        odds: tuple[tarfile.TarInfo, ...] = ()
    else:
        odds = (odd,)
    source = closed(files, tmp_path / "odd.age", odds)
    there = {one.name for one in tmp_path.iterdir()}
    with pytest.raises(NodeError):
        restore(source, KEY, Home(tmp_path / "home"))
    assert {one.name for one in tmp_path.iterdir()} == there


def changed(files: Files, tmp_path: Path, act: Callable[[sqlite3.Connection], object]) -> Files:
    place = tmp_path / "changed.db"
    place.write_bytes(files["node.db"][0])
    connection = sqlite3.connect(place)
    connection.execute("PRAGMA journal_mode = DELETE")
    act(connection)
    connection.commit()
    connection.close()
    return files | {"node.db": (place.read_bytes(), 0o600)}


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TRIGGER own AFTER INSERT ON publications BEGIN DELETE FROM labels; END",
        "DROP TRIGGER disclosures_stay",
        "CREATE VIEW own AS SELECT 1",
        "DROP TRIGGER approvals_hold; CREATE TRIGGER approvals_hold BEFORE UPDATE ON approvals BEGIN SELECT 1; END",
    ],
)
def test_a_database_that_acts_otherwise_than_ours_restores_nothing(script: str, files: Files, tmp_path: Path) -> None:
    hostile = changed(files, tmp_path, lambda connection: connection.executescript(script))
    source = closed(hostile, tmp_path / "hostile.age")
    with pytest.raises(NodeError, match="acts by itself"):
        restore(source, KEY, Home(tmp_path / "home"))
    assert not (tmp_path / "home").exists()


def test_a_backup_of_before_comes_back_without_what_is_not_taken(files: Files, tmp_path: Path) -> None:
    """Earlier versions kept the history's configuration, its sample hooks, its log, and every file's mode."""
    files |= {
        "vault/.git/config": (b"[core]\n\trepositoryformatversion = 0\n\tbare = false\n", 0o644),
        "vault/.git/hooks/pre-commit.sample": (b"#!/bin/sh\n", 0o755),
        "vault/.git/logs/HEAD": (b"", 0o644),
        "vault/.git/description": (b"Unnamed\n", 0o644),
    }
    del files["vault/.git/weal"]
    source, place = closed(files, tmp_path / "old.age"), Home(tmp_path / "home")
    assert look(source, KEY).files == len(files)
    kept = restore(source, KEY, place)
    assert kept.left == ("vault/.git/description", "vault/.git/hooks/pre-commit.sample", "vault/.git/logs/HEAD")
    assert len(history.versions(place.vault, "n.md")) == 1


def test_an_existing_home_is_closed_to_others_at_the_start(tmp_path: Path) -> None:
    place = Home(tmp_path / "home")
    place.root.mkdir()
    set_up(place, "ada")
    assert place.root.stat().st_mode & 0o777 == 0o700
    place.root.chmod(0o755)
    place.keys.chmod(0o777)
    for key in place.keys.iterdir():
        key.chmod(0o644)
    (found,) = [one for one in examine(place, Settings())["checks"] if one["name"] == "keys"]
    assert "chmod 700" in found["detail"]
    close_to_others(place)
    assert {one.stat().st_mode & 0o777 for one in (place.root, place.keys)} == {0o700}
    assert {one.stat().st_mode & 0o777 for one in place.keys.iterdir()} == {0o600}
