"""What Teach asks about comes from the person's own notes: acts and likes, no chores, and as the notes are now."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from support.homes import empty_home
from support.minds import Embedder
from support.own_notes import NOW_MS
from support.waiting import until_async
from weal_node.mind.mind import Mind
from weal_node.rereading import asked
from weal_node.rereading.rereading import Rereading
from weal_node.store.database import Database

NOTES = {
    "Goals.md": "# Goals\n\nI want to plant an apple tree by the gate.\n\n- [ ] buy nails and screws\n",
    "journal/2026-11-02.md": "I hate doing the dishes twice a day. I am planning to visit my aunt in Porto.\n",
    "journal/2026-11-03.md": "Maybe I should just give up.\n",
}


async def test_what_is_asked_about_follows_the_notes(tmp_path: Path) -> None:
    database, mine = empty_home(tmp_path)
    for path, text in NOTES.items():
        place = mine.root / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    mind = Mind(database, Embedder(), lambda: NOW_MS)
    await mind.start()
    rereading = Rereading(database, mine, Embedder(), lambda: NOW_MS)
    acts, likes = await rereading.acts(), await rereading.likes()
    found = {(one.text, one.says) for one in asked.said_in(acts, likes)}
    assert found == {
        ("plant an apple tree by the gate", 0),
        ("visit my aunt in Porto", 0),
        ("doing the dishes twice a day", -1),
    }
    await kept_up(database, mind, rereading, 3)
    assert {item.kind for item in mind.items()} == {"own"}
    (mine.root / "Goals.md").unlink()
    await kept_up(database, mind, rereading, 2)
    for path in ("journal/2026-11-02.md", "journal/2026-11-03.md"):
        (mine.root / path).unlink()
    await kept_up(database, mind, rereading, 0)  # all of it went while nothing ran
    database.close()


async def test_notes_are_read_once_whoever_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database, mine = empty_home(tmp_path)
    (mine.root / "Goals.md").write_text(NOTES["Goals.md"])
    rereading = Rereading(database, mine, Embedder(), lambda: NOW_MS)
    read, begun = rereading.read, 0

    async def counted() -> None:
        nonlocal begun
        begun += 1
        await read()

    monkeypatch.setattr(rereading, "read", counted)
    await asyncio.gather(rereading.look(None), rereading.acts(), rereading.likes())
    assert begun == 1
    database.close()


async def kept_up(database: Database, mind: Mind, rereading: Rereading, items: int) -> None:
    """Keep up from a start on until so many items are known."""
    keeping = asyncio.create_task(asked.keep_up(database, mind, rereading))
    await until_async(lambda: len(mind.items()) == items)
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping
