"""What seems to give something away is held until its person allows it; folders have defaults; imports wait for review."""

from typing import Any

import pytest

from support.commons import Commons
from weal_node import keys
from weal_node.commons import publishing, review
from weal_node.config import Settings
from weal_node.records import Note, Visibility
from weal_node.store import holds, imports
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_protocol import record

KEYS = keys.new()
SETTINGS = Settings(publish_delay_s=0)


@pytest.fixture
def node(node: tuple[Database, Vault]) -> tuple[Database, Vault, Commons]:
    return (*node, Commons())


def note(body: str, **more: Any) -> Note:
    return Note(more.pop("id", ""), more.pop("path", ""), "Call me", body, Visibility.PUBLIC)


async def test_a_phone_number_is_held_until_it_is_allowed_and_then_known(node: Any) -> None:
    database, vault, commons = node
    saved = await publishing.save(database, vault, SETTINGS, 0, note("At +49 171 1234567."))
    assert await publishing.notice(database, vault, SETTINGS, 0) == 0  # held, not forgotten and not found anew
    assert await publishing.send_due(database, vault, KEYS, commons, 1) == 0
    (held,) = (await database.read(holds.every)).values()
    assert held.kinds == "a phone number"
    assert await review.first_ever(database)
    await review.allow(database, vault, SETTINGS, 0, vault.read(saved.path))
    assert await publishing.send_due(database, vault, KEYS, commons, 1) == 1
    again = note("At +49 171 1234567, evenings.", id=saved.id, path=saved.path)
    await publishing.save(database, vault, SETTINGS, 2, again)
    assert await publishing.send_due(database, vault, KEYS, commons, 3) == 1
    await publishing.save(database, vault, SETTINGS, 4, note("Or +49 171 7654321.", id=saved.id, path=saved.path))
    assert await publishing.send_due(database, vault, KEYS, commons, 5) == 0  # another number is another question
    assert not await review.first_ever(database)
    assert await publishing.undo(database, vault, saved.id)
    assert await database.read(holds.every) == {}


async def test_a_files_name_is_scanned_as_its_text_is_and_goes_when_the_text_goes(node: Any) -> None:
    database, vault, commons = node
    (vault.root / "p").mkdir()
    path = "p/sk-ant-api03-aB3dE5gH7jK9mN1pQ3sT Call +49 170 1234567.md"
    (vault.root / path).write_text("---\nvisibility: public\ntitle: Walk\n---\nBy the river.\n")
    assert await publishing.notice(database, vault, SETTINGS, 0) == 0
    assert await publishing.send_due(database, vault, KEYS, commons, 1) == 0
    (held,) = (await database.read(holds.every)).values()
    assert [(kind, line) for kind, line, _ in held.why] == [("an API key", 0), ("a phone number", 0)]
    await review.allow(database, vault, SETTINGS, 0, vault.read(path))
    assert await publishing.send_due(database, vault, KEYS, commons, 1) == 1
    (made,) = commons.came
    assert made.path == path.removeprefix("p/")
    bare = record.redacted(made.raw)
    assert not any(word in bare for word in (b"sk-ant", b"1234567", b"river", b"Walk"))


async def test_what_somebody_typed_as_a_licence_leaves_as_nothing_asserted(node: Any) -> None:
    database, vault, commons = node
    for name, licence in (("a", "cc0-1.0"), ("b", "Ask me, Ada, first"), ("c", "")):
        (vault.root / f"{name}.md").write_text(f"---\nvisibility: public\nlicence: {licence}\n---\nText {name}\n")
    await publishing.notice(database, vault, SETTINGS, 0)
    assert await publishing.send_due(database, vault, KEYS, commons, 1) == 3
    said = {one.path: one.licence for one in commons.came}
    assert said == {"a.md": "CC0-1.0", "b.md": "NOASSERTION", "c.md": "CC-BY-4.0"}
    assert not any(b"Ada" in record.redacted(one.raw) for one in commons.came)


async def test_a_folder_says_who_may_read_what_does_not_say_it(node: Any) -> None:
    database, vault, commons = node
    (vault.root / "open/deep").mkdir(parents=True)
    (vault.root / "open/deep/a.md").write_text("# A\n")
    (vault.root / "open/b.md").write_text("---\nvisibility: private\n---\n# B\n")
    (vault.root / "c.md").write_text("# C\n")
    await review.choose(database, vault, "open/", "public")
    assert [one.visibility.value for one in vault.read_all()[0]] == ["private", "private", "public"]
    assert await publishing.notice(database, vault, SETTINGS, 0) == 1
    assert await publishing.send_due(database, vault, KEYS, commons, 1) == 1
    await review.choose(database, vault, "open", "")
    assert vault.read("open/deep/a.md").visibility == Visibility.PRIVATE


async def test_an_imported_note_stays_private_whatever_it_says_until_it_is_reviewed(node: Any) -> None:
    database, vault, commons = node
    await review.choose(database, vault, "", "public")
    raw = b"---\nvisibility: public\nmood: odd\n---\n# Mine\n"
    broken = b"---\ncreated: {{date}}\n---\nA template\n"
    vault.put([("in/a.md", raw), ("in/b.md", b"key: ghp_" + b"a1B2" * 9), ("in/t.md", broken)], "Import")
    sums = {version.note.path: version.sha256 for version in vault.versions()}
    for path in ("in/a.md", "in/b.md", "in/t.md"):
        one = imports.Imported(path, "folder", path, sums[path], sums[path], 0)
        await database.write(lambda connection, one=one: imports.add(connection, one))
    await review.renew(database, vault)
    (vault.root / "in/a.md").rename(vault.root / "moved.md")  # by another editor: still not reviewed
    assert await publishing.notice(database, vault, SETTINGS, 0) == 0
    (vault.root / "moved.md").rename(vault.root / "in/a.md")
    chosen = ["in/a.md", "in/b.md", "in/t.md", "c.md"]
    assert await review.review(database, vault, SETTINGS, 0, chosen, Visibility.COMMUNITY) == 2
    assert vault.raw("in/t.md") == broken
    assert await database.read(imports.unreviewed) == ()
    assert await publishing.notice(database, vault, SETTINGS, 0) == 0  # reviewed, and still private in an open folder
    assert b"mood: odd\n" in vault.raw("in/a.md")
    assert [held.kinds for held in (await database.read(holds.every)).values()] == ["an API key"]
    assert await publishing.send_due(database, vault, KEYS, commons, 1) == 1
    assert commons.came[0].visibility == "community"
