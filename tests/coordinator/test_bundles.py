"""Public notes as a git bundle an epoch: whole, attributed, without what was taken back, whatever strangers call their notes."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_coordinator import bundles, setup
from weal_coordinator.community import charter
from weal_coordinator.config import Home, Settings
from weal_coordinator.store import records
from weal_coordinator.store.database import Database
from weal_coordinator.web.page import page
from weal_protocol import record
from weal_protocol.record import Record

ADA = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
SETTINGS = Settings()
WEEK_MS = 168 * 3_600_000
NOW = 100 * WEEK_MS


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Home, Database]]:
    place = Home(tmp_path / "community")
    setup.found(place, "commons", SETTINGS)
    database = Database(f"sqlite:///{place.database}")
    yield place, database
    database.close()


def note(
    body: str,
    path: str = "Oaks.md",
    *parents: Record,
    visibility: str = "public",
    number: bytes = b"n" * 16,
    kind: str = "note",
) -> Record:
    ids = tuple(one.id for one in parents)
    return record.make(
        kind,
        body.encode(),
        author=ADA,
        salt=b"s" * 16,
        written_ms=1,
        note=number,
        path=path,
        visibility=visibility,
        parents=ids,
    )


def keep(database: Database, *made: Record) -> None:
    with database.write() as connection:
        for one in made:
            records.add(connection, one, "")


def cloned(bundle: Path, into: Path) -> dict[str, str]:
    environment = os.environ | {"GIT_CONFIG_GLOBAL": "/dev/null"}
    subprocess.run(["git", "clone", "-q", str(bundle), str(into)], check=True, capture_output=True, env=environment)
    return {
        str(one.relative_to(into)): one.read_text()
        for one in into.rglob("*")
        if one.is_file() and ".git" not in one.parts
    }


def test_public_heads_are_files_with_their_attribution(house: Any, tmp_path: Path) -> None:
    place, database = house
    first = note("first")
    keep(
        database, first, note("second", "Oaks.md", first), note("for members", visibility="community", number=b"c" * 16)
    )
    made = bundles.make_due(place, SETTINGS, database, NOW)
    assert made is not None
    assert bundles.make_due(place, SETTINGS, database, NOW + 1) is None
    files = cloned(made, tmp_path / "clone")
    attribution = files.pop("ATTRIBUTION.tsv")
    assert list(files.values()) == ["second"]
    assert (ADA.public_key().public_bytes_raw().hex() in attribution, "CC-BY-4.0" in attribution) == (True, True)
    log = subprocess.run(["git", "-C", str(tmp_path / "clone"), "rev-list", "--all"], check=True, capture_output=True)
    assert len(log.stdout.split()) == 1


def test_what_is_taken_back_is_in_no_bundle_any_more(house: Any, tmp_path: Path) -> None:
    place, database = house
    secret = note("a secret after all")
    keep(database, secret, note("stays", "Elms.md", number=b"e" * 16))
    bundles.make_due(place, SETTINGS, database, NOW)
    bundles.make_due(place, SETTINGS, database, NOW + WEEK_MS)
    assert len(bundles.listed(place)) == 2
    keep(database, note("", "", secret, kind="tombstone"))
    made = bundles.make_due(place, SETTINGS, database, NOW + WEEK_MS + 1)
    assert bundles.listed(place) == [made]
    assert made is not None
    files = cloned(made, tmp_path / "clone")
    assert sorted(files.values())[1:] == ["stays"]
    assert all("secret" not in text for text in files.values())


@pytest.mark.parametrize(
    "path", [".git/config.md", "git~1.md", 'a".md', "CON.md", "-rf.md", "ünï ☃.md", "a:b|c*.md", "x" * 390 + ".md", ""]
)
def test_strangers_names_become_plain_files(house: Any, tmp_path: Path, path: str) -> None:
    place, database = house
    keep(database, note("hello", path))
    made = bundles.make_due(place, SETTINGS, database, NOW)
    assert made is not None
    files = cloned(made, tmp_path / "clone")
    assert "hello" in files.values()
    assert all(part and not part.startswith(".") and '"' not in part for name in files for part in name.split("/"))


@pytest.mark.slow
def test_an_empty_commons_and_no_wish_for_bundles(house: Any, tmp_path: Path) -> None:
    place, database = house
    made = bundles.make_due(place, SETTINGS, database, NOW)
    assert made is not None
    assert list(cloned(made, tmp_path / "clone")) == ["ATTRIBUTION.tsv"]
    for week in range(1, 12):
        bundles.make_due(place, replace(SETTINGS), database, NOW + week * WEEK_MS)
    assert len(bundles.listed(place)) <= bundles.KEPT + 1


async def test_they_are_served_to_whoever_asks_and_nothing_else_is(house: Any) -> None:
    place, database = house
    keep(database, note("hello"))
    made = bundles.make_due(place, SETTINGS, database, NOW)
    assert made is not None
    app = page(database, charter.read(place.charter.read_text()), lambda: True, place=place)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://community") as client:
        (row,) = (await client.get("/bundles")).json()["bundles"]
        assert (row["name"], row["notes"]) == (made.name, 1)
        assert (await client.get(f"/bundles/{made.name}")).content == made.read_bytes()
        for name in ("epoch-1.bundle", "..%2fcoordinator.db", made.with_suffix(".json").name, "epoch-100.bundle%00"):
            assert (await client.get(f"/bundles/{name}")).status_code == 404
        assert (await client.post(f"/bundles/{made.name}")).status_code == 405
