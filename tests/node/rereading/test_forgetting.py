"""Forgetting a note takes what was said of its lines and the vectors of its words."""

from pathlib import Path

from support.homes import empty_home
from support.minds import Embedder
from weal_node.rereading import gestures
from weal_node.rereading.rereading import Rereading
from weal_node.upkeep import erasure


async def test_nothing_of_a_forgotten_note_is_kept(tmp_path: Path) -> None:
    database, vault = empty_home(tmp_path)
    (vault.root / "Diary.md").write_text(
        "# Diary\nI want to build a cold frame of oak.\nAnd so on, day after day, with rain and wind and tea and toast and jam and bread.\n"
    )
    (vault.root / "Other.md").write_text("# Journal\nI would love to visit Leeds by train.\n")
    vault.commit_outside()
    rereading = Rereading(database, vault, Embedder(), lambda: 1_796_000_000_000)
    for finding in (await rereading.look(None)).page.findings:
        await rereading.say(finding.key, "do")
    await rereading.understand()

    def vectors() -> int:
        return int(
            database.read_now(lambda connection: connection.execute("SELECT count(*) FROM embeddings").fetchone()[0])
        )

    before = vectors()
    assert before == 3, "two acts and the beginning of the longer note"
    gone = await erasure.note(database, vault, "", "Diary.md")
    assert gone.remains == ()
    assert [said.act for said in await gestures.wanted(database)] == ["visit Leeds by train"]
    assert vectors() == 1
    database.close()
