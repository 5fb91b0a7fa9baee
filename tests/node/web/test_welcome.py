"""The first page of a new home: it comes first while there is nothing, takes a name, and leads in three ways."""

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from weal_node.records import Choice, Note, Visibility


async def first(page: Any) -> str:
    answer = await page.client.get("/")
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def test_it_comes_first_until_there_is_a_note_or_an_answer(page: Any) -> None:
    assert await first(page) == "/welcome"
    await page.see("/today")  # and stands in nobody's way
    await page.answered(page.answer(1, 0, Choice.ACCEPT))
    assert await first(page) == "/today"


async def test_a_note_is_enough(page: Any) -> None:
    page.vault.save(Note("", "", "Sun", "It shines.", Visibility.PRIVATE))
    assert await first(page) == "/look"
    await page.answered(page.answer(0, 0, Choice.ACCEPT))
    assert await first(page) == "/today"


async def test_a_file_that_cannot_be_read_is_no_empty_vault(page: Any) -> None:
    (page.vault.root / "Latin.md").write_bytes(b"\xff\xfe\xff")
    assert await first(page) == "/look"


async def test_the_name_is_kept_and_stands_on_every_page(page: Any) -> None:
    assert "You, in no community yet" in await page.see("/welcome")
    answer = await page.send("/welcome", name=' Marta  "M" ', way="write")
    assert answer.headers["location"] == "/notes/new"
    assert page.desk.settings.name == 'Marta "M"'
    assert tomllib.loads(page.desk.home.settings.read_text())["name"] == 'Marta "M"'
    assert "Marta &#34;M&#34;, in no community yet" in await page.see("/notes/new")


async def test_without_a_name_every_way_is_open(page: Any) -> None:
    assert (await page.send("/welcome", name="", way="import")).headers["location"] == "/notes/import"
    assert page.desk.settings.name == "me"


async def test_a_name_that_cannot_be_one_is_refused_and_comes_back(page: Any) -> None:
    answer = await page.send("/welcome", 400, name="x" * 81, way="write")
    assert "a name has 1 to 80 bytes" in answer.text.lower()
    assert 'value="' + "x" * 81 in answer.text


async def test_in_a_community_the_name_is_the_one_it_knows(page: Any) -> None:
    page.desk.joined = SimpleNamespace(name="commons", own_key="a" * 64)
    answer = await page.send("/welcome", 409, name="Marta", way="write")
    assert "commons knows you as me" in answer.text.lower()
    assert page.desk.settings.name == "me"


async def test_a_folder_is_opened_in_place(page: Any, tmp_path: Path) -> None:
    kitchen = tmp_path.parent / f"{tmp_path.name}-kitchen"
    kitchen.mkdir()
    (kitchen / "Bread.md").write_text("72 is enough.\n")
    assert "No folder was named" in (await page.send("/welcome", 400, name="", way="open", place="")).text
    assert "is not a folder" in (await page.send("/welcome", 400, way="open", place="/no/such/place")).text
    answer = await page.send("/welcome", name="Marta", way="open", place=str(kitchen))
    assert answer.headers["location"] == "/notes?said=opened"
    listed = await page.see("/notes")
    assert ">Bread</a>" in listed
    assert str(kitchen) in listed
    assert (await page.send("/welcome", 400, way="open", place=str(kitchen))).text.count("has notes already") == 1
