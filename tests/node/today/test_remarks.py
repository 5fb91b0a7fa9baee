"""What a person wrote for themself between %% is in their file and their own search, and in nothing that is sent, quoted or drafted from."""

from pathlib import Path
from typing import Any

from support.commons import Commons
from support.homes import empty_home
from support.minds import Embedder, by_words
from weal_node import keys
from weal_node.commons import publishing
from weal_node.config import Settings
from weal_node.mind.mind import Mind
from weal_node.proposals.evidence import Citation
from weal_node.records import Note, Visibility
from weal_node.search import indexing
from weal_node.search.service import Search
from weal_node.store import disclosures, holds, passages, proposals, records
from weal_node.store.database import Database
from weal_node.store.records import Mirrored
from weal_node.text.query import parse
from weal_node.today import drafting
from weal_node.today.discovery import connect

BEN, OWN = "b" * 64, "a" * 64
NOW = 2_000_000_000_000
BODY = """# Kiln
The kiln is warm. %%Olga owes me, call +49 171 1234567%%

%%
Who can lend a quiet cellar for barrels?

Barrels of plums are my secret goal.

Copy this: `x`
%%

```
%%d-%%m
```
<!-- Zorro --> Clay is plenty. %% and Quentin
until the end"""
SECRETS = ("Olga", "1234567", "cellar", "plums", "Zorro", "Quentin", "until the end")


async def test_what_leaves_has_no_remark_and_the_file_keeps_its_bytes(tmp_path: Path) -> None:
    database, vault = empty_home(tmp_path)
    commons: Any = Commons()
    raw = f"---\nvisibility: public\nmood: calm %%not Olga%%\n---\n{BODY}".encode()
    vault.put([("Kiln.md", raw)], "x")
    assert await publishing.notice(database, vault, Settings(publish_delay_s=0), 0) == 1
    assert await database.read(holds.every) == {}  # the number stays here, so nothing is held for it
    assert await publishing.send_due(database, vault, keys.new(), commons, 1) == 1
    (made,) = commons.came
    (entry,) = await database.read(disclosures.all_of)
    for secret in SECRETS:
        assert secret.encode() not in made.raw
        assert secret.encode() not in entry.payload
    for said in (b"The kiln is warm. ", b"```\n%%d-%%m\n```\n", b"Clay is plenty.", b"mood: calm"):
        assert said in made.body
    assert vault.raw("Kiln.md") == raw
    assert await publishing.notice(database, vault, Settings(), 2) == 0  # that version is known
    database.close()


async def test_no_proposal_quotes_a_remark_and_the_own_search_finds_its_words(tmp_path: Path) -> None:
    database, vault = empty_home(tmp_path)
    worker = Embedder(by_words())
    search, mind = Search(database, worker, lambda: {BEN: "Ben"}), Mind(database, Embedder(by_words()), lambda: NOW)
    await mind.start()
    vault.save(Note("", "", "Kiln", BODY, Visibility.PUBLIC))
    lent = "I can lend a quiet cellar for barrels of plums."
    row = Mirrored("1" * 64, 1, "note", BEN, "1" * 32, "n.md", "public", 1, f"---\ntitle: Cellar\n---\n{lent}", b"")
    ask = Mirrored(
        "2" * 64,
        2,
        "note",
        BEN,
        "2" * 32,
        "m.md",
        "public",
        1,
        "---\ntitle: Kilns\n---\nWhose kiln is warm? %%Paul?%% Clay.",
        b"",
    )
    await database.write(lambda connection: records.add(connection, [row, ask]))
    await indexing.by_words(database, vault, OWN)
    while await indexing.by_meaning(database, worker):
        pass
    await connect(database, search, mind, NOW)
    made = await database.read(proposals.every)
    quotes = [cited.quote for one in made.values() for cited in one.citations if not cited.author]
    assert not [one for one in quotes for secret in SECRETS if secret in one]
    assert not [
        state.text
        for state in mind.items()
        for secret in ("plums are my", "Who can lend", "Olga")
        if secret in state.text
    ]
    for word in ("Olga", "cellar", "plums", "Zorro", "Quentin", "kiln"):
        assert any(not hit.author for hit in await search.find(parse(word), way="words")), word
    assert not await search.find(parse("Paul"), way="words")  # a remark that an older node of somebody else let out
    database.close()


async def test_what_an_older_weal_kept_of_remarks_goes_to_no_model(tmp_path: Path) -> None:
    database, vault = empty_home(tmp_path)
    note = vault.save(Note("", "", "Kiln", BODY, Visibility.PUBLIC))
    await indexing.by_words(database, vault, OWN)

    def age(connection: Any) -> None:
        connection.execute("UPDATE passages SET text = ?", (BODY,))
        quotes = ("The kiln is warm.", "Barrels of plums are my secret goal.", "%%Olga owes me")
        cited = tuple(Citation("", "you", "note", note.id, note.path, note.title, quote) for quote in quotes)
        proposals.add(connection, [proposals.Made("5" * 64, "bridge", "rules", 1, cited)])
        for statement in passages.READ_AGAIN.split(";"):  # what a home of before goes through when it is opened
            connection.execute(statement)

    await database.write(age)
    database.close()
    database = Database(tmp_path / "node.db")
    await indexing.by_words(database, vault, OWN)
    texts = [passage.text for passage in await database.read(lambda c: passages.of_note(c, "", note.id))]
    assert any(text.startswith("%%Olga") for text in texts)
    assert [one.quote for one, _ in await database.read(drafting.citable)] == ["The kiln is warm."]
    database.close()
