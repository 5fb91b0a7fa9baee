"""What was written before joining leaves only where its person ticked it, whatever its file or folder says, and after the full delay."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.commons import Commons
from support.homes import empty_home
from weal_node import keys
from weal_node.commons import consent, publishing, review
from weal_node.config import Settings
from weal_node.errors import TypedError
from weal_node.importing import watcher
from weal_node.records import Note, Visibility
from weal_node.store.database import Database
from weal_node.vault.folder import Vault

DAY_MS = 86_400_000
JOINED_MS = 100 * DAY_MS
DELAY_MS = 600_000
KEYS = keys.new()
PUBLIC = b"---\nvisibility: public\n---\n"


@dataclass
class Place:
    """A home's notes and what others see of them. Files are as old as `written_ms` says."""

    database: Database
    vault: Vault
    commons: Commons

    def put(self, path: str, content: bytes, written_ms: int = JOINED_MS - DAY_MS) -> None:
        """Write a file as another editor does."""
        place = self.vault.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        os.utime(place, ns=(written_ms * 1_000_000,) * 2)

    async def look(self, now_ms: int) -> None:
        await watcher.look(self.database, self.vault, Settings(), now_ms, None)

    async def join(self, *ticked: str, now_ms: int = JOINED_MS) -> None:
        ids = {one.path: one.id for one in self.vault.read_all()[0]}
        await consent.settle(self.database, self.vault, Settings(), now_ms, {ids[path] for path in ticked})

    async def left(self, now_ms: int = JOINED_MS + DAY_MS) -> list[str]:
        """The names of what others have after this time."""
        await self.look(now_ms - DELAY_MS)
        await publishing.send_due(self.database, self.vault, KEYS, self.commons, now_ms)  # type: ignore[arg-type]  # its publish alone
        return sorted(one.path for one in self.commons.came)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    database, vault = empty_home(tmp_path)
    yield Place(database, vault, Commons())
    database.close()


async def written_alone(place: Place) -> None:
    """A folder with a default, lines in files, a note by the page, one that is due since long, a file nobody can read."""
    await review.choose(place.database, place.vault, "garden", "public")
    place.put("garden/Beds.md", b"# Beds\nneeds nothing\n")
    place.put("Diary.md", b"---\nvisibility: community\n---\nToday I cried.\n")
    place.put("Bread.md", b"---\nvisibility: public\noffers: [bread, 1 hour]\n---\n# Bread\n")
    place.put("Private.md", b"nobody's business\n")
    place.put("Torn.md", PUBLIC + b"# Torn \xff\n")
    made = Note("", "", "By the page", "Words.", Visibility.PUBLIC)
    await publishing.save(place.database, place.vault, Settings(), 0, made)
    await place.look(1)


async def test_the_page_lists_what_the_rule_would_publish_and_nothing_else(place: Place) -> None:
    await written_alone(place)
    asked = await consent.gather(place.database, place.vault)
    assert [one.note.path for one in asked.queued] == ["Bread.md", "By the page.md", "Diary.md", "garden/Beds.md"]
    assert (asked.total, asked.unread) == (5, 1)
    await review.choose(place.database, place.vault, "", "community")
    assert "Private.md" in [one.note.path for one in (await consent.gather(place.database, place.vault)).queued]


async def test_nothing_leaves_that_was_not_ticked_and_what_was_leaves_after_the_whole_delay(place: Place) -> None:
    await written_alone(place)
    await place.join("Bread.md")
    assert await publishing.waiting(place.database) == {
        one.id: JOINED_MS + DELAY_MS for one in place.vault.read_all()[0] if one.path == "Bread.md"
    }
    assert await place.left(JOINED_MS + DELAY_MS - 1) == []
    assert await place.left(JOINED_MS + DELAY_MS) == ["Bread.md"]
    assert await place.left(JOINED_MS + 400 * DAY_MS) == ["Bread.md"]
    kept = [one.path for one in await consent.kept(place.database, place.vault)]
    assert kept == ["By the page.md", "Diary.md", "garden/Beds.md"]
    assert {one.visibility for one in place.vault.read_all()[0] if one.path in kept} == {Visibility.PRIVATE}
    assert b"visibility: community" in place.vault.raw("Diary.md")  # the person's file stays as it is


async def test_what_was_kept_stays_kept_through_edits_moves_and_a_restart(place: Place, tmp_path: Path) -> None:
    await written_alone(place)
    await place.join()
    later = JOINED_MS + DAY_MS
    place.put("Diary.md", b"---\nvisibility: community\n---\nToday I cried, twice.\n", later)
    (place.vault.root / "garden/Beds.md").rename(place.vault.root / "garden/Plots.md")
    await place.look(later)
    place.put("garden/Plots.md", b"# Plots\nother words\n", later)
    place.put("Torn.md", PUBLIC + b"# Torn, mended\n", later)
    again = Place(place.database, Vault(place.vault.root, place.database.read_now(review.rules)), place.commons)
    assert await again.left(later + DAY_MS) == []


async def test_a_newer_word_of_the_person_lets_a_kept_note_leave(place: Place) -> None:
    await written_alone(place)
    await place.join()
    later = JOINED_MS + DAY_MS
    place.put("Diary.md", PUBLIC + b"Today I cried.\n", later)  # it said community before
    await place.look(later)
    (page,) = [one for one in place.vault.read_all()[0] if one.path == "By the page.md"]
    shown = Note(page.id, page.path, page.title, page.body, Visibility.PUBLIC)
    await publishing.save(place.database, place.vault, Settings(), later, shown)
    (beds,) = [one for one in await consent.kept(place.database, place.vault) if one.path == "garden/Beds.md"]
    assert await consent.release(place.database, place.vault, Settings(), later, {beds.id}) == 1
    assert await place.left(later + DELAY_MS - 1) == []
    assert await place.left(later + DELAY_MS) == ["Beds.md", "By the page.md", "Diary.md"]


async def test_what_is_written_after_joining_leaves_as_ever_but_old_files_that_come_later_do_not(place: Place) -> None:
    await written_alone(place)
    await place.join()
    later = JOINED_MS + DAY_MS
    place.put("garden/Fresh.md", b"# Fresh\n", later)
    place.put("garden/From the other machine.md", b"# Late\n", JOINED_MS - DAY_MS)
    place.put("Copied.md", PUBLIC + b"# Old\n", JOINED_MS - DAY_MS)
    place.put("shed/Tools.md", b"# Tools\n", JOINED_MS - DAY_MS)
    assert await place.left(later + DAY_MS) == ["Fresh.md"]
    await review.choose(place.database, place.vault, "shed", "public")  # a word about the folder, said since
    assert await place.left(later + 2 * DAY_MS) == ["Fresh.md", "Tools.md"]


async def test_a_home_that_joined_before_this_question_goes_on_as_it_was(place: Place) -> None:
    await written_alone(place)
    assert await place.left() == ["Beds.md", "Bread.md", "By the page.md", "Diary.md"]


@pytest.mark.slow
async def test_another_community_is_another_question(place: Place) -> None:
    await written_alone(place)
    await place.join("Bread.md", "Diary.md")
    assert await place.left() == ["Bread.md", "Diary.md"]
    place.commons.came.clear()
    asked = await consent.gather(place.database, place.vault)
    assert {one.note.path: one.left for one in asked.queued} == {
        "Bread.md": True,
        "By the page.md": False,
        "Diary.md": True,
        "garden/Beds.md": False,
    }
    await place.join("garden/Beds.md", now_ms=JOINED_MS + 50 * DAY_MS)
    place.put("Bread.md", b"---\nvisibility: public\n---\n# Bread\nnew words\n", JOINED_MS + 60 * DAY_MS)
    assert await place.left(JOINED_MS + 70 * DAY_MS) == ["Beds.md"]


async def test_of_two_files_with_one_id_or_the_same_bytes_only_the_ticked_one_leaves(place: Place) -> None:
    twin = b"---\nid: " + b"a" * 32 + b"\nvisibility: public\n---\n"
    place.put("A.md", twin + b"# A\n")
    place.put("B.md", twin + b"# B\n")
    place.put("Same 1.md", PUBLIC + b"same\n")
    place.put("Same 2.md", PUBLIC + b"same\n")
    await place.join("A.md", "Same 2.md")
    assert await place.left() == ["A.md", "Same 2.md"]
    (place.vault.root / "A.md").unlink()
    assert await place.left(JOINED_MS + 9 * DAY_MS) == ["A.md", "Same 2.md"]


async def test_a_note_is_named_by_title_path_or_id_and_by_nothing_vague(place: Place) -> None:
    await written_alone(place)
    place.put("garden/Bread.md", b"# Bread\n")
    asked = await consent.gather(place.database, place.vault)
    ids = {one.note.path: one.note.id for one in asked.queued}
    assert consent.chosen(asked, ["Bread.md", "beds", ids["Diary.md"][:8]]) == {
        ids["Bread.md"],
        ids["garden/Beds.md"],
        ids["Diary.md"],
    }
    for vague in ("Bread", "Private", "", "nonsense"):
        with pytest.raises(TypedError):
            consent.chosen(asked, [vague])


async def test_what_the_scan_sees_is_said_and_held_even_when_ticked(place: Place) -> None:
    place.put("Call.md", PUBLIC + b"Ring +49 171 1234567.\n")
    (one,) = (await consent.gather(place.database, place.vault)).queued
    assert one.held == "a phone number"
    await place.join("Call.md")
    assert await place.left() == []


@pytest.mark.slow
async def test_a_home_with_a_thousand_notes_is_asked_about_in_one_look(place: Place) -> None:
    given: list[Any] = [(f"n/{number}.md", PUBLIC + b"# %d\n" % number) for number in range(1_000)]
    place.vault.put(given, "x")
    assert len((await consent.gather(place.database, place.vault)).queued) == 1_000
    await place.join("n/7.md")
    assert await place.left() == ["7.md"]
