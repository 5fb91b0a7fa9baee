"""From notes to Today: what others wrote meets what this person asks, cited, judged, and gone when its words are."""

from pathlib import Path

import pytest

from support.homes import empty_home
from support.minds import Embedder, by_words
from weal_node.mind.mind import Mind
from weal_node.records import Note, Visibility
from weal_node.search import indexing
from weal_node.search.service import Search
from weal_node.store import proposals, records
from weal_node.store.database import Database
from weal_node.store.records import Mirrored
from weal_node.today.discovery import DAY_MS, IDEA, NEW_A_DAY, connect
from weal_node.today.today import today
from weal_node.vault.folder import Vault

BEN, CEM, OWN = "b" * 64, "c" * 64, "a" * 64
NOW = 2_000_000_000_000


async def opened(folder: Path) -> tuple[Database, Vault, Search, Mind]:
    (database, vault), worker = empty_home(folder), Embedder(by_words())
    mind = Mind(database, worker, lambda: NOW)
    await mind.start()
    return database, vault, Search(database, worker, lambda: {BEN: "Ben", CEM: "Cem"}), mind


async def share(database: Database, number: int, author: str, body: str) -> None:
    row = Mirrored(f"{number:064x}", number, "note", author, f"{number:032x}", "n.md", "public", number, body, b"")
    await database.write(lambda connection: records.add(connection, [row]))


async def read(database: Database, vault: Vault) -> None:
    await indexing.by_words(database, vault, OWN)
    while await indexing.by_meaning(database, Embedder(by_words())):
        pass


async def test_what_others_wrote_meets_what_is_asked_and_comes_to_today_with_its_sources(tmp_path: Path) -> None:
    database, vault, search, mind = await opened(tmp_path)
    vault.save(
        Note("", "", "Garden", "How do I keep slugs away from lettuce?\n\nSee [[Copper tape]].", Visibility.PRIVATE)
    )
    vault.save(Note("", "", "Swap", "x", Visibility.PRIVATE, needs=("bicycle repair",), offers=("bread",)))
    await share(database, 1, BEN, "---\ntitle: Log\n---\nCopper tape will keep slugs away from your lettuce.")
    await share(database, 2, CEM, "---\ntitle: Tools\noffers: [bicycle repair]\n---\nSundays.")
    await share(database, 3, CEM, "---\ntitle: Other\n---\nOpera tickets were expensive this winter.")
    await read(database, vault)
    done = await connect(database, search, mind, NOW)
    made = await database.read(proposals.every)
    assert done.kept == len(made)
    kinds = {one.kind: one for one in made.values()}
    assert {"bridge", "match", "mention"} <= set(kinds)
    bridge = kinds["bridge"]
    assert [one.who for one in bridge.citations] == ["you", "Ben"]
    assert bridge.citations[1].quote == "Copper tape will keep slugs away from your lettuce."
    assert not any("Opera" in one.quote for one in bridge.citations)
    assert all(state.kind == IDEA for state in mind.items())
    shown = await today(database, mind, NOW)
    cards = {card.state.id: card for card in (*shown.cards, *shown.held_back)}
    assert {one for one in made if cards.get(one) and cards[one].citations == made[one].citations}
    assert (await connect(database, search, mind, NOW)).kept == 0  # said once
    await database.write(lambda connection: connection.execute("DELETE FROM records WHERE author = ?", (BEN,)))
    await read(database, vault)
    assert (await connect(database, search, mind, NOW)).dropped >= 1
    left = await database.read(proposals.every)
    assert not any(one.author == BEN for proposal in left.values() for one in proposal.citations)
    after = await today(database, mind, NOW)
    assert not any("Copper" in card.state.text for card in (*after.cards, *after.held_back))
    database.close()


@pytest.mark.slow
async def test_a_day_brings_a_few_and_the_next_day_more(tmp_path: Path) -> None:
    database, vault, search, mind = await opened(tmp_path)
    needs = tuple(f"thing{number} number{number}" for number in range(30))
    vault.save(Note("", "", "Needs", "x", Visibility.PRIVATE, needs=needs))
    for number, need in enumerate(needs):
        await share(database, number, BEN, f"---\ntitle: T{number}\noffers: ['{need}']\n---\nx")
    vault.save(
        Note(
            "",
            "",
            "Questions",
            "\n\n".join(f"Who has seen {n}zebra {n}walking {n}yonder?" for n in range(9)),
            Visibility.PRIVATE,
        )
    )
    for number in range(9):
        await share(
            database,
            100 + number,
            CEM,
            f"---\ntitle: Z{number}\n---\nHave seen {number}zebra {number}walking {number}yonder",
        )
    await read(database, vault)
    assert (await connect(database, search, mind, NOW)).kept == NEW_A_DAY
    assert (await connect(database, search, mind, NOW)).kept == 0
    assert (await connect(database, search, mind, NOW + DAY_MS + 1)).kept > 0
    database.close()
