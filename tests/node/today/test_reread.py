"""What notes say that the person wants to do becomes ideas for Today, and what they asked for comes first and at once."""

from pathlib import Path

from support.homes import empty_home
from support.minds import Embedder
from support.own_notes import NOW_MS
from weal_node.mind import own_statements
from weal_node.mind.mind import Mind
from weal_node.rereading import asked, gestures
from weal_node.rereading.rereading import Rereading
from weal_node.store import proposals
from weal_node.today import reread
from weal_node.today.today import today

NOTES = {
    "Goals.md": "# Goals\n\nI want to plant an apple tree by the gate.\n",
    "journal/2026-11-02.md": "I am planning to visit my aunt in Porto.\n",
    "journal/2026-11-03.md": "Maybe I should just give up.\n",
}


async def test_acts_of_notes_are_ideas_and_go_with_their_words_but_for_what_was_asked_for(tmp_path: Path) -> None:
    database, vault = empty_home(tmp_path)
    for path, text in NOTES.items():
        (vault.root / path).parent.mkdir(exist_ok=True)
        (vault.root / path).write_text(text)
    mind, rereading = Mind(database, Embedder(), lambda: NOW_MS), Rereading(database, vault, Embedder(), lambda: NOW_MS)
    await mind.start()
    assert await reread.bring(database, rereading, mind, NOW_MS) == 2
    assert await reread.bring(database, rereading, mind, NOW_MS) == 0
    assert {item.text for item in mind.items()} == {"plant an apple tree by the gate", "visit my aunt in Porto"}
    assert (await today(database, mind, NOW_MS)).asked == ()

    (line,) = [one for one in (await rereading.look(None)).page.findings if one.act == "visit my aunt in Porto"]
    await rereading.say(line.key, "do")
    assert await reread.bring(database, rereading, mind, NOW_MS) == 1
    (card,) = (await today(database, mind, NOW_MS)).asked
    assert card.state.text == "visit my aunt in Porto"
    assert card.citations[0].path == "journal/2026-11-02.md"

    (vault.root / "Goals.md").unlink()
    (vault.root / "journal/2026-11-02.md").write_text("Nothing.\n")
    vault.commit_outside()
    await reread.bring(database, rereading, mind, NOW_MS)
    kept = await database.read(proposals.every)
    assert [made.asked_for for made in kept.values()] == [True]
    database.close()


async def test_what_was_asked_for_outlives_what_teach_lets_go_and_can_be_taken_back(tmp_path: Path) -> None:
    database, vault = empty_home(tmp_path)
    (vault.root / "Journal.md").write_text("I am planning to visit my aunt in Porto.\n")
    mind, rereading = Mind(database, Embedder(), lambda: NOW_MS), Rereading(database, vault, Embedder(), lambda: NOW_MS)
    await mind.start()
    await own_statements.keep(database, mind, asked.said_in(await rereading.acts(), await rereading.likes()))
    (line,) = (await rereading.look(None)).page.findings
    await rereading.say(line.key, "do")
    await reread.bring(database, rereading, mind, NOW_MS)
    await own_statements.keep(database, mind, asked.said_in(await rereading.acts(), await rereading.likes()))
    assert [card.state.text for card in (await today(database, mind, NOW_MS)).asked] == ["visit my aunt in Porto"]
    await gestures.take_back(database, line.key)
    await reread.bring(database, rereading, mind, NOW_MS)
    assert (await today(database, mind, NOW_MS)).asked == ()
    await rereading.say(line.key, "done")
    await reread.bring(database, rereading, mind, NOW_MS)
    assert await database.read(proposals.every) == {}
    database.close()
