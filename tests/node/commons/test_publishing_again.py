"""Publishing when something goes wrong on the way, and when another editor wrote the note."""

from dataclasses import replace
from typing import Any

import pytest

from support.commons import Commons
from weal_node import keys
from weal_node.commons import publishing
from weal_node.config import Settings
from weal_node.errors import CommunityError, UnknownParentsError, VaultError
from weal_node.records import Note, Visibility
from weal_node.store import disclosures
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_protocol import record

DELAY_MS = 600_000
KEYS = keys.new()
SETTINGS = Settings()


@pytest.fixture
def node(node: tuple[Database, Vault]) -> tuple[Database, Vault, Commons]:
    return (*node, Commons())


def note(title: str = "A walk", body: str = "By the river.", **more: Any) -> Note:
    return Note(more.pop("id", ""), more.pop("path", ""), title, body, Visibility.PUBLIC, **more)


async def test_a_lost_answer_makes_no_second_record_and_no_second_entry(node: Any) -> None:
    database, vault, commons = node
    await publishing.save(database, vault, SETTINGS, 0, note())
    commons.lost_answers = 2
    for wait in (0, 50_000):
        with pytest.raises(CommunityError):
            await publishing.send_due(database, vault, KEYS, commons, DELAY_MS + wait)
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS + 90_000) == 1
    assert len(commons.came) == 3
    assert len({one.raw for one in commons.came}) == 1
    assert len(await database.read(disclosures.all_of)) == 1


async def test_a_version_that_is_saved_while_the_older_one_leaves_still_leaves(node: Any) -> None:
    database, vault, commons = node
    saved = await publishing.save(database, vault, SETTINGS, 0, note())

    async def edit() -> None:
        commons.meanwhile = None
        newer = note(body="By the sea.", id=saved.id, path=saved.path)
        await publishing.save(database, vault, SETTINGS, DELAY_MS, newer)

    commons.meanwhile = edit
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS) == 1
    assert await publishing.waiting(database) == {saved.id: 2 * DELAY_MS}
    assert await publishing.send_due(database, vault, KEYS, commons, 2 * DELAY_MS) == 1
    assert [b"sea" in one.body for one in commons.came] == [False, True]


async def test_another_editors_public_note_leaves_after_the_delay_and_its_change_too(node: Any) -> None:
    database, vault, commons = node
    place = vault.root / "outside.md"
    place.write_text("---\nvisibility: public\n---\n# Outside\n")
    (vault.root / "mine.md").write_text("# No word of who may read it\n")
    assert await publishing.notice(database, vault, SETTINGS, 0) == 1
    assert await publishing.notice(database, vault, SETTINGS, 1) == 0
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS - 1) == 0
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS) == 1
    assert await publishing.notice(database, vault, SETTINGS, DELAY_MS) == 0
    place.write_text("---\nvisibility: public\n---\n# Outside\n\nMore.\n")
    assert await publishing.notice(database, vault, SETTINGS, 2 * DELAY_MS) == 1
    assert await publishing.send_due(database, vault, KEYS, commons, 3 * DELAY_MS) == 1
    assert len({one.note for one in commons.came}) == 1
    assert b"No word" not in b"".join(one.body for one in commons.came)


async def test_what_was_held_back_is_not_taken_up_again_until_it_changes(node: Any) -> None:
    database, vault, commons = node
    saved = await publishing.save(database, vault, SETTINGS, 0, note())
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS) == 1
    newer = await publishing.save(
        database, vault, SETTINGS, DELAY_MS, note(body="Oh no.", id=saved.id, path=saved.path)
    )
    assert await publishing.undo(database, vault, newer.id)
    assert await publishing.notice(database, vault, SETTINGS, DELAY_MS) == 0
    await publishing.save(database, vault, SETTINGS, DELAY_MS, note(body="Better.", id=saved.id, path=saved.path))
    assert await publishing.send_due(database, vault, KEYS, commons, 2 * DELAY_MS) == 1
    assert b"Oh no" not in commons.came[-1].body


async def test_two_files_of_one_id_do_not_take_turns(node: Any) -> None:
    database, vault, commons = node
    for name in ("a.md", "b.md"):
        (vault.root / name).write_text(f"---\nid: {'7' * 32}\nvisibility: public\n---\n{name}\n")
    for turn in range(3):
        await publishing.notice(database, vault, SETTINGS, turn * DELAY_MS)
        await publishing.send_due(database, vault, KEYS, commons, (turn + 1) * DELAY_MS)
    assert [one.body.split()[-1] for one in commons.came] == [b"a.md"]


async def test_a_note_too_large_for_the_commons_is_kept_and_said_so(node: Any) -> None:
    database, vault, commons = node
    with pytest.raises(VaultError, match="stays here"):
        await publishing.save(database, vault, SETTINGS, 0, note(body="x" * (record.MAX_BODY_BYTES + 1)))
    await publishing.save(database, vault, SETTINGS, 0, note(title="Small"))
    assert await publishing.notice(database, vault, SETTINGS, 0) == 0
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS) == 1
    assert len(vault.read_all()[0]) == 2


async def test_a_note_from_another_community_begins_anew_here(node: Any) -> None:
    database, vault, commons = node
    saved = await publishing.save(database, vault, SETTINGS, 0, note())
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS) == 1
    (elsewhere,) = commons.came
    commons.came.clear()

    async def unknown() -> None:
        if commons.came[-1].parents:
            commons.came.pop()
            raise UnknownParentsError("a record names one that is not known here")

    commons.meanwhile = unknown
    await publishing.save(database, vault, SETTINGS, DELAY_MS, replace(saved, body="Changed."))
    assert await publishing.send_due(database, vault, KEYS, commons, 2 * DELAY_MS) == 1
    (here,) = commons.came
    assert (here.note, here.parents, here.id != elsewhere.id) == (elsewhere.note, (), True)
    assert len(await database.read(disclosures.all_of)) == 3  # each try as it left


async def test_a_file_name_that_no_other_vault_could_take_stays_here_and_holds_up_no_one(node: Any) -> None:
    database, vault, commons = node
    (vault.root / "bad\tname.md").write_text("---\nvisibility: public\n---\nhello")
    await publishing.save(database, vault, SETTINGS, 0, note(title="Good"))
    await publishing.notice(database, vault, SETTINGS, 0)
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS) == 1
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS) == 0
