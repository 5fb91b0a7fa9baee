"""What was written here and what others shared is found by words, by meaning, and through filters; what is gone is not."""

from pathlib import Path
from typing import Any

import pytest

from support.homes import empty_home, read_by_another_encoder
from support.minds import Embedder, by_words
from weal_node.records import Note, Visibility
from weal_node.search import indexing
from weal_node.search.service import Search
from weal_node.store import passages, records
from weal_node.store.passages import Filter
from weal_node.store.records import Mirrored
from weal_node.text.query import parse
from weal_node.vault.rules import Rules

BEN, OWN = "b" * 64, "a" * 64
TOPICS = {"bicycle": 0, "bike": 0, "wheel": 0, "piano": 1, "music": 1, "bread": 2}


class House:
    """A vault, a database and what looks into them."""

    def __init__(self, folder: Path) -> None:
        self.database, self.vault = empty_home(folder)
        self.reader = Embedder(by_words(TOPICS))
        self.search = Search(self.database, self.reader, lambda: {BEN: "Ben", OWN: "Ada"})

    def write(self, title: str, body: str, visibility: Visibility = Visibility.PRIVATE) -> Note:
        return self.vault.save(Note("", "", title, body, visibility))

    async def shared(self, number: int, body: str, **more: Any) -> None:
        given: dict[str, Any] = {
            "kind": "note",
            "author": BEN,
            "note": f"{number:032x}",
            "written_ms": 1_000 * number,
        } | more
        row = Mirrored(
            f"{number:064x}",
            number,
            given["kind"],
            given["author"],
            given["note"],
            "n.md",
            "public",
            given["written_ms"],
            body,
            b"",
        )
        await self.database.write(lambda connection: records.add(connection, [row]))

    async def read(self) -> None:
        await indexing.by_words(self.database, self.vault, OWN)
        while await indexing.by_meaning(self.database, self.reader):
            pass

    async def titles(self, text: str, way: str = "both") -> list[str]:
        return [hit.title for hit in await self.search.find(parse(text), way=way)]


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    made = House(tmp_path)
    made.write("Repairs", "My bicycle needs a new chain. #home/garage")
    made.write("Sunday", "Bread with friends.", Visibility.PUBLIC)
    await made.shared(1, "---\ntitle: Tools\ntags: [garage]\n---\nI mend every wheel.")
    await made.shared(2, "---\ntitle: Evenings\n---\nPiano at the library.")
    await made.shared(3, "More trees along the road.", kind="item")
    await made.shared(4, "own, as it came back", author=OWN)
    await made.read()
    yield made
    made.database.close()
    made.reader.close()


async def test_words_find_words_and_meaning_finds_what_has_none_of_them(house: House) -> None:
    assert await house.titles("bicycles", "words") == ["Repairs"]  # another form of the word
    assert await house.titles("bike", "words") == []
    assert set(await house.titles("bike")) == {"Repairs", "Tools"}
    hits = await house.search.find(parse("bicycle"))
    assert [(hit.title, hit.by, hit.name) for hit in hits] == [("Repairs", "both", ""), ("Tools", "meaning", "Ben")]
    assert ("bicycle", True) in hits[0].snippet


async def test_filters(house: House) -> None:
    assert set(await house.titles("tag:garage")) == {"Tools"}
    assert await house.titles("tag:home") == ["Repairs"]  # filed below it
    assert await house.titles("bike author:be") == ["Tools"]
    assert await house.titles("bike in:mine") == ["Repairs"]
    assert set(await house.titles("in:others")) == {"Tools", "Evenings", ""}
    assert await house.titles("is:private") == ["Repairs"]
    assert await house.titles("in:others until:1970-01-01 piano") == ["Evenings"]
    assert await house.titles("piano since:1970-01-02 in:others") == []


async def test_a_changed_note_is_found_as_it_is_now_and_a_deleted_one_not_at_all(house: House) -> None:
    note = house.write("Plan", "Learn the piano.")
    await house.read()
    assert set(await house.titles("piano")) == {"Plan", "Evenings"}
    (house.vault.root / note.path).write_text("Learn the cello.")
    await house.read()
    assert await house.titles("cello") == ["Plan"]
    assert await house.titles("piano") == ["Evenings"]
    (house.vault.root / note.path).unlink()
    await house.read()
    assert await house.titles("cello") == []


async def test_only_the_newest_version_of_anothers_note_is_found_and_none_that_was_taken_away(house: House) -> None:
    await house.shared(9, "---\ntitle: Evenings\n---\nMusic no more.", note=f"{2:032x}", written_ms=9_000)
    await house.read()
    assert await house.titles("library") == []
    assert await house.titles("music", "words") == ["Evenings"]
    await house.database.write(
        lambda connection: connection.execute("DELETE FROM records WHERE note = ?", (f"{2:032x}",))
    )
    await house.read()
    assert await house.titles("music") == []


async def test_of_a_redacted_note_nothing_is_found_its_older_versions_neither(house: House) -> None:
    await house.shared(9, "", note=f"{2:032x}", written_ms=9_000)  # a newer record whose body was taken away
    await house.read()
    assert await house.titles("library piano") == []
    assert await indexing.by_words(house.database, house.vault, OWN) == 0


async def test_looking_twice_changes_nothing(house: House) -> None:
    before = await house.database.read(passages.counts)
    assert await indexing.by_words(house.database, house.vault, OWN) == 0
    assert await house.database.read(passages.counts) == before == (5, 0)
    await house.database.write(passages.forget_all)
    await house.read()
    assert await house.database.read(passages.counts) == before


async def test_malformed_front_matter_of_another_is_found_by_its_words(house: House) -> None:
    await house.shared(7, "---\n[\n---\nzebra")
    await house.read()
    assert await house.titles("zebra") == ["n"]


async def test_where_few_hold_all_words_some_of_them_suffice(house: House) -> None:
    assert await house.titles("mend trombones", "words") == ["Tools"]


async def test_a_folders_new_default_is_in_the_index_and_a_deleted_passage_takes_nobodys_place(house: House) -> None:
    (house.vault.root / "diary").mkdir()
    (house.vault.root / "diary/day.md").write_text("Music all day.")
    house.vault.rules = Rules({"diary": Visibility.PUBLIC})
    await house.read()
    assert await house.titles("music is:public in:mine") == ["day"]
    house.vault.rules = Rules({"diary": Visibility.PRIVATE})
    await house.read()
    assert await house.titles("music is:public in:mine") == []
    through = house.database.read_now(lambda connection: house.search.roster.through(connection, Filter()))
    vectors = await house.reader.embed(["Music"])
    (near,) = house.search.vectors.nearest(vectors, 100, through)
    there = house.database.read_now(lambda connection: passages.fetch(connection, [one for one, _ in near]))
    assert len(near) == len(there) == 6


async def test_all_words_in_a_title_stand_before_meaning(house: House) -> None:
    for number in range(10, 20):
        await house.shared(number, f"---\ntitle: Thoughts {number}\n---\nbicycle wheel bike bicycle.")
    house.write("Bike and the cellar", "Damp down there.")
    await house.read()
    assert (await house.titles("bike cellar"))[0] == "Bike and the cellar"
    assert len(await house.titles("bike cellar")) > 1


@pytest.mark.slow
async def test_meaning_counts_by_the_share_that_it_has_read(house: House) -> None:
    for number in range(10, 30):  # each means it, and none has the word
        await house.shared(number, f"---\ntitle: Ride {number}\n---\nwheel wheel.")
    await house.read()
    for number in range(40, 160):
        await house.shared(number, f"---\ntitle: Word {number}\n---\nbicycle and other things, number {number}.")
    await indexing.by_words(house.database, house.vault, OWN)  # most are found by their words only as yet
    hits = await house.search.find(parse("bicycle"))
    assert {hit.by for hit in hits} <= {"words", "both"}
    while await indexing.by_meaning(house.database, house.reader):
        pass
    assert len(await house.search.find(parse("bicycle"), 100)) > 90


async def test_a_hash_means_the_tag_and_then_the_word(house: House) -> None:
    house.write("Code", "```c\n#include <stdio.h>\n```\nticket #17")
    house.write("Reading", "words #include")
    await house.read()
    assert await house.titles("#include", "words") == ["Reading", "Code"]
    assert await house.titles("#17", "words") == ["Code"]
    assert await house.titles("#home", "words") == ["Repairs"]


@pytest.mark.parametrize("asked", ["???", "+", "“…”"])
async def test_signs_alone_find_nothing(house: House, asked: str) -> None:
    assert await house.titles(asked) == []


async def test_passages_that_another_encoder_read_are_found_by_words_until_they_are_read_anew(house: House) -> None:
    count = len(house.reader.batches)
    await read_by_another_encoder(house.database)
    again = Search(house.database, house.reader, lambda: {BEN: "Ben", OWN: "Ada"})
    await indexing.read_again(house.database)
    total, waiting = await house.database.read(passages.counts)
    assert waiting == total > 0
    assert await house.titles("bicycles", "words") == ["Repairs"]
    assert not await again.find(parse("bike"), way="meaning")
    assert await indexing.by_meaning(house.database, house.reader)  # a part of them, and the node is killed
    await indexing.read_again(house.database)
    await house.read()
    assert sum(map(len, house.reader.batches[count:])) == total + 1  # and one question
    assert [hit.title for hit in await again.find(parse("bike"), way="meaning")] == await house.titles(
        "bike", "meaning"
    )
    assert len(again.vectors) == total
    await indexing.read_again(house.database)
    assert await house.database.read(passages.counts) == (total, 0)
