"""Everything of this node in open formats, read by anyone without Weal: Markdown, a git bundle, JSON lines."""

import base64
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from weal_node.config import Home
from weal_node.errors import NodeError
from weal_node.store.rows import column
from weal_node.upkeep.restorable import differing
from weal_node.vault.git import git, works

ABOUT = """# An export of a Weal node

- `notes/`: the vault as it is, Markdown with YAML front matter, and whatever else lies in it.
- `history.bundle`: every version of every note; `git clone history.bundle notes-with-history` opens it.
- `tables/`: the database, a file a table, a JSON object a row; bytes are {"base64": ...}. `labels` are your answers, `edits` what you
  said about the model, `disclosures` the privacy ledger, `deals` and `deal_said` your agreements, `records` what you mirror of others.
- `settings.toml`, `membership.json`: your settings, and the community you are in.
- `manifest.json`: the SHA-256 of each of these files.

Your keys are not in it: they are you. `weal backup` keeps them, encrypted.
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """target: folder or zip.  files, rows: how many.  size: in bytes."""

    target: str
    files: int
    rows: int
    size: int


def export(place: Home, target: Path) -> Exported:
    """Write everything into a new folder, or a new .zip. Changes nothing of the node, which may be running."""
    if target.exists() and (target.is_file() or any(target.iterdir())):
        raise NodeError(f"{target} is there already", "Name a folder, or a .zip, that does not exist yet")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".weal-export-", dir=target.parent) as temporary:
        folder = Path(temporary)
        rows = _write(place, folder)
        sums = _sums(folder)
        (folder / "manifest.json").write_text(json.dumps(sums, indent=1, ensure_ascii=False))
        size = sum((folder / name).stat().st_size for name in sums)
        if target.suffix == ".zip":
            _zip(folder, target, sums)
        else:
            target.mkdir(mode=0o700, exist_ok=True)
            for entry in folder.iterdir():
                entry.rename(target / entry.name)
            if wrong := check(target):
                raise NodeError(f"{len(wrong)} files in {target} do not read back as written", "Try another disk")
    return Exported(str(target), len(sums), rows, size)


def check(target: Path) -> tuple[str, ...]:
    """Return which files of an exported folder are not as its manifest says; empty when all are."""
    manifest = json.loads((target / "manifest.json").read_text())
    sums = _sums(target)
    sums.pop("manifest.json", None)
    return tuple(differing(manifest, sums))


def _write(place: Home, folder: Path) -> int:
    shutil.copytree(
        place.vault, folder / "notes", symlinks=True, ignore=shutil.ignore_patterns(".git", ".git.*", "*.weal.tmp")
    )
    if works(place.vault, "rev-parse", "--verify", "-q", "HEAD"):
        git(place.vault, "bundle", "create", "-q", str(folder / "history.bundle"), "--all")
    (folder / "tables").mkdir()
    rows = 0
    connection = sqlite3.connect(f"file:{place.database}?mode=ro", uri=True)
    try:
        connection.execute("BEGIN")  # one consistent picture
        names = list(column(connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")))
        for name in names:
            with (folder / "tables" / f"{name}.jsonl").open("w") as out:
                for line in _rows(connection, name):
                    out.write(line + "\n")
                    rows += 1
    finally:
        connection.close()
    for source, name in ((place.settings, "settings.toml"), (place.community / "membership.json", "membership.json")):
        if source.exists():
            shutil.copyfile(source, folder / name)
    (folder / "README.md").write_text(ABOUT)
    return rows


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    rows = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # a name from the schema itself
    columns = [description[0] for description in rows.description]
    for row in rows:
        yield json.dumps(dict(zip(columns, map(_plain, row), strict=True)), ensure_ascii=False)


def _plain(cell: object) -> object:
    """Return a cell as JSON has it: bytes as base64."""
    return {"base64": base64.b64encode(cell).decode()} if isinstance(cell, bytes) else cell


def _sums(folder: Path) -> dict[str, str]:
    sums = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            place = Path(parent, name)
            if not place.is_symlink():
                with place.open("rb") as file:
                    sums[place.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return dict(sorted(sums.items()))


def _zip(folder: Path, target: Path, sums: dict[str, str]) -> None:
    part = target.with_name(target.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in [*_sums(folder)]:
            archive.write(folder / name, name)
    with zipfile.ZipFile(part) as archive:
        wrong = [name for name, sha256 in sums.items() if hashlib.sha256(archive.read(name)).hexdigest() != sha256]
    if wrong:
        part.unlink()
        raise NodeError(f"{len(wrong)} files of the zip do not read back as written", "Try another disk")
    part.chmod(0o600)
    part.replace(target)
