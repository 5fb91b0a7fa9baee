"""What was imported is sifted once a file, in a thread that says how far it is and can be stopped."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from support.homes import empty_home
from weal_node.importing.triage import Sifting, Waiting
from weal_node.store import imports
from weal_node.vault import sensitive
from weal_node.vault.sensitive import Finding

LONG_S = 60.0


@pytest.fixture
def sifting(tmp_path: Path) -> Iterator[Sifting]:
    database, vault = empty_home(tmp_path)
    vault.put([("a.md", b"Words.\n"), ("b.md", b"Ring +49 171 1234567.\n"), ("c.md", b"More.\n")], "Import")
    for path in ("a.md", "b.md", "c.md", "gone.md"):
        one = imports.Imported(path, "folder", path, "", path, 0)
        database.write_now(partial(imports.add, imported=one))
    yield Sifting(database, vault)
    database.close()


async def test_flagged_ones_and_those_that_cannot_be_read_come_first(sifting: Sifting) -> None:
    found = await sifting.look(LONG_S)
    assert found is not None
    assert [(one.path, one.flagged) for one in found] == [
        ("b.md", True),
        ("gone.md", True),
        ("a.md", False),
        ("c.md", False),
    ]
    assert "gone.md" in found[1].fault


async def test_a_file_is_scanned_once(sifting: Sifting, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await sifting.look(LONG_S)

    def never(_text: str, _path: str) -> tuple[Finding, ...]:
        raise AssertionError

    monkeypatch.setattr(sensitive, "found", never)
    assert await sifting.look(LONG_S) == first


async def test_a_look_that_takes_long_says_how_far_it_is_and_ends_when_told(
    sifting: Sifting, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def slow(_text: str, _path: str) -> tuple[Finding, ...]:
        reached.set()
        go_on.wait(LONG_S)
        return ()

    monkeypatch.setattr(sensitive, "found", slow)
    assert await sifting.look(0.0) is None
    assert sifting.total == 4
    assert await sifting.look(0.0) is None  # the same look, not another
    assert reached.wait(LONG_S)
    go_on.set()
    await sifting.close()
    found = await sifting.look(LONG_S)
    assert found == (Waiting("a.md", "a"),)  # stopped after the note that was being scanned
