"""The vault read in stages: by rule at once, by meaning as it comes; and what the person says of lines, over a restart too."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.homes import empty_home
from support.minds import Embedder, by_words
from support.waiting import until_async
from weal_node.errors import NotFoundError
from weal_node.rereading import gestures
from weal_node.rereading.rereading import Looked, Rereading
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_protocol.errors import WealError

NOW_MS = 1_796_000_000_000
DIARY = "Journal/2026-11-01.md"
LONG = "We salted green tomatoes like capers in the barrel and they kept sharp and sour until March beside the cabbage in the cold cellar room.\n"


@dataclass
class Reader:
    """A person with a vault. embedder: stands for the encoder."""

    database: Database
    vault: Vault
    embedder: Embedder

    def opened(self) -> Rereading:
        """What a node makes when it starts."""
        return Rereading(self.database, self.vault, self.embedder, lambda: NOW_MS)

    def write(self, path: str, text: str) -> None:
        place = self.vault.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        self.vault.changes += 1


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    database, vault = empty_home(tmp_path)
    made = Reader(database, vault, Embedder(by_words()))
    yield made
    database.close()


def acts(looked: Looked) -> list[str]:
    return [finding.act for finding in looked.page.findings]


async def test_by_rule_at_once_without_the_encoder_and_by_meaning_later(reader: Reader) -> None:
    reader.write("Heron 2026-11-02.md", f"---\ndate: 2026-11-02\n---\nI like sharp things in winter. {LONG}")
    reader.write("Preserving.md", f"---\ndate: 2023-08-02\n---\nMy tomatoes of August, with salt and time. {LONG}")
    reader.write(
        "Other.md",
        "---\ndate: 2020-01-02\n---\n"
        + "I walk along some quiet street every other morning before breakfast and nobody says a word to anybody at all there.\n",
    )
    reader.write(DIARY, "I want to learn the piano properly.\n")
    rereading = reader.opened()
    first = await rereading.look(None)
    assert reader.embedder.batches == []
    assert "learn the piano properly" in acts(first)
    assert "near" not in [finding.rule for finding in first.page.findings]
    await rereading.understand()
    second = await rereading.look(None)
    assert (second.read, second.total, second.whole) == (4, 4, True)
    (near,) = [finding for finding in second.page.findings if finding.rule == "near"]
    assert [quote.title for quote in near.quotes] == ["Heron 2026-11-02", "Preserving"]
    read = len(reader.embedder.batches)
    again = reader.opened()
    await again.look(None)
    await again.understand()
    assert len(reader.embedder.batches) == read, "vectors are computed once"


async def test_a_page_shows_what_is_found_while_reading_goes_on(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weal_node.rereading.rereading.CHUNK", 1)
    for day in range(1, 9):
        reader.write(f"Journal/2026-11-0{day}.md", f"I want to visit place number {day} by train.\n")
    rereading = reader.opened()
    seen = [(await rereading.look(0)).read for _ in range(1_000)]
    last = await rereading.look(None)
    assert seen == sorted(seen)
    assert last.read == 8
    assert any(0 < read < 8 for read in seen), "it was seen on the way"


async def test_what_was_said_holds_after_a_restart_and_can_be_taken_back(reader: Reader) -> None:
    reader.write(DIARY, "I want to learn the piano properly.\nI want to build a cold frame of oak.\n")
    reader.write("Journal/2025-11-01.md", "I want to learn the piano.\n")
    rereading = reader.opened()
    (line,) = [finding for finding in (await rereading.look(None)).page.findings if finding.rule == "repeated"]
    assert "learn" in line.act
    await rereading.say(line.key[:10], "done")
    assert set(line.members) <= gestures.heeded(await gestures.every(reader.database)).closed
    looked = await reader.opened().look(None)
    assert acts(looked) == ["build a cold frame of oak"], "done in one note closes its group"
    await rereading.say(looked.page.findings[0].key, "do")
    later = await reader.opened().look(None)
    assert acts(later) == []
    assert [said.act for said in await gestures.wanted(reader.database)] == ["build a cold frame of oak"]
    assert (await gestures.wanted(reader.database))[0].quotes[0].path == DIARY
    await gestures.take_back(reader.database, line.key)
    assert len((await reader.opened().look(None)).page.findings) == 1


async def test_not_like_this_silences_the_rule_for_that_note_alone(reader: Reader) -> None:
    reader.write(DIARY, "I want to build a cold frame of oak.\n")
    reader.write("Journal/2026-11-02.md", "I want to visit Leeds by train.\n")
    rereading = reader.opened()
    (line,) = [finding for finding in (await rereading.look(None)).page.findings if "cold frame" in finding.act]
    await rereading.say(line.key, "unlike")
    reader.write(DIARY, "I want to build a kiln of clay.\n")
    assert acts(await rereading.look(None)) == ["visit Leeds by train"]


async def test_a_line_that_is_not_there_and_a_word_that_is_no_gesture_are_refused(reader: Reader) -> None:
    reader.write(DIARY, "I want to build a cold frame of oak.\n")
    rereading = reader.opened()
    with pytest.raises(NotFoundError):
        await rereading.say("", "done")
    with pytest.raises(NotFoundError):
        await rereading.say("0" * 32, "done")
    (line,) = (await rereading.look(None)).page.findings
    with pytest.raises(WealError):
        await rereading.say(line.key, "perhaps")
    with pytest.raises(NotFoundError):
        await gestures.take_back(reader.database, line.key)


async def test_one_strange_note_stops_no_other(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.write(DIARY, "I want to build a cold frame of oak.\n")
    reader.write("Strange.md", "I want to visit Leeds by train.\n")
    from weal_node.look import facts

    real = facts.of
    monkeypatch.setattr(facts, "of", lambda note, now_ms: 1 / 0 if note.path == "Strange.md" else real(note, now_ms))
    assert acts(await reader.opened().look(None)) == ["build a cold frame of oak"]


async def test_remarks_stay_out_and_an_edit_is_seen(reader: Reader) -> None:
    reader.write(DIARY, "%% I want to visit Leeds by train. %%\nI want to build a cold frame of oak.\n")
    rereading = reader.opened()
    assert acts(await rereading.look(None)) == ["build a cold frame of oak"]
    reader.write(DIARY, "Nothing.\n")
    assert acts(await rereading.look(None)) == []


async def test_it_keeps_up_by_itself(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weal_node.rereading.rereading.EVERY_S", 0.01)
    reader.write(DIARY, "I want to build a cold frame of oak.\n")
    rereading = reader.opened()
    work = asyncio.create_task(rereading.keep_up())
    await until_async(lambda: bool(reader.embedder.batches))
    assert [one.act for one in await rereading.acts()] == ["build a cold frame of oak"]
    work.cancel()


async def test_acts_and_likes_for_teach_and_today(reader: Reader) -> None:
    reader.write(DIARY, "I want to build a cold frame of oak.\nI hate writing the same code twice.\n")
    rereading = reader.opened()
    (act,) = await rereading.acts()
    assert (act.act, act.quoted.path) == ("build a cold frame of oak", DIARY)
    (like,) = await rereading.likes()
    assert like.asks.startswith("You wrote: “I hate writing the same code twice.”")
    await rereading.say(act.key, "done")
    assert await rereading.acts() == ()
