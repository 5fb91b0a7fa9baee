"""What front matter says under other keys than Weal's is on the note's page, leads where it links, and is found; a note's page shows its embeds."""

import re
from typing import Any

from support.minds import Embedder
from weal_node.commons import browse, replica
from weal_node.records import Visibility
from weal_node.search import indexing
from weal_node.search.service import Search
from weal_node.store import records
from weal_node.store.records import Mirrored
from weal_node.text.query import parse

RAW = """---
visibility: private
author: "[[Ilse Berg]]"
made: [clay, "[[Oven|the oven]]"]
rating: 7
needs of others: none
Needs: a barrel
deep: {of: {it: 3}}
empty:
script: "<script>alert(1)</script>"
---
# Pot

![[Oven]]
"""


async def test_properties_are_shown_linked_and_found(page: Any) -> None:
    page.vault.put(
        [("Pot.md", RAW.encode()), ("Ilse Berg.md", b"A potter.\n"), ("Oven.md", b"It is hot. %%secretly%%\n")], "x"
    )
    there = {note.path: note for note in page.vault.read_all()[0]}
    pot = there["Pot.md"]
    shown = await page.see(f"/notes/{pot.id}")
    (listed,) = re.findall(r'<dl class="properties">.*?</dl>', shown, re.DOTALL)
    assert [re.sub("<[^>]+>", "", one) for one in re.findall("<dt>.*?</dt>", listed)] == [
        "author", "made", "rating", "needs of others", "Needs", "deep", "script",
    ]  # fmt: skip
    assert 'href="/notes/named?name=Ilse%20Berg&amp;from=Pot.md"' in listed
    assert ">the oven</a>" in listed
    assert "of: it: 3" in listed
    assert "<script" not in listed
    (article,) = re.findall(r'<article class="note-body">.*?</article>', shown, re.DOTALL)
    assert "It is hot." in article
    assert "secretly" not in article
    await replica.shelve_own(page.database, page.vault)
    assert [one.title for one in await browse.backlinks(page.database, page.vault, there["Ilse Berg.md"], "")] == [
        "Pot"
    ]
    theirs = Mirrored(
        "1" * 64, 1, "note", "b" * 64, "1" * 32, "n.md", "public", 1, "---\nplace: Quedlinburg\n---\nHi.", b""
    )
    await page.database.write(lambda connection: records.add(connection, [theirs]))
    await indexing.by_words(page.database, page.vault, "a" * 64)
    search = Search(page.database, Embedder(), dict)
    for words, title in (
        ("Ilse Berg", "Pot"),
        ("rating", "Pot"),
        ("barrel", "Pot"),
        ("Quedlinburg", "n"),
        ("secretly", "Oven"),
    ):
        assert title in [hit.title for hit in await search.find(parse(words), way="words")], words
    passages = await page.database.read(
        lambda c: c.execute("SELECT text FROM passages WHERE note = ?", (pot.id,)).fetchall()
    )
    assert not any("\nNeeds: " in text for (text,) in passages)  # a property is no wish
    assert page.vault.raw("Pot.md") == RAW.encode()


async def test_saving_and_previewing_keep_what_is_only_shown(page: Any) -> None:
    page.vault.put([("Pot.md", RAW.encode()), ("Oven.md", b"It is hot.\n")], "x")
    pot = next(note for note in page.vault.read_all()[0] if note.path == "Pot.md")
    fields = {"id": pot.id, "title": "Pot", "body": pot.body + "More.\n", "visibility": "private"}
    preview = await page.send("/notes/preview", 200, **fields)
    assert "It is hot." in preview.text
    await page.send("/notes", **fields)
    raw = page.vault.raw("Pot.md").decode()
    for line in RAW.splitlines()[2:10]:
        assert line in raw


async def test_tags_are_one_in_any_case_and_hold_those_below_them(page: Any) -> None:
    files = [
        ("a.md", b"#Clay\n"),
        ("b.md", b"#clay/red\n"),
        ("c.md", b"#CLAY #Clay\n"),
        ("d.md", b"colour #fff\n"),
        ("e.md", b"#Clay\n"),
    ]
    page.vault.put(files, "x")
    listed = await page.see("/notes")
    assert re.findall(r'">#([^<]+)</a>', listed) == ["Clay 3", "clay/red 1"]
    chosen = await page.see("/notes?tag=cLAY")
    assert sorted(re.findall(r'<a href="/notes/[0-9a-f]{32}">([^<]+)</a>', chosen)) == ["a", "b", "c", "e"]


async def test_a_folder_of_templates_is_no_list_of_faults(page: Any) -> None:
    page.vault.put([("Templates/day.md", b"---\ncreated: {{date}}\nvisibility: public\n---\n# {{title}}\n")], "x")
    page.vault.put([("day.md", b"---\ncreated: {{date}}\n---\n")], "x")
    listed = await page.see("/notes")
    assert "Something cannot be used as it stands" in listed
    warned = listed[listed.index("Something cannot be used") :]
    assert len(re.findall(r'<li class="text"><a href="/notes/', warned[: warned.index("</div>")])) == 1
    (one,) = [note for note in page.vault.read_all()[0] if note.path == "Templates/day.md"]
    assert one.visibility == Visibility.PRIVATE
