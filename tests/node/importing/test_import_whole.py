"""Everything in a source is taken, or named, or counted by its reason; files that notes show come with them; dates are kept."""

import io
import json
import os
import tempfile
import zipfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from weal_node import config
from weal_node.__main__ import app
from weal_node.commons import review
from weal_node.config import Settings
from weal_node.errors import VaultError
from weal_node.importing import importing
from weal_node.importing.importing import planned
from weal_node.records import Visibility
from weal_node.search import indexing
from weal_node.store import passages
from weal_node.text.query import parse
from weal_node.vault import pictures
from weal_node.vault.sources import RefusedPart, SourceReading, recognise

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
NAMES = st.sampled_from(
    ["a.md", "b/c.md", "b/C.md", "d.txt", "pic.png", "b/x.pdf", ".DS_Store", ".obsidian/app.json", "__MACOSX/._a.md", "w.zip", "CON.md", "e?.md"]
)  # fmt: skip
CONTENTS = st.sampled_from(
    [b"words", b"![[pic.png]] [x](b/x.pdf)", b"\xff\xfe\x00", b"\0", "Grüße".encode("latin-1"), b"", b"x" * 1_100_000]
)


def on(_done: int, _total: int) -> bool:
    return True


def message(role: str, *parts: Any, **more: Any) -> dict[str, Any]:
    return {"author": {"role": role}, "content": {"parts": list(parts)}, **more}


def talk(number: str, *messages: dict[str, Any]) -> dict[str, Any]:
    nodes = {str(at): {"parent": str(at - 1), "message": one} for at, one in enumerate(messages)}
    return {"title": f"Talk {number}", "id": number, "mapping": nodes, "update_time": 1_600_000_000}


def packed(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


@given(st.dictionaries(NAMES, CONTENTS, min_size=1), st.booleans())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_taken_and_named_and_counted_are_all_files_of_a_folder_and_of_an_archive(
    files: dict[str, bytes], zipped: bool
) -> None:
    with tempfile.TemporaryDirectory() as above:
        place = Path(above, "in.zip" if zipped else "in")
        if zipped:
            place.write_bytes(packed(files))
        else:
            for name, content in files.items():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_bytes(content)
        reading = SourceReading(recognise(place))
        notes, shown = list(reading.notes()), list(reading.files())
        reading.close()
    refused = [one for one in (*notes, *shown) if isinstance(one, RefusedPart)]
    taken = len(notes) + len(shown) - len(refused)
    left = sum(one.count for one in reading.tally.reasons())
    assert taken + len(refused) + left == len(files)
    assert all(one.why and one.name for one in refused)


async def test_an_export_of_several_files_comes_whole(node: Any, tmp_path: Path) -> None:
    database, vault = node
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-Ab12"}
    place = tmp_path / "export.zip"
    place.write_bytes(
        packed(
            {
                "conversations-000.json": json.dumps([talk("a", message("user", "look", picture)), 7]).encode(),
                "conversations-001.json": json.dumps([talk("b", message("user", "again"))]).encode("utf-16"),
                "conversations-002.json": json.dumps([talk("c", message("user", "cut")), talk("d")]).encode()[:-40],
                "file-Ab12-a [photo].png": PNG,
                "dalle-generations/file-Zz99-x.webp": b"RIFF1234WEBP",
                "chat.html": b"<html>",
                "user.json": b"{}",
                "message_feedback.json": b"[]",
                "strange.json": b'{"a": 1}',
                "read me.md": b"A note beside",
            }
        )
    )
    plan = planned(database, place, "", on, vault)
    assert (plan.kind, plan.new, plan.files) == ("chatgpt", 4, 1)
    assert [name for name, _ in plan.refused] == [
        "conversations-000.json, no. 2",
        "conversations-002.json, no. 2",
        "conversations-002.json, no. 3",
    ]
    files = sum(one.count for one in plan.left if one.unit == "file") + dict(plan.taken)["file"]
    assert files == 10
    await importing.bring(database, vault, 1, place, "", on)
    note = vault.read("ChatGPT/Talk a.md")
    link = note.body.partition("![[")[2].partition("]]")[0]
    assert pictures.read(vault.root, pictures.finder(vault.root, note.path)(link)) == (PNG, "image/png")
    again = planned(database, place, "", on, vault)
    assert (again.new, again.changed, again.files, again.files_known) == (0, 0, 0, 1)


async def test_pictures_lie_where_the_notes_of_any_folder_mean_them(node: Any, tmp_path: Path) -> None:
    database, vault = node
    place = tmp_path / "Old"
    (place / "deep/er").mkdir(parents=True)
    (place / "img").mkdir()
    (place / "deep/er/n.md").write_text("![[img/One.png]] ![](../../img/two%20b.png) ![[three.png]]")
    for name in ("img/one.png", "img/two b.png", "deep/three.png", "img/unseen.png"):
        (place / name).write_bytes(PNG)
    plan = planned(database, place, "", on, vault)
    assert (plan.files, plan.files_said) == (3, "3 pictures")
    assert [(one.why, one.count) for one in plan.left] == [("pictures that no note shows", 1)]
    assert (await importing.bring(database, vault, 1, place, "under/here", on)).files == 3
    find = pictures.finder(vault.root, "under/here/deep/er/n.md")
    (vault.root / "img").mkdir()
    (vault.root / "img/two b.png").write_bytes(PNG)  # one at the top is farther away than that of the imported folder
    for name in ("img/One.png", "../../img/two b.png", "img/two b.png", "three.png"):
        assert find(name).startswith("under/here/")
    (vault.root / "under/here/img/one.png").write_bytes(b"drawn over")
    (place / "img/one.png").write_bytes(PNG + b"newer")
    done = await importing.bring(database, vault, 2, place, "under/here", on)
    assert "another file lies" in done.refused[0][1]
    assert (vault.root / "under/here/img/one.png").read_bytes() == b"drawn over"


async def test_dates_of_sources_are_what_search_goes_by(node: Any, tmp_path: Path) -> None:
    database, vault = node
    place = tmp_path / "Dated"
    place.mkdir()
    (place / "file.md").write_text("apple")
    (place / "said.md").write_text("---\ncreated: 2011-03-04\n---\napple")
    os.utime(place / "file.md", (1_420_000_000, 1_420_000_000))  # 31 December 2014
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr(zipfile.ZipInfo("zipped.md", (2008, 6, 7, 8, 9, 10)), "apple")
    (tmp_path / "z.zip").write_bytes(archive.getvalue())
    (tmp_path / "c.json").write_text(json.dumps([talk("old", message("user", "apple"))]))
    for one in (place, tmp_path / "z.zip", tmp_path / "c.json"):
        await importing.bring(database, vault, 1, one, "", on)
    await indexing.by_words(database, vault, "")
    for year, path in (
        (2014, "Dated/file.md"),
        (2011, "Dated/said.md"),
        (2008, "z/zipped.md"),
        (2020, "ChatGPT/Talk old.md"),
    ):
        query = parse(f"since:{year}-01-01 until:{year}-12-31", UTC)
        wanted = passages.Filter(since_ms=query.since_ms, until_ms=query.until_ms)
        (number,) = await database.read(partial(passages.allowed, wanted=wanted, limit=9))
        (found,) = (await database.read(partial(passages.fetch, ids=[number]))).values()
        assert found.of.path == path
    assert datetime.fromtimestamp((vault.root / "z/zipped.md").stat().st_mtime, UTC).year == 2008


async def test_names_that_changed_are_found_by_links_as_they_stand(node: Any, tmp_path: Path) -> None:
    database, vault = node
    place = tmp_path / "names.zip"
    long = f"top/{'l' * 250}.md"
    files = {"top/What? Now.md": b"q", "top/Note.md": b"1", "top/note.md": b"2", long: b"3", "top/aux.md": b"4"}
    place.write_bytes(packed(files))
    await importing.bring(database, vault, 1, place, "", on)
    notes = {note.path: note.aliases for note in vault.read_all()[0]}
    assert notes == {
        "names/What Now.md": ("What? Now",),
        "names/Note.md": (),
        "names/note 2.md": ("note",),
        f"names/{'l' * 180}.md": ("l" * 200,),
        "names/aux_.md": ("aux",),
    }


@pytest.mark.parametrize("zipped", [True, False])
def test_nothing_out_of_something_is_an_error_with_what_there_was(zipped: bool, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert CliRunner().invoke(app, ["init", "--home", str(home)]).exit_code == 0
    files = {"a/pic.png": PNG, "a/deck.pptx": b"x", "a/in.zip": b"x"}
    place = tmp_path / ("in.zip" if zipped else "in")
    if zipped:
        place.write_bytes(packed(files))
    else:
        (place / "a").mkdir(parents=True)
        for name, content in files.items():
            (place / name).write_bytes(content)
    done = CliRunner().invoke(app, ["import", str(place), "--yes", "--home", str(home)])
    assert isinstance(done.exception, VaultError)
    for words in ("1 file: pictures that no note shows", "1 file: zip archives that no note shows"):
        assert words in str(done.exception)
    assert list(config.Home(home).vault.rglob("*.md")) == []


@pytest.mark.slow
async def test_what_is_encrypted_or_a_bomb_or_a_link_is_named(
    node: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, _ = node
    raw = bytearray(packed({"open.md": b"words", "shut.md": b"secret"}))
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 8] |= 1
    (tmp_path / "e.zip").write_bytes(bytes(raw))
    plan = planned(database, tmp_path / "e.zip", "", on)
    assert (plan.new, plan.refused) == (
        1,
        (("shut.md", "it is encrypted: unpack the archive with its password first"),),
    )
    monkeypatch.setattr("weal_node.vault.tree.MAX_UNPACKED", 3_000_000)
    (tmp_path / "b.zip").write_bytes(packed({f"{number}.md": b" " * 1_000_000 for number in range(9)}))
    plan = planned(database, tmp_path / "b.zip", "", on)
    assert plan.new + plan.refused_in_all == 9
    assert plan.refused[0][1] == "the archive unpacks to more than 0 GiB"
    (tmp_path / "f").mkdir()
    (tmp_path / "f/there").symlink_to("/etc")
    (tmp_path / "f/a.md").write_text("words")
    assert planned(database, tmp_path / "f", "", on).refused == (("there", "it is a symbolic link"),)


def test_a_vault_is_not_brought_into_itself(node: Any) -> None:
    database, vault = node
    (vault.root / "a.md").write_text("words")
    with pytest.raises(VaultError, match="lies in your vault already"):
        planned(database, vault.root, "", on, vault)


async def test_projects_and_memory_are_notes_where_no_conversation_is_left(node: Any, tmp_path: Path) -> None:
    database, vault = node
    project = {
        "uuid": "p",
        "name": "Roof/Garden",
        "prompt_template": "be brief",
        "docs": [{"filename": "list.md", "content": "tar"}, {}],
    }
    place = tmp_path / "claude.zip"
    place.write_bytes(
        packed(
            {
                "conversations.json": b"[]",
                "projects.json": json.dumps([project]).encode(),
                "memories.json": json.dumps([{"conversations_memory": "likes tea"}]).encode(),
                "users.json": b"[]",
            }
        )
    )
    plan = planned(database, place, "", on, vault)
    await importing.bring(database, vault, 1, place, "", on)
    notes = {note.path: note.body for note in vault.read_all()[0]}
    assert sorted(notes) == [
        "Claude/Memory.md",
        "Claude/Projects/Roof Garden.md",
        "Claude/Projects/Roof Garden/list.md",
    ]
    assert "be brief" in notes["Claude/Projects/Roof Garden.md"]
    assert ("attachment", "empty documents of projects", 1) in [(one.unit, one.why, one.count) for one in plan.left]


async def test_a_date_holds_after_review_and_until_somebody_writes(node: Any, tmp_path: Path) -> None:
    database, vault = node
    place = tmp_path / "Dated"
    place.mkdir()
    (place / "n.md").write_text("apple")
    os.utime(place / "n.md", (1_420_000_000, 1_420_000_000))
    await importing.bring(database, vault, 1, place, "", on)
    await review.review(database, vault, Settings(), 2, ["Dated/n.md"], Visibility.PRIVATE)

    async def written_ms() -> int:
        await indexing.by_words(database, vault, "")
        (found,) = (await database.read(partial(passages.fetch, ids=await database.read(passages.ids)))).values()
        return int(found.of.written_ms)

    assert await written_ms() == 1_420_000_000_000
    (vault.root / "Dated/n.md").write_text("pear")
    assert await written_ms() > 1_700_000_000_000
