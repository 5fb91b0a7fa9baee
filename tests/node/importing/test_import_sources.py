"""Sources are told apart by what they hold: two of one name are two, one that moved is one, and what is replaced is named."""

import json
import shutil
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

from weal_node.importing import importing
from weal_node.importing.importing import planned
from weal_node.store import imports
from weal_node.store.imports import Imported
from weal_node.vault import dates
from weal_node.vault.folder import Vault


def on(_done: int, _total: int) -> bool:
    return True


def folder(place: Path, **words: str) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    for name, text in words.items():
        (place / f"{name}.md").write_text(text)
    return place


def held(vault: Vault) -> dict[str, str]:
    return {version.note.path: vault.raw(version.note.path).decode() for version in vault.versions()}


async def brought(node: Any, place: Path) -> Any:
    """Plan and bring; what the plan says is what happens."""
    database, vault = node
    plan = planned(database, place, "", on, vault)
    done = await importing.bring(database, vault, 1, place, "", on)
    assert done.written == plan.new + plan.changed
    return plan


async def test_two_folders_of_one_name_are_two_sources(node: Any, tmp_path: Path) -> None:
    _, vault = node
    first = folder(tmp_path / "work/Diary", monday="work", friday="meetings")
    second = folder(tmp_path / "home/Diary", monday="garden", sunday="rest")
    await brought(node, first)
    plan = await brought(node, second)
    assert (plan.new, plan.changed, plan.replaced) == (2, 0, ())
    assert sorted(held(vault).values()) == ["garden", "meetings", "rest", "work"]
    folder(first, monday="more work")
    plan = await brought(node, first)
    assert (plan.changed, plan.replaced) == (1, ("Diary/monday.md",))
    assert held(vault)["Diary 2/monday.md"] == "garden"


async def test_two_files_of_one_name_are_two(node: Any, tmp_path: Path) -> None:
    _, vault = node
    for above in ("a", "b"):
        await brought(node, folder(tmp_path / above, todo=f"words of {above}") / "todo.md")
    assert any("words of a" in text for text in held(vault).values())
    assert any("words of b" in text for text in held(vault).values())


async def test_a_source_that_moved_is_the_same_and_its_changes_come(node: Any, tmp_path: Path) -> None:
    _, vault = node
    place = folder(tmp_path / "old/Garden", **{f"bed{number}": f"plant {number}" for number in range(6)})
    await brought(node, place)
    (tmp_path / "elsewhere").mkdir()
    shutil.copytree(place, moved := tmp_path / "elsewhere/Plants")
    shutil.rmtree(place)
    folder(moved, bed1="a tree now", bed9="new")
    plan = await brought(node, moved)
    assert (plan.new, plan.known, plan.replaced) == (1, 5, ("Garden/bed1.md",))
    assert held(vault)["Garden/bed9.md"] == "new"


async def test_a_copy_beside_the_first_is_another_and_a_newer_archive_is_not(node: Any, tmp_path: Path) -> None:
    _, vault = node
    words = {f"n{number}": f"words {number}" for number in range(4)}
    place = folder(tmp_path / "one/Log", **words)
    await brought(node, place)
    copy = folder(tmp_path / "two/Log", **{**words, "n0": "went another way"})
    plan = await brought(node, copy)
    assert plan.replaced == ()
    assert held(vault)["Log/n0.md"] == "words 0"
    for month in ("may", "june"):
        with zipfile.ZipFile(tmp_path / f"export-{month}.zip", "w") as archive:
            for name, text in {**words, "n3": month}.items():
                archive.writestr(f"export-{month}/{name}.md", f"packed {text}")
        plan = await brought(node, tmp_path / f"export-{month}.zip")
    assert (plan.new, plan.known, plan.replaced) == (0, 3, ("export-may/n3.md",))


async def test_what_was_changed_here_stays_and_what_was_moved_here_is_followed(node: Any, tmp_path: Path) -> None:
    _, vault = node
    place = folder(tmp_path / "Box", mine="first", moved="to move")
    await brought(node, place)
    (vault.root / "Box/mine.md").write_text("my own words")
    (vault.root / "Shelf").mkdir()
    (vault.root / "Box/moved.md").rename(vault.root / "Shelf/called otherwise.md")
    folder(place, mine="second", moved="newer")
    plan = await brought(node, place)
    assert plan.beside == ("Box/mine.md",)
    assert plan.replaced == ("Shelf/called otherwise.md",)
    assert held(vault) == {
        "Box/mine.md": "my own words",
        "Box/mine 2.md": "second",
        "Shelf/called otherwise.md": '---\naliases: ["moved"]\n---\nnewer',  # links of the source still say moved
    }


async def test_what_an_earlier_version_imported_is_known(node: Any, tmp_path: Path) -> None:
    database, vault = node
    place = folder(tmp_path / "Archive", one="1", two="2", three="3")

    def earlier(connection: sqlite3.Connection) -> None:
        for name, text in (("one", "1"), ("two", "2"), ("three", "older")):
            digest = dates.digest(text.encode())
            imports.add(
                connection, Imported(f"folder:Archive/{name}.md", "folder", f"Archive/{name}.md", digest, digest, 1)
            )
        imports.written(connection, [f"folder:Archive/{name}.md" for name in ("one", "two", "three")])

    vault.put([("Archive/one.md", b"1"), ("Archive/two.md", b"2"), ("Archive/three.md", b"older")], "Import 3 notes")
    await database.write(earlier)
    plan = await brought(node, place)
    assert (plan.new, plan.known, plan.replaced) == (0, 2, ("Archive/three.md",))
    other = folder(tmp_path / "other/Archive", one="not the same at all")
    assert (await brought(node, other)).new == 1
    assert held(vault)["Archive/one.md"] == "1"


async def test_forgetting_the_one_note_of_a_source_forgets_where_it_lay(node: Any, tmp_path: Path) -> None:
    database, _ = node
    await brought(node, folder(tmp_path / "x", telling="words") / "telling.md")
    await database.write(lambda connection: imports.forget(connection, ["telling.md"]))
    with sqlite3.connect(database.path) as connection:
        assert not [one for one in connection.iterdump() if "telling" in one]


async def test_an_import_again_of_one_conversation_replaces_its_note_by_name(node: Any, tmp_path: Path) -> None:
    _, vault = node
    place = tmp_path / "conversations.json"
    for words in ("first", "second"):
        message = {"author": {"role": "user"}, "content": {"parts": [words]}}
        place.write_text(json.dumps({"title": "T", "id": "c", "mapping": {"a": {"message": message}}}))
        await brought(node, place)
    place.write_text(place.read_text().replace("second", "third"))
    plan = await brought(node, place)
    assert plan.replaced == ("ChatGPT/T.md",)
    assert "third" in held(vault)["ChatGPT/T.md"]
