"""What came in stands on the shelf by topic and is read by the agent; what was taken back leaves both."""

import secrets
import threading
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from support.minds import Reader
from weal_node import keys
from weal_node.commons import browse
from weal_node.commons.admission import Quota, admit
from weal_node.commons.replica import read, shelve, shelve_own
from weal_node.records import Note, Visibility
from weal_node.store import topic_index
from weal_node.store.database import Database
from weal_node.vault import markdown
from weal_protocol import record
from weal_protocol.record import Record

ADA, BO = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"a", b"b"))
KEY = {one: one.public_key().public_bytes_raw().hex() for one in (ADA, BO)}
OWN = keys.new()


def made(
    author: Ed25519PrivateKey, body: str | bytes, *parents: Record, kind: str = "note", path: str = "n.md", at: int = 1
) -> Record:
    number = parents[0].note if parents else secrets.token_bytes(16)
    body = body.encode() if isinstance(body, str) else body
    ids = tuple(one.id for one in parents)
    return record.make(
        kind, body, author=author, salt=secrets.token_bytes(16), written_ms=at, note=number, path=path, parents=ids
    )


async def came(database: Database, *records: Record) -> None:
    act = partial(admit, batch=records, is_author=lambda _: True, own=b"", limits=Quota())
    assert (await database.write(act)).kept == len(records)
    await shelve(database)


async def test_everyones_note_of_one_name_stands_side_by_side_with_who_links_to_it(node: Any) -> None:
    database, vault = node
    mine = vault.save(Note("", "", "Oak Trees", "Mine. See [[Elms]].", Visibility.PRIVATE))
    await shelve_own(database, vault)
    await came(
        database,
        made(ADA, "---\ntitle: oak  trees\n---\nAda's.", at=2),
        made(BO, "Bo's.", path="woods/Oak trees.md", at=3),
        made(BO, "About [[oak trees|oaks]] and [[Elms#old]].", path="walk.md", at=4),
    )
    found = await browse.topic(database, vault, "oak trees", "")
    assert [(one.author, one.text) for one in found.sides] == [
        ("", "Mine. See [[Elms]]."),
        (KEY[BO], "Bo's."),
        (KEY[ADA], "Ada's."),
    ]
    assert [(one.author, one.path) for one in found.links] == [(KEY[BO], "walk.md")]
    elms = await browse.topic(database, vault, "elms", "")
    assert (elms.sides, [one.note for one in elms.links][:1]) == ((), [mine.id])
    vault.save(Note(mine.id, mine.path, "Birches", "Now another.", Visibility.PRIVATE))
    assert await shelve_own(database, vault) == 1 + 1
    assert len((await browse.topic(database, vault, "oak trees", "")).sides) == 3  # its file is still called so
    assert len((await browse.topic(database, vault, "birches", "")).sides) == 1
    assert (await browse.topic(database, vault, "elms", "")).linking == 1


async def test_versions_written_apart_are_shown_and_never_merged(node: Any) -> None:
    database, vault = node
    first = made(ADA, "# Oaks\none")
    one, other = made(ADA, "# Oaks\ntwo", first, at=2), made(ADA, "# Oaks\nthree", first, at=3)
    await came(database, first)
    await came(database, one, other)
    page = await browse.note(database, KEY[ADA], first.note.hex())
    assert [version.text for version in page.versions] == ["# Oaks\nthree", "# Oaks\ntwo"]
    assert [(side.text[-3:], side.heads) for side in (await browse.topic(database, vault, "oaks", "")).sides] == [
        ("ree", 2),
        ("two", 2),
    ]
    await came(database, made(ADA, "# Oaks\nboth", one, other, at=4))
    assert [version.text for version in (await browse.note(database, KEY[ADA], first.note.hex())).versions] == [
        "# Oaks\nboth"
    ]
    assert len((await browse.topic(database, vault, "oaks", "")).sides) == 1


async def test_who_contributed_stays_known(node: Any) -> None:
    database, _ = node
    first = made(ADA, "# Oaks\nlast")
    idea = made(BO, "# Oaks\nlast long", first, kind="suggestion", at=2)
    taken = made(ADA, "# Oaks\nlast long", first, idea, at=3)
    later = made(ADA, "# Oaks\nlast very long", taken, at=4)
    fork = record.make("note", b"# Elms", author=BO, salt=bytes(16), written_ms=5, note=b"f" * 16, forked_from=later.id)
    await came(database, first, idea, taken, later, fork)
    page = await browse.note(database, KEY[ADA], first.note.hex())
    assert [version.by for version in page.versions] == [(KEY[BO],)]
    assert [(one.author, one.accepted) for one in page.suggestions] == [(KEY[BO], True)]
    assert page.suggestions[0].diff[1:] == (" # Oaks", "-last", "+last long")
    forked = (await browse.note(database, KEY[BO], "66" * 16)).versions[0]
    assert forked.forked_from == (KEY[ADA], first.note.hex(), "Oaks")


async def test_what_was_taken_back_leaves_shelf_and_agent(node: Any) -> None:
    database, vault = node
    reader: Any = Reader()
    both = made(ADA, b"Shared by two", kind="item"), made(BO, b"shared  BY two", kind="item")
    note = made(ADA, "# Oaks\nsecret [[Elms]]")
    await came(database, *both, note)
    assert await read(database, OWN, reader) == 3
    assert sorted(reader.texts.values()) == ["Oaks: # Oaks secret [[Elms]]", "Shared by two"] or len(reader.texts) == 2
    await came(database, made(ADA, "", note, kind="tombstone"), made(ADA, "", both[0], kind="tombstone"))
    await read(database, OWN, reader)
    assert len(reader.texts) == 1  # Bo still says it
    await came(database, made(BO, "", both[1], kind="tombstone"))
    await read(database, OWN, reader)
    assert reader.texts == {}
    assert (await browse.topic(database, vault, "elms", "")).linking == 0
    page = await browse.note(database, KEY[ADA], note.note.hex())
    assert (page.versions, page.taken_back) == ((), 1)


async def test_the_agent_reads_items_and_others_notes_but_not_ones_own(node: Any) -> None:
    database, _ = node
    reader: Any = Reader()
    texts = {
        "item": b"More trees along the road.",
        "note": b"---\ntitle: Trees\n---\nOaks last.",
        "bad": b"---\n[\n---\n",
    }
    for name, body in texts.items():
        await came(database, made(ADA, body, kind="item" if name == "item" else "note"))
    await came(database, made(OWN.agent, "My own."))
    await read(database, OWN, reader)
    assert sorted(reader.texts.values()) == ["More trees along the road.", "Trees: Oaks last."]


async def test_a_strangers_poisoned_note_does_not_stop_the_shelf_or_the_loop(
    node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, _ = node
    readers: set[int] = set()
    reading = markdown.read

    def seen(content: bytes, path: str) -> Any:  # the real one; which thread reads is what is asked
        readers.add(threading.get_ident())
        return reading(content, path)

    monkeypatch.setattr(markdown, "read", seen)
    poison = [b'!!int ""', b"0x" + b"f" * 9_000, b"[" * 20_000, b'"\\uD800"', b"&a [*a]"]
    await came(
        database, *(made(ADA, b"---\ntitle: " + front + b"\n---\nOaks [[last]].") for front in [*poison, b"Trees"])
    )
    assert [entry.title for entry in await database.read(partial(topic_index.named, topic="trees", limit=9))] == [
        "Trees"
    ]
    assert readers
    assert threading.get_ident() not in readers  # so that it does not matter to the loop how long that takes


async def test_hostile_names_become_plain_topics(node: Any) -> None:
    database, _ = node
    title = "\u202eevil\u2069\u200b <script>alert(1)</script> " + "x" * 300
    await came(
        database,
        made(ADA, f"---\ntitle: {title}\n---\n[[../../etc/passwd]] [[ ]] [[javascript:alert(1)]] [[a\u0000b]]"),
    )
    standing = (await database.read(partial(topic_index.by, author=KEY[ADA], limit=9)))[0]
    assert "\u202e" not in standing.title
    named = await database.read(partial(topic_index.topics_of, entry=standing))
    assert all(name.isprintable() and len(name) <= 120 for name in named)
    links = {row for (row,) in await database.read(lambda c: c.execute("SELECT topic FROM shelf_links").fetchall())}
    assert links == {"passwd", "javascript:alert(1)", "ab"}
