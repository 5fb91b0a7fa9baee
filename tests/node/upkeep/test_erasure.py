"""Forgetting leaves nothing on this node, says where something remains, and takes nothing else with it."""

import asyncio
import hashlib
import json
import sqlite3
import subprocess
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.commons import Commons
from weal_node import keys
from weal_node.app.setup import set_up
from weal_node.commons import publishing, replica
from weal_node.config import Home, Settings
from weal_node.errors import NodeError, NotFoundError
from weal_node.importing import revisions
from weal_node.proposals.evidence import Citation
from weal_node.records import Answer, Choice, Item, Note, Visibility
from weal_node.search import indexing
from weal_node.store import (
    announcements,
    answered,
    answers,
    consents,
    deals,
    disclosures,
    embeddings,
    holds,
    imports,
    items,
    look_gestures,
    notes,
    own_statements,
    passages,
    proposals,
    records,
    words,
)
from weal_node.store.answered import Verdict
from weal_node.store.database import Database
from weal_node.upkeep import erasure
from weal_node.vault import history
from weal_node.vault.folder import Vault

KEYS = keys.new()
OWN = KEYS.agent_public.hex()
SECRET = "The treasure lies under the third oak from the left."
NOW = Settings(publish_delay_s=0)


@pytest.fixture
def node(node: tuple[Database, Vault]) -> tuple[Database, Vault, Commons]:
    return (*node, Commons())


def note(title: str, body: str, **more: Any) -> Note:
    return Note(more.pop("id", ""), more.pop("path", ""), title, body, Visibility.PUBLIC)


def holders(folder: Path, needle: bytes, fold: bool = False) -> list[str]:
    """Which files hold these bytes, git's objects unpacked. fold: in any case."""

    def holds_it(content: bytes) -> bool:
        return needle in (content.lower() if fold else content)

    found = [str(path) for path in folder.rglob("*") if path.is_file() and holds_it(path.read_bytes())]
    command = ["git", "-C", str(folder / "vault"), "cat-file", "--batch-all-objects", "--batch"]
    return found + (["git"] if holds_it(subprocess.run(command, capture_output=True, check=True).stdout) else [])


@pytest.mark.slow
async def test_a_published_note_is_gone_from_files_history_and_database(node: Any, tmp_path: Path) -> None:
    database, vault, commons = node
    kept = await publishing.save(database, vault, NOW, 0, note("Other", "Something quite different, and long enough."))
    saved = await publishing.save(database, vault, NOW, 0, note("Map", SECRET))
    await publishing.save(database, vault, NOW, 1, note("Map", f"{SECRET}\nDig.", id=saved.id, path=saved.path))
    await publishing.send_due(database, vault, KEYS, commons, 2)
    (vault.root / saved.path).rename(vault.root / "Renamed.md")
    before = {entry.id: (entry.at_ms, entry.size) for entry in await database.read(disclosures.all_of)}
    assert holders(tmp_path, SECRET.encode())
    await indexing.by_words(database, vault, OWN)
    (left,) = await database.read(lambda connection: records.versions(connection, OWN, saved.id))
    gone = await erasure.note(database, vault, OWN, "Renamed.md")
    assert (gone.versions, gone.left, gone.remains) == (2, 1, ())
    assert holders(tmp_path, SECRET.encode()) == []
    assert await database.read(lambda connection: notes.find(connection, saved.id)) is None
    assert await database.read(lambda connection: passages.of_note(connection, "", saved.id)) == ()
    # The header stays: a pull takes the record for known, and does not bring the body back.
    assert await database.read(lambda connection: records.known(connection, [left.id])) == {left.id}
    assert await database.read(lambda connection: records.raw(connection, [left.id])) == {}
    entries = await database.read(disclosures.all_of)
    assert {entry.id: (entry.at_ms, entry.size) for entry in entries} == before
    assert min(len(entry.payload) for entry in entries) == hashlib.sha256().digest_size
    assert [one.title for one in vault.read_all()[0]] == ["Other"]
    assert history.check(vault.root) == ""
    assert len(history.versions(vault.root, kept.path)) == 1
    await publishing.save(database, vault, NOW, 3, note("After", "Life goes on, and so does the history."))
    with pytest.raises(NotFoundError):
        await erasure.note(database, vault, OWN, saved.id)


@pytest.mark.slow
async def test_what_still_quotes_a_forgotten_note_is_named(node: Any) -> None:
    database, vault, _ = node
    saved = await publishing.save(database, vault, NOW, 0, note("Map", SECRET))
    await database.write(lambda connection: items.add(connection, [Item("1" * 64, SECRET, "option")]))
    gone = await erasure.note(database, vault, OWN, saved.id)
    assert gone.remains == ("1 row of states in the database quote it",)


@pytest.mark.slow
async def test_a_note_whose_file_is_gone_is_forgotten_too_and_the_last_note_as_well(node: Any, tmp_path: Path) -> None:
    database, vault, _ = node
    saved = await publishing.save(database, vault, NOW, 0, note("Map", SECRET))
    (vault.root / saved.path).unlink()
    assert (await erasure.note(database, vault, OWN, saved.path)).remains == ()
    assert holders(tmp_path, SECRET.encode()) == []
    await publishing.save(database, vault, NOW, 3, note("After", "The first note of a new history."))
    assert history.check(vault.root) == ""


@pytest.mark.slow
@pytest.mark.parametrize("by_id", [True, False])
async def test_a_file_that_cannot_be_read_is_forgotten_by_its_path_or_its_id(
    node: Any, tmp_path: Path, by_id: bool
) -> None:
    database, vault, _ = node
    saved = await publishing.save(database, vault, NOW, 0, note("Map", SECRET))
    (vault.root / saved.path).write_bytes(vault.raw(saved.path) + b"\xff")
    assert vault.read_all()[0] == ()
    gone = await erasure.note(database, vault, OWN, saved.id if by_id else saved.path)
    assert (gone.versions, gone.remains) == (2, ())
    assert holders(tmp_path, SECRET.encode()) == []
    with pytest.raises(NotFoundError):
        await erasure.note(database, vault, OWN, saved.path)


@pytest.mark.slow
async def test_a_forgotten_answer_leaves_no_byte(node: Any) -> None:
    database, vault, _ = node
    given = [Answer(f"{n:032x}", n, "1" * 64, "", Choice.ACCEPT, "teach") for n in range(200)]
    for one in given:
        await database.write(partial(answers.add, answer=one))
    assert (await erasure.answer(database, vault.root, given[7].id, 0)).remains == ()
    assert len(await database.read(answers.every)) == 199
    with pytest.raises(NotFoundError):
        await erasure.answer(database, vault.root, given[7].id, 0)


async def test_an_exchange_that_was_killed_is_finished_or_taken_back(node: Any) -> None:
    _, vault, _ = node
    await asyncio.to_thread(vault.save, note("One", "A first note."))
    place = vault.root / ".git"
    place.rename(place.with_name(".git.old"))
    (vault.root / ".git.old").rename(vault.root / ".git.forgetting")  # as after the first of two renames
    assert history.recover(vault.root) == ["history"]
    (vault.root / ".git.forgetting").mkdir()  # as in the middle of writing anew
    assert history.recover(vault.root) == [".git.forgetting"]
    assert history.check(vault.root) == ""


def test_everything_goes_but_not_a_folder_that_was_only_opened(tmp_path: Path) -> None:
    there, place = tmp_path / "obsidian", Home(tmp_path / "home")
    there.mkdir()
    (there / "Idea.md").write_text("# Idea\n")
    place.root.mkdir()
    set_up(place, "ada", there)
    gone = erasure.everything(place)
    assert not place.root.exists()
    assert (there / "Idea.md").read_text() == "# Idea\n"
    assert gone.remains == (f"{there}: your notes, as they are",)
    with pytest.raises(NodeError):
        erasure.everything(place)


# A note full of words that stand nowhere else, in every way in which one can name or hold something.
TITLE, FILE, TAG, ALIAS, LINK = "Quokka", "Quokka", "zebratag", "Dromedary", "Okapi"
SHORT = ("axolotl", "Dig.", "- blåbær 7", "3 × 4")
WHOLE = f"""---
aliases: [{ALIAS}]
tags: [{TAG}]
needs: [a pangolin, 2 hours]
offers: [numbat care]
---
# {TITLE}

{chr(10).join(SHORT)}
See [[{LINK}]] and a longer line about the echidna that nobody else has written down.
Can someone lend me a wombat trap?
"""
CANARIES = ("quokka", "zebratag", "dromedary", "okapi", "axolotl", "blåbær", "pangolin", "numbat", "echidna", "wombat")


async def strewn(database: Database, vault: Vault) -> Note:
    """Let every part of a node that keeps words of a note keep some of this one, by the node's own code where it has a way."""
    (vault.root / "Quokka.md").write_text(WHOLE)
    vault.commit_outside()
    (saved,) = vault.read_all()[0]
    await replica.shelve_own(database, vault)
    await indexing.by_words(database, vault, OWN)
    await revisions.versions(database, vault, saved.path)
    pieces = indexing.pieces(saved.title, indexing.readable(saved))
    cited = Citation("", "", "note", saved.id, saved.path, saved.title, "axolotl")
    text = "You once wrote: axolotl"

    def strew(connection: sqlite3.Connection) -> None:
        embeddings.add(connection, "e", [(digest, np.ones(3, np.float32)) for _, digest in pieces])
        items.add(connection, [Item("7" * 64, text, "idea")])
        answered.say(connection, "axolotl", Verdict("", saved.id, "9" * 64, True), 1)
        proposals.add(connection, [proposals.Made("7" * 64, "memory", "rules", 1, (cited,))])
        items.add(connection, [Item("8" * 64, "axolotl feeding", "own")])
        quotes = (look_gestures.GestureQuote(saved.id, saved.path, saved.title, "axolotl", 1),)
        said = look_gestures.Gesture("a" * 32, "wish", "do", 1, "feed the axolotl", "axolotl", quotes, ("b" * 32,))
        look_gestures.keep(connection, said)
        own = own_statements.OwnStatement("8" * 64, 0, saved.id, saved.title, "axolotl", 1)
        own_statements.replace(connection, [own])
        holds.hold(connection, holds.Hold(saved.id, "0" * 64, (("a name", 3, "axo…"),)))
        holds.allow(connection, saved.id, ["f" * 64])
        imports.add(connection, imports.Imported("vault/Quokka.md", "folder", saved.path, "0" * 64, "0" * 64, 1))
        imports.suggest(connection, [imports.PrincipleCandidate("c" * 32, "axolotl", "Quokka.md")])
        notes.begin(connection, saved.id, "a" * 64)
        notes.follow(connection, saved.id, "b" * 64)
        consents.keep(connection, [consents.KeptFile(saved.id, saved.path, "0" * 64, "public")])
        notes.hold(connection, saved.id, "0" * 64)
        disclosures.write(connection, 1, "a model", "prompt", WHOLE.encode(), disclosures.Amount(len(WHOLE.encode())))
        deals.draft(
            connection, deals.NewDeal(b"d" * 32, b"o" * 32, ("a wombat trap", "x"), (saved.id,), "axolotl", b"s"), 1
        )
        announcements.keep(connection, announcements.Announcement(1, 1, 0.5, ("okapi",)), 0)

    await database.write(strew)
    return saved


@pytest.mark.slow
async def test_nothing_of_a_note_is_left_in_any_table_or_file_however_short_its_lines(
    node: Any, tmp_path: Path
) -> None:
    database, vault, _ = node
    await strewn(database, vault)
    assert holders(tmp_path, b"axolotl")
    gone = await erasure.note(database, vault, OWN, "Quokka.md")
    assert (gone.remains, gone.elsewhere, gone.closed) == ((), (), ())
    for word in CANARIES:
        assert [one for one in holders(tmp_path, word.encode(), fold=True) if "/.git/" not in one] == [], word
    assert await database.read(lambda found: found.execute("SELECT COUNT(*) FROM embeddings").fetchone()) == (0,)


SEEDED = {
    "shelf",
    "shelf_topics",
    "shelf_links",
    "passages",
    "passage_tags",
    "proposals",
    "own_statements",
    "look_gestures",
    "look_quotes",
    "look_members",
    "states",
    "holds",
    "allowed",
    "imports",
}
SEEDED |= {
    "candidates",
    "note_origins",
    "note_parents",
    "kept",
    "publications",
    "disclosures",
    "deals",
    "pasts",
    "embeddings",
}
SEEDED |= {
    "passage_tokens",
    "passage_tokens_content",
    "passage_tokens_data",
    "passage_tokens_idx",
    "announcements",
    "answered",
}
# Of homes of before alone: their words move to the new index when the home is read (lexicon.py).
OF_BEFORE = {"passage_words", "passage_words_data", "passage_words_idx"}


async def test_every_table_that_is_said_to_be_emptied_holds_words_of_that_note_before(node: Any) -> None:
    database, vault, _ = node
    await strewn(database, vault)
    dropped = {table for table, fates in words.COLUMNS.items() if words.Fate.DROPPED in fates}
    assert dropped - SEEDED - OF_BEFORE == {"records"}  # seen in the test of a published note
    for table in SEEDED:
        count = f'SELECT COUNT(*) FROM "{table}"'
        assert await database.read(lambda found, count=count: found.execute(count).fetchone()[0]) > 0, table


def test_every_table_column_and_file_stands_in_the_registry(node: Any, tmp_path: Path) -> None:
    database, _, _ = node

    def schema(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: frozenset(row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')) for name in names}

    found = database.read_now(schema)
    assert {
        name: columns - words.columns(name) for name, columns in found.items() if columns - words.columns(name)
    } == {}
    assert {
        name: words.columns(name) - columns for name, columns in found.items() if words.columns(name) - columns
    } == {}
    assert set(words.COLUMNS) == set(found)
    place = Home(tmp_path / "home")
    places = {getattr(place, name) for name in vars(Home) if isinstance(vars(Home)[name], property)}
    assert {one.name for one in places} <= set(words.HOME)


QUOTED = json.dumps([asdict(Citation("o", "Bo", "note", "n", "p", "t", "blåbær 7"))])


@pytest.mark.parametrize(
    ("table", "columns", "values"),
    [
        ("shelf", "author, note, head, title, path, written_ms", ("other", "1" * 32, "h", "Quokka", "x.md", 1)),
        ("shelf_topics", "topic, author, note, head", ("quokka", "other", "1" * 32, "h")),
        ("edits", "id, at_ms, kind, concept, value, was, text", ("e", 1, "principle", "", 1.0, 0.0, "More axolotl!")),
        ("deal_said", "deal, number, party, kind, body", (b"d", 1, 0, "invite", b"\x0a\x09blabla, Dig.\x12")),
        (
            "proposals",
            "state, kind, source, made_ms, citations",
            ("s", "k", "m", 1, QUOTED),
        ),
    ],
)
async def test_a_short_word_that_stays_anywhere_is_said_and_not_called_gone(
    node: Any, table: str, columns: str, values: tuple[object, ...]
) -> None:
    database, vault, _ = node
    (vault.root / "Quokka.md").write_text(WHOLE.replace("- blåbær 7", "blåbær 7"))
    vault.commit_outside()
    marks = ", ".join("?" * len(values))

    def plant(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        if table == "deal_said":
            deals.draft(connection, deals.NewDeal(b"d", b"o", ("x", "y"), ("z",), "w", b"s"), 1)
        connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)

    await database.write(plant)
    gone = await erasure.note(database, vault, OWN, "Quokka.md")
    assert gone.remains == ()
    assert gone.elsewhere == (f"1 row of {table} in the database quote it",)


async def test_copies_in_the_home_are_named_and_what_is_sealed_is_not_called_looked_into(
    node: Any, tmp_path: Path
) -> None:
    database, vault, _ = node
    saved = await publishing.save(database, vault, NOW, 0, note("Map", SECRET))
    other = await publishing.save(database, vault, NOW, 0, note("Other", f"See [[Map]].\n{SECRET}\nMore."))
    (tmp_path / "export").mkdir()
    (tmp_path / "export/Map.txt").write_bytes(vault.raw(saved.path))
    (tmp_path / "weal.age").write_bytes(b"age-encryption.org/v1")
    gone = await erasure.note(database, vault, OWN, saved.id)
    assert gone.remains == ("the file export/Map.txt names or quotes it",)
    assert f"the file vault/{other.path} names or quotes it" in gone.elsewhere
    assert any("of it that other notes of yours have too" in one for one in gone.elsewhere)
    assert gone.closed == ("the file weal.age, which is packed or sealed",)


async def test_while_the_log_cannot_be_emptied_it_is_said_and_the_note_is_forgotten_all_the_same(node: Any) -> None:
    database, vault, _ = node
    saved = await publishing.save(database, vault, NOW, 0, note("Map", SECRET))
    reader = sqlite3.connect(database.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM publications").fetchone()
    await database.write(lambda connection: connection.execute("PRAGMA busy_timeout = 0"))
    gone = await erasure.note(database, vault, OWN, saved.id)
    reader.close()
    assert any("log" in one for one in gone.remains)
    assert vault.read_all()[0] == ()
