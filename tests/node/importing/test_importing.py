"""Imports: planned, brought in batches, stopped and resumed; the same again brings nothing twice; hostile sources change nothing else."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from weal_node.commons import publishing
from weal_node.config import Settings
from weal_node.errors import VaultError
from weal_node.importing import importing
from weal_node.importing.importing import planned
from weal_node.store import imports

CHATGPT = [
    {
        "title": "A trip: to/../Rome",
        "create_time": 1_700_000_000.5,
        "conversation_id": "c1",
        "current_node": "3",
        "mapping": {
            "1": {"parent": None, "message": None},
            "2": {"parent": "1", "message": {"author": {"role": "user"}, "content": {"parts": ["Where to?", {"image": 1}]}}},
            "2b": {"parent": "1", "message": {"author": {"role": "user"}, "content": {"parts": ["Not said in the end"]}}},
            "3": {"parent": "2", "message": {"author": {"role": "assistant"}, "content": {"parts": ["To Rome."]}}},
        },
    },
    {"title": "Circle", "current_node": "a", "mapping": {"a": {"parent": "b"}, "b": {"parent": "a"}}},
    {"mapping": [1, 2]},
    None,
]  # fmt: skip
CLAUDE = [
    {
        "uuid": "u1",
        "name": "Bread",
        "created_at": "2024-05-01T10:00:00Z",
        "chat_messages": [
            {"sender": "human", "text": "How long?"},
            {"sender": "assistant", "text": "", "content": [{"type": "text", "text": "An hour."}, 3]},
        ],
    },
    {"uuid": "u2", "chat_messages": "none"},
]


def on(_done: int, _total: int) -> bool:
    return True


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def obsidian(folder: Path, number: int) -> Path:
    (folder / ".obsidian").mkdir(parents=True)
    (folder / ".obsidian/secret.md").write_text("settings")
    (folder / "deep/er").mkdir(parents=True)
    for one in range(number):
        (folder / f"deep/er/Note {one}.md").write_bytes(f"---\r\nmood: {one}\r\n---\r\n[[Note 1]] #tag\r\n".encode())
    (folder / "keys.md").write_text("visibility: none\npassword: hunter22\n")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


async def test_a_plan_says_what_would_come_and_the_same_again_brings_nothing(node: Any, tmp_path: Path) -> None:
    database, vault = node
    place = obsidian(tmp_path / "My vault", 3)
    (place / "Call +49 170 1234567.md").write_text("A friend\n")
    plan = planned(database, place, "", on)
    assert (plan.kind, plan.into, plan.new, plan.total) == ("obsidian", "My vault", 5, 5)
    assert plan.flagged == (("Call +49 170 1234567.md", "a phone number"), ("keys.md", "a password or key"))
    assert vault.read_all() == ((), ())  # a plan changes nothing
    assert (await importing.bring(database, vault, 1, place, "", on)).written == 5
    assert vault.raw("My vault/deep/er/Note 1.md") == (place / "deep/er/Note 1.md").read_bytes()
    assert await importing.bring(database, vault, 2, place, "", on) == importing.Brought(0, (), whole=True)
    assert planned(database, place, "", on).known == 5
    assert await publishing.notice(database, vault, Settings(), 0) == 0
    (place / "keys.md").write_text("nothing here any more\n")
    (vault.root / "My vault/deep/er/Note 0.md").write_text("changed here\n")
    (place / "deep/er/Note 0.md").write_text("changed there too\n")
    assert planned(database, place, "", on).changed == 2
    await importing.bring(database, vault, 3, place, "", on)
    assert vault.raw("My vault/keys.md") == b"nothing here any more\n"
    assert vault.raw("My vault/deep/er/Note 0.md") == b"changed here\n"
    assert vault.raw("My vault/deep/er/Note 0 2.md") == b"changed there too\n"


@pytest.mark.slow
async def test_a_stopped_import_goes_on_where_it_was(
    node: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, vault = node
    place = obsidian(tmp_path / "Big", 24)
    monkeypatch.setattr(importing, "BATCH", 10)
    stopped = await importing.bring(database, vault, 1, place, "x", lambda done, _total: done < 10)
    assert stopped == importing.Brought(10, (), whole=False)
    put = vault.put

    def killed(given: Any, message: str) -> None:
        put(given[:3], message)
        raise KeyboardInterrupt

    monkeypatch.setattr(vault, "put", killed)  # stands for a kill in the middle of writing
    with pytest.raises(KeyboardInterrupt):
        await importing.bring(database, vault, 2, place, "x", on)
    monkeypatch.setattr(vault, "put", put)
    assert (await importing.bring(database, vault, 3, place, "x", on)).written == 15
    assert len(vault.read_all()[0]) == 25
    assert len(await database.read(imports.unreviewed)) == 25


@pytest.mark.parametrize("form", ["json", "zip"])
async def test_conversations_become_notes(node: Any, tmp_path: Path, form: str) -> None:
    database, vault = node
    for name, exported in (("ChatGPT", CHATGPT), ("Claude", CLAUDE)):
        place = tmp_path / f"{name}.{form}"
        if form == "json":
            place.write_text(json.dumps(exported))
        else:
            with zipfile.ZipFile(place, "w") as archive:
                archive.writestr("export/conversations.json", json.dumps(exported))
        assert planned(database, place, "", on).new == 1
        await importing.bring(database, vault, 1, place, "", on)
    rome = vault.raw("ChatGPT/A trip to .. Rome.md").decode()
    assert "**Me:** Where to?\n\n**Assistant:** To Rome." in rome
    assert "created: 2023-11-14" in rome
    shown, _, others = rome.partition("## Other branches")
    assert "Not said" not in shown
    assert "**Me:** Not said in the end" in others
    assert "**Assistant:** An hour." in vault.raw("Claude/Bread.md").decode()


async def test_a_file_about_the_person_gives_candidates_and_no_note(node: Any, tmp_path: Path) -> None:
    database, vault = node
    place = tmp_path / "USER.md"
    place.write_text(
        "# About me\n\n- Prefers **quiet** streets\n- No\n```\n- code is not a principle\n```\n1. Cooks for others\n"
    )
    assert planned(database, place, "", on).candidates == 2
    for _ in range(2):
        await importing.bring(database, vault, 1, place, "", on)
    waiting = await database.read(imports.candidates)
    assert [one.text for one in waiting] == ["Cooks for others", "Prefers quiet streets"]
    assert await database.write(lambda connection: imports.decide(connection, waiting[0].id, "refused"))
    await importing.bring(database, vault, 1, place, "", on)
    assert len(await database.read(imports.candidates)) == 1  # what was refused is not suggested again
    assert vault.read_all() == ((), ())


@pytest.mark.slow
async def test_a_hostile_source_is_refused_by_name_and_nothing_leads_out(node: Any, tmp_path: Path) -> None:
    database, vault = node
    place, outside = tmp_path / "evil.zip", tmp_path / "vault/../owned.md"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../owned.md", "out")
        archive.writestr("/owned.md", "out")
        archive.writestr("a\\..\\owned.md", "out")
        archive.writestr("big.md", b"0" * 50_000_000)
        archive.writestr("bad.md", "---\ntitle: [\n---\n")
        archive.writestr("latin.md", "Grüße".encode("latin-1"))
        archive.writestr("nul.md", "a\0b")
        archive.writestr("x" * 300 + ".md", "long name")
        archive.writestr("good.md", "# Good\n")
    plan = planned(database, place, "", on)
    assert (plan.new, plan.refused_in_all) == (3, 6)
    assert all(why for _, why in plan.refused)
    brought = await importing.bring(database, vault, 1, place, "../..", on)
    assert brought.written == 3
    assert vault.raw("evil/bad.md") == b"---\ntitle: [\n---\n"  # its words come; that it stays private is on its page
    assert not outside.exists()
    assert names(tmp_path) == {"vault", "node.db", "node.db-shm", "node.db-wal", "evil.zip"}
    for name, content in (("no.zip", b"PK\x03\x04junk"), ("no.json", b"[[" * 5000), ("no.bin", b"x")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(VaultError):
            planned(database, tmp_path / name, "", on)
