"""A question is answered by what stands in notes: own ones, mirrored ones and the commons', in order, cited; or plainly not at all."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from support.homes import empty_home
from support.minds import Embedder, by_words
from weal_node.records import Note, Visibility
from weal_node.search import indexing, sources
from weal_node.search.asking import Asked, ask
from weal_node.search.cited import as_json, cited
from weal_node.search.service import Search
from weal_node.search.sources import Found
from weal_node.store import answered, passages, records
from weal_node.store.answered import Verdict
from weal_node.store.records import Mirrored
from weal_node.text import bearing
from weal_node.text.bearing import Evidence
from weal_protocol.errors import WealError

BEN, OWN = "b" * 64, "a" * 64
TOPICS = {
    "starter": 0,
    "leaven": 0,
    "закваска": 0,
    "rehearsal": 1,
    "rehearsals": 1,
    "bicycle": 2,
    "slugs": 3,
    "rain": 4,
}
LOG = "# March\nForgot the starter for 16 days.\n\n# May\nNew flour.\n\n# June\nThe starter came back in two days."


class House:
    """A vault, a database and what looks into them."""

    def __init__(self, folder: Path) -> None:
        self.database, self.vault = empty_home(folder)
        self.reader = Embedder(by_words(TOPICS))
        self.search = Search(self.database, self.reader, lambda: {BEN: "Ben", OWN: "Ada"})
        self.count = 0

    def write(self, title: str, body: str, visibility: Visibility = Visibility.PRIVATE) -> Note:
        return self.vault.save(Note("", "", title, body, visibility))

    async def shared(self, body: str, kind: str = "note") -> None:
        self.count += 1
        number = self.count
        row = Mirrored(
            f"{number:064x}", number, kind, BEN, f"{number:032x}", "n.md", "public", 1_000 * number, body, b""
        )
        await self.database.write(lambda connection: records.add(connection, [row]))

    async def read(self) -> None:
        await indexing.by_words(self.database, self.vault, OWN)
        while await indexing.by_meaning(self.database, self.reader):
            pass

    async def ask(self, text: str) -> Asked:
        return await ask(self.search, text)

    async def say(self, asked: Asked, place: int, answers: bool, now_ms: int = 1) -> None:
        source = asked.sources[place]
        verdict = Verdict(source.of.author, source.of.note, source.best.digest, answers)
        await self.database.write(lambda connection: answered.say(connection, asked.question.key, verdict, now_ms))


def titles(asked: Asked) -> list[str]:
    return [source.of.title for source in asked.sources]


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    made = House(tmp_path)
    made.write("Sourdough log", LOG)
    made.write("Choir", "Rehearsals moved to Thursday.", Visibility.PUBLIC)
    made.write("Bicycle", "New chain in autumn.")
    await made.shared("---\ntitle: Bread at home\ntags: [bread]\n---\nI feed my leaven every third week.")
    await made.shared("Slugs hate copper.", kind="item")
    await made.read()
    yield made
    made.database.close()
    made.reader.close()


async def test_own_and_mirrored_notes_answer_in_words_that_stand_there(house: House) -> None:
    asked = await house.ask("How long does the starter survive?")
    assert titles(asked) == ["Sourdough log", "Bread at home"]
    own, other = (cited(asked, source) for source in asked.sources)
    assert (own.author, own.name, other.author, other.name) == ("", "", BEN, "Ben")
    assert other.visibility == "public"
    assert ("starter", True) in own.quotes[0].text
    assert own.place.startswith(f"/notes/{own.note}#:~:text=")
    assert [(person.name, person.count, person.tags) for person in asked.people] == [("Ben", 1, ("bread",))]


async def test_an_item_of_the_commons_answers(house: House) -> None:
    asked = await house.ask("what keeps slugs away?")
    assert cited(asked, asked.sources[0]).kind == "item"
    assert cited(asked, asked.sources[0]).place.startswith("/items/")


async def test_passages_of_a_note_stand_together_in_their_order_under_their_headings(house: House) -> None:
    padding = "Flour and water and salt. " * 33
    house.write("Long log", LOG.replace("\n\n", f"\n\n{padding}\n\n"))
    await house.read()
    asked = await house.ask("starter days")
    (long,) = [source for source in asked.sources if source.of.title == "Long log"]
    assert len(long.parts) > 1
    assert [part.passage.id for part in long.parts] == sorted(part.passage.id for part in long.parts)
    assert long.parts[0].heading == "March"
    assert long.parts[-1].heading in ("May", "June")
    assert titles(asked).count("Long log") == 1


async def test_where_nothing_bears_it_says_so_and_shows_no_wrong_passage(house: House) -> None:
    asked = await house.ask("Which submarine did the uncle serve on?")
    assert asked.sources == ()
    assert not asked.sure
    said = as_json(asked)
    assert said["notes"] == []
    assert asked.missing == ()  # where none of its words stands anywhere, that is no news of one of them
    half = await house.ask("Does the starter need a submarine?")
    assert half.missing == ("submarine",)


async def test_what_answered_it_comes_first_again_and_what_did_not_comes_last(house: House) -> None:
    asked = await house.ask("starter survive")
    await house.say(asked, 1, answers=True)
    again = await house.ask("Does the starter survive?")  # the same words, asked otherwise
    assert titles(again) == ["Bread at home", "Sourdough log"]
    assert again.sources[0].said == "yes"
    assert again.sure
    assert titles(await house.ask("starter flour"))[0] == "Sourdough log"  # of another question nothing was said
    await house.say(again, 0, answers=False, now_ms=2)
    assert titles(await house.ask("starter survive")) == ["Sourdough log", "Bread at home"]
    await house.say(await house.ask("starter survive"), 0, answers=False, now_ms=3)
    nothing = await house.ask("starter survive")
    assert (nothing.sources, len(nothing.nearest) > 0) == ((), True)


async def test_what_answered_it_is_found_though_no_word_of_the_question_stands_in_it(house: House) -> None:
    chain = (await house.ask("bicycle chain")).sources[0]
    key = (await house.ask("what is due before winter?")).question.key
    verdict = Verdict("", chain.of.note, chain.best.digest, True)
    await house.database.write(lambda connection: answered.say(connection, key, verdict, 1))
    assert titles(await house.ask("what is due before winter?")) == ["Bicycle"]
    file = house.vault.root / chain.of.path
    file.write_text(file.read_text().replace("autumn", "spring"))  # it was changed since: the note still answers
    await house.read()
    assert len((await house.ask("what is due before winter?")).sources) == 1
    (house.vault.root / chain.of.path).unlink()
    await house.read()
    assert (await house.ask("what is due before winter?")).sources == ()


async def test_another_language_is_asked_by_meaning(house: House) -> None:
    assert "Bread at home" in titles(await house.ask("колко издържа закваска?"))


async def test_filters_hold(house: House) -> None:
    assert titles(await house.ask("starter in:others")) == ["Bread at home"]
    with pytest.raises(WealError, match="in: knows"):
        await house.ask("starter in:space")


@pytest.mark.parametrize("text", ["", "   ", "???", "! — …"])
async def test_signs_alone_are_told_that_they_ask_nothing(house: House, text: str) -> None:
    asked = await house.ask(text)
    assert asked.said
    assert asked.sources == ()


async def test_a_question_of_ten_thousand_characters_is_answered_from_its_beginning(house: House) -> None:
    assert titles(await house.ask("starter " + "and so it goes on and on " * 400))[0] == "Sourdough log"


async def test_an_empty_vault_has_nothing_to_say(tmp_path: Path) -> None:
    made = House(tmp_path)
    await made.read()
    asked = await made.ask("anything at all?")
    assert (asked.total, asked.sources, asked.nearest, asked.people) == (0, (), (), ())
    made.database.close()
    made.reader.close()


async def test_before_anything_was_read_by_meaning_words_answer(tmp_path: Path) -> None:
    made = House(tmp_path)
    made.write("Choir", "Rehearsals moved to Thursday.")
    await indexing.by_words(made.database, made.vault, OWN)
    asked = await made.ask("rehearsals thursday")
    assert (titles(asked), asked.waiting) == (["Choir"], 1)
    made.database.close()
    made.reader.close()


async def test_one_bad_note_never_stops_the_others(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    coverage = bearing.coverage

    def refuses(weights: Any, title: str, text: str) -> float:
        if title == "Bread at home":
            raise RuntimeError("what a stranger wrote")
        return coverage(weights, title, text)

    monkeypatch.setattr(bearing, "coverage", refuses)  # no text is known that does it
    assert titles(await house.ask("starter survive")) == ["Sourdough log"]


async def test_a_question_that_the_encoder_cannot_read_is_answered_by_words(house: House) -> None:
    async def fails(texts: Sequence[str]) -> Any:
        raise ValueError(texts)

    house.reader.embed = fails  # type: ignore[method-assign]
    assert "Sourdough log" in titles(await house.ask("starter came back days"))


async def test_forgetting_a_note_forgets_what_was_said_of_it(house: House) -> None:
    asked = await house.ask("starter survive")
    await house.say(asked, 0, answers=True)

    def drop(connection: sqlite3.Connection) -> tuple[Verdict, ...]:
        answered.forget(connection, "", asked.sources[0].of.note)
        return answered.of(connection, asked.question.key)

    assert await house.database.write(drop) == ()


async def test_who_shares_most_of_it_comes_first_and_the_person_is_none_of_them(house: House) -> None:
    ids = await house.database.read(passages.ids)
    near = [(number, 0.9) for number in ids]
    people = await house.database.read(lambda connection: sources.knowing(connection, (), near, {BEN: "Ben"}))
    assert [(person.name, person.count) for person in people] == [("Ben", 2)]
    far = [(number, 0.01) for number in ids]
    assert await house.database.read(lambda connection: sources.knowing(connection, (), far, {})) == ()


async def test_the_likeliest_note_comes_first_and_its_weaker_passages_with_it(house: House) -> None:
    fetched = await house.database.read(lambda c: passages.fetch(c, passages.ids(c)))
    every = sorted(fetched.values(), key=lambda passage: passage.id)
    marks = [0.5, 0.9, 0.4, 0.6, 0.7]
    found = [Found(passage, Evidence(mark, mark, 0, False)) for passage, mark in zip(every, marks, strict=True)]
    found.sort(key=lambda one: -one.evidence.rank)
    shown, nearest = sources.chosen(found, (), {})
    assert [source.best.evidence.cosine for source in shown] == [
        0.9,
        0.7,
        0.6,
    ]  # what is far weaker is not shown beside it
    assert nearest == ()


async def test_a_question_that_means_nothing_is_not_answered_by_a_note_that_says_nothing(house: House) -> None:
    house.write("Empty", "")
    house.write("Signs", "--- *** ---")
    await house.read()
    assert (await house.ask("asdfghjkl qwerty")).sources == ()
