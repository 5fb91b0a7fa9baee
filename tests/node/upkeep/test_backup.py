"""What is backed up comes back byte for byte, or not at all; what is exported can be read without Weal."""

import base64
import io
import json
import sqlite3
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pyrage
import pytest

from weal_node.app.setup import set_up
from weal_node.config import Home
from weal_node.errors import NodeError
from weal_node.records import Note, Visibility
from weal_node.store import disclosures
from weal_node.store.database import Database
from weal_node.upkeep.backup import Lock, backup, look, restore
from weal_node.upkeep.export import check, export
from weal_node.vault import history
from weal_node.vault.folder import Vault

pytestmark = pytest.mark.slow

IDENTITY = pyrage.x25519.Identity.generate()
KEY = Lock(
    recipients=(str(IDENTITY.to_public()),), identities=(str(IDENTITY),)
)  # a passphrase costs a second each time
TRANSIENT = {"lock", "node.db-wal", "node.db-shm", "control", "running.json", "sessions.json", "page-name"}


@pytest.fixture
def place(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.root.mkdir()
    set_up(made, "ada")
    vault = Vault(made.vault)
    for number in range(3):
        vault.save(Note("", "", f"Note {number}", "Words.\n", Visibility.PRIVATE))
    (made.vault / "picture.png").write_bytes(b"\x89PNG\0")
    database = Database(made.database)
    database.write_now(
        lambda connection: disclosures.write(connection, 1, "commons", "note", b"\xff\0", disclosures.Amount(2))
    )
    database.close()
    for name in TRANSIENT - {"node.db-wal", "node.db-shm"}:
        (made.root / name).write_text("of one run")
    return made


def everything(root: Path) -> dict[str, tuple[bytes, int]]:
    files = ((path.relative_to(root).as_posix(), path) for path in root.rglob("*") if path.is_file())
    return {name: (path.read_bytes(), path.stat().st_mode & 0o777) for name, path in files if name not in TRANSIENT}


def test_a_home_comes_back_byte_for_byte(place: Home, tmp_path: Path) -> None:
    before, target, again = everything(place.root), tmp_path / "weal.age", Home(tmp_path / "again")
    kept = backup(place, target, KEY, 7, alone=True)
    assert kept.files == len(before)
    assert b"BEGIN PRIVATE" not in target.read_bytes()
    assert target.stat().st_mode & 0o777 == 0o600
    assert look(target, KEY) == kept
    assert not again.root.exists()  # a dry run writes nothing
    assert restore(target, KEY, again) == kept
    assert {name: content for name, (content, _) in everything(again.root).items()} == {
        name: content for name, (content, _) in before.items()
    }
    assert {mode for _, mode in everything(again.root).values()} == {0o600}
    assert again.root.stat().st_mode & 0o777 == 0o700
    assert history.check(again.vault) == ""
    assert [one.title for one in Vault(again.vault).read_all()[0]] == ["Note 0", "Note 1", "Note 2"]
    with pytest.raises(NodeError, match="already"):
        restore(target, KEY, again)


def test_a_passphrase_opens_and_nothing_else_does(place: Home, tmp_path: Path) -> None:
    target = tmp_path / "weal.age"
    kept = backup(place, target, Lock("correct horse"), 7)
    assert look(target, Lock("correct horse")) == kept
    for wrong in (Lock("wrong horse"), KEY):
        with pytest.raises(NodeError, match="does not open"):
            look(target, wrong)
    with pytest.raises(NodeError, match="never written open"):
        backup(place, tmp_path / "open.age", Lock(), 7)


def test_a_machine_that_is_too_slow_for_a_passphrase_is_named_and_one_that_is_only_busy_opens(
    place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, opened = tmp_path / "weal.age", pyrage.passphrase.decrypt
    kept, tried = backup(place, target, Lock("correct horse"), 7), list[int]()

    def busy(closed: bytes, passphrase: str) -> bytes:  # age measures the machine, and none in a test is that slow
        tried.append(1)
        if len(tried) < 3:
            raise pyrage.DecryptError(
                "Excessive work parameter for passphrase.\nDecryption would take around 32 seconds."
            )
        return bytes(opened(closed, passphrase))

    monkeypatch.setattr(pyrage.passphrase, "decrypt", busy)
    assert look(target, Lock("correct horse")) == kept

    def slow(_closed: bytes, _passphrase: str) -> bytes:
        tried.clear()
        return busy(b"", "")

    monkeypatch.setattr(pyrage.passphrase, "decrypt", slow)
    with pytest.raises(NodeError, match="too slow, or too busy"):
        look(target, Lock("correct horse"))


def test_a_running_node_and_an_opened_folder_are_backed_up_whole(tmp_path: Path) -> None:
    there, place, again = tmp_path / "obsidian", Home(tmp_path / "home"), Home(tmp_path / "again")
    (there / ".git").mkdir(parents=True)
    (there / ".git/config").write_text("a repository of its own")
    (there / "Idea.md").write_text("# Idea\n")
    place.root.mkdir()
    set_up(place, "ada", there)
    database = Database(place.database)
    try:
        Vault(place.vault).commit_outside()
        database.write_now(
            lambda connection: disclosures.write(connection, 1, "commons", "note", b"x", disclosures.Amount(1))
        )
        backup(place, tmp_path / "weal.age", KEY, 7)
    finally:
        database.close()
    restore(tmp_path / "weal.age", KEY, again)
    assert not again.vault.is_symlink()
    assert history.check(again.vault) == ""
    assert len(history.versions(again.vault, "Idea.md")) == 1
    with sqlite3.connect(again.database) as connection:
        assert connection.execute("SELECT count(*) FROM disclosures").fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize("name", ["../out", "/out", "a\\..\\out", "link", "keys/agent.pem"])
def test_a_forged_or_damaged_backup_restores_nothing(name: str, tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        if name == "link":
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(entry, io.BytesIO())
        manifest = json.dumps({"weal": 1, "made_ms": 1, "files": {}}).encode()
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(manifest)
        archive.addfile(entry, io.BytesIO(manifest))
    (tmp_path / "bad.age").write_bytes(pyrage.encrypt(out.getvalue(), [IDENTITY.to_public()]))
    with pytest.raises(NodeError):
        restore(tmp_path / "bad.age", KEY, Home(tmp_path / "again"))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.age"]


def test_an_export_is_read_without_weal(place: Home, tmp_path: Path) -> None:
    target = tmp_path / "export"
    done = export(place, target)
    assert done.rows >= 1
    assert check(target) == ()
    assert (target / "notes/Note 0.md").read_bytes() == (place.vault / "Note 0.md").read_bytes()
    (row,) = [json.loads(line) for line in (target / "tables/disclosures.jsonl").read_text().splitlines()]
    assert base64.b64decode(row["payload"]["base64"]) == b"\xff\0"
    clone = ["git", "clone", "-q", str(target / "history.bundle"), str(tmp_path / "clone")]
    subprocess.run(clone, check=True, capture_output=True)
    assert (tmp_path / "clone/Note 2.md").exists()
    assert not list(target.rglob("*.pem"))
    (target / "notes/Note 0.md").write_text("changed")
    assert check(target) == ("notes/Note 0.md",)
    with pytest.raises(NodeError, match="already"):
        export(place, target)
    export(place, tmp_path / "export.zip")
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        assert archive.testzip() is None
        assert "tables/labels.jsonl" in archive.namelist()
