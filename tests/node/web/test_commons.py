"""The pages of the commons, as a browser without JavaScript gets them, over real stores; the coordinator alone is stood in for."""

import html
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from support.commons import Commons
from support.homes import empty_home
from weal_node import keys
from weal_node.commons.admission import Quota, admit
from weal_node.commons.contributions import BuildOn
from weal_node.commons.publishing import send_due
from weal_node.commons.replica import shelve, shelve_own
from weal_node.config import Settings
from weal_node.records import Note, Visibility
from weal_node.search.addresses import at
from weal_node.store import disclosures, follows, records
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_node.web.page import STATIC
from weal_node.web.routes import routes
from weal_node.web.tray import Tray
from weal_protocol import record
from weal_protocol.jury import Jury
from weal_protocol.record import Record

OWN, ADA, BO = keys.new(), keys.new(), keys.new()
ME, HER, HIM = (one.agent_public.hex() for one in (OWN, ADA, BO))
NAMES = {ME: "Me", HER: "Ada <b>", HIM: "Bo"}


@dataclass
class House:
    database: Database
    vault: Vault
    coordinator: Commons
    client: httpx.AsyncClient
    settings: Settings
    building: BuildOn = field(init=False)
    joined: Any = field(init=False)
    clock: int = 1_000

    def name_jury(self, *jurors: keys.Keys) -> None:
        """Let the charter name these, any two of whom decide."""
        jury = Jury(b"c" * 32, frozenset(one.ratification_public for one in jurors), 2)
        self.building = self.joined.building = replace(self.building, jury=lambda: jury)

    async def came(self, *made: Record) -> None:
        act = partial(admit, batch=made, is_author=lambda _: True, own=OWN.agent_public, limits=Quota())
        assert (await self.database.write(act)).kept == len(made)
        await self.shelve()

    async def shelve(self) -> None:
        await shelve_own(self.database, self.vault)
        await shelve(self.database)

    async def see(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    async def send(self, path: str, status: int = 303, **fields: str) -> httpx.Response:
        answer = await self.client.post(path, data=fields)
        assert answer.status_code == status, answer.text
        return answer

    async def publish(self) -> int:
        self.clock += 10_000
        sent = await send_due(self.database, self.vault, OWN, self.coordinator, self.clock)  # type: ignore[arg-type]
        await self.shelve()
        return sent


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    (database, vault), coordinator = empty_home(tmp_path), Commons(NAMES)
    settings = Settings(publish_delay_s=0)
    app = Starlette(routes=routes(str(STATIC)))

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": {"csrf": "c"}}, receive, send)

    client = httpx.AsyncClient(transport=httpx.ASGITransport(with_state), base_url="http://node")
    made = House(database, vault, coordinator, client, settings)
    community: Any = coordinator
    building = BuildOn(database, vault, settings, OWN, community, lambda: made.clock)
    joined = SimpleNamespace(name="commons", own_key=ME, community=coordinator, building=building)
    made.building, made.joined = building, joined
    app.state.desk = SimpleNamespace(
        settings=settings, joined=joined, paused=False, database=database, vault=vault, tray=Tray(),
        now_ms=lambda: made.clock, community=lambda: joined, names=lambda: NAMES, check_not_paused=lambda: None,
    )  # fmt: skip
    yield made
    await client.aclose()
    database.close()


def by(author: keys.Keys, body: str, *parents: Record, kind: str = "note", at: int = 1, **more: Any) -> Record:
    number = parents[0].note if parents else secrets.token_bytes(16)
    ids = tuple(one.id for one in parents)
    salt = secrets.token_bytes(16)
    return record.make(
        kind,
        body.encode(),
        author=author.agent,
        salt=salt,
        written_ms=at,
        note=number,
        path="Oaks.md",
        parents=ids,
        **more,
    )


def place(one: Record) -> str:
    return f"/people/{one.author.hex()}/notes/{one.note.hex()}"


async def test_a_topic_shows_everyones_note_and_its_backlinks(house: House) -> None:
    house.vault.save(Note("", "", "Oaks", "My own oaks.", Visibility.PRIVATE))
    await house.came(by(ADA, "Hers, see [[Elms]]."), by(BO, "<script>alert(1)</script> ![x](https://t.example/x.png)"))
    await house.came(
        record.make(
            "note", b"About [[oaks]].", author=BO.agent, salt=bytes(16), written_ms=9, note=b"w" * 16, path="walk.md"
        )
    )
    page = await house.see("/topics/Oaks")
    assert page.count('<article class="card note-body">') == 3
    assert page.index("My own oaks.") < page.index("Hers, see")
    assert 'href="/topics/elms"' in page
    assert "Ada &lt;b&gt;" in page
    assert "<script>alert" not in page
    assert "<img" not in page
    assert f"/people/{HIM}/notes/{'77' * 16}" in page.split('id="backlinks"')[1]
    assert (await house.client.get("/topics?name= Oaks ")).headers["location"] == "/topics/oaks"
    assert "Nobody whose notes you have" in await house.see("/topics/nothing")
    await house.see("/topics/%20%E2%80%8B", 404)


async def test_what_a_search_finds_of_another_opens_where_it_can_be_answered(house: House) -> None:
    house.vault.save(Note("", "", "Elms", "My own elms.", Visibility.PRIVATE))
    hers = by(ADA, "Hers, see [[Elms]] beside the well.")
    await house.came(hers)
    found = at("note", HER, hers.note.hex(), "Oaks.md")
    assert found == place(hers)
    page = await house.see(found)
    for part in ("Suggest a change", "Fork into my vault", 'id="backlinks"', 'href="/topics/elms"'):
        assert part in page
    assert "/notes/named" not in page  # a stranger's link means everyone's note of that name, not mine


async def test_a_note_of_ones_own_says_who_links_to_it(house: House) -> None:
    mine = house.vault.save(Note("", "", "Elms", "Of [[Elms]] themselves.", Visibility.PRIVATE))
    walk = house.vault.save(Note("", "", "A walk", "Past the [[elms|old elms]].", Visibility.PRIVATE))
    house.vault.save(Note("", "", "Other", "No link.", Visibility.PRIVATE))
    hers = by(ADA, "Hers, see [[Elms]].")
    await house.came(hers)
    links = (await house.see(f"/notes/{mine.id}")).split('id="backlinks"')[1].split("</ul>")[0]
    assert re.findall(r'href="([^"]+)"', links) == [f"/notes/{walk.id}", place(hers)]
    assert "Ada &lt;b&gt;" in links
    assert 'id="backlinks"' not in await house.see(f"/notes/{walk.id}")


async def test_a_note_is_linked_from_where_its_links_lead_and_nowhere_else(house: House) -> None:
    house.vault.put(
        [
            ("gardens/Plan.md", b"# Beds\n"),
            ("plans/Plan.md", b"# Rows\n"),
            ("other/Notes on it.md", b"---\naliases: [Plan]\n---\nWords.\n"),
            ("gardens/today.md", b"See [[plan]].\n"),
            ("plans/deep/near.md", b"Beside [[Plan]].\n"),
            ("gardens/deep/far.md", b"See [it](../../plans/Plan.md) and [[Rows]].\n"),
        ],
        "Put",
    )
    await shelve_own(house.database, house.vault)
    by_path = {note.path: note.id for note in house.vault.read_all()[0]}

    async def linked_from(path: str) -> list[str]:
        page = await house.see(f"/notes/{by_path[path]}")
        return re.findall(r'href="/notes/([^"]+)"', page.partition('id="backlinks"')[2].split("</ul>")[0])

    assert await linked_from("gardens/Plan.md") == [by_path["gardens/today.md"]]
    assert await linked_from("plans/Plan.md") == [by_path["gardens/deep/far.md"], by_path["plans/deep/near.md"]]
    assert await linked_from("other/Notes on it.md") == []  # an alias never beats a file of that name
    page = await house.see(f"/notes/{by_path['gardens/deep/far.md']}")
    page += await house.see(f"/notes/{by_path['plans/deep/near.md']}")
    places = [html.unescape(one) for one in re.findall(r'href="(/notes/named[^"]+)"', page)]
    leads = [(await house.client.get(one)).headers["location"] for one in places]
    assert leads == [f"/notes/{by_path['plans/Plan.md']}"] * 3
    topic = await house.see("/topics/plan")
    assert topic.index("Beds") < topic.index("Words.")


async def test_people_are_followed_and_no_longer(house: House) -> None:
    await house.came(by(ADA, "Hers."))
    page = await house.see("/people")
    assert "You mirror what everyone" in page
    assert f"/people/{HER}" in page
    await house.send("/people/community/follow", following="0")
    await house.send(f"/people/{HER}/follow", following="1")
    assert "You mirror the people you follow" in await house.see("/people")
    assert await house.database.read(follows.people) == (HER,)
    assert "Unfollow" in await house.see(f"/people/{HER}")
    await house.send(f"/people/{HER}/follow", following="0")
    assert await house.database.read(follows.people) == ()
    assert "Hers." in await house.see("/topics/oaks")  # it stays
    await house.send("/people/nobody/follow", 404, following="1")
    await house.send(f"/people/{HER}/follow", 400, following="2")


async def test_a_suggestion_names_its_parent_and_is_written_down_before_it_leaves(house: House) -> None:
    hers = by(ADA, "---\nmood: calm\n---\nOaks last.")
    await house.came(hers)
    assert "Suggest a change" in await house.see(place(hers))
    await house.send(place(hers) + "/suggest", 409, record=hers.id, text="Oaks last.")
    house.coordinator.away = True
    await house.send(place(hers) + "/suggest", 502, record=hers.id, text="Oaks last long.")
    assert len(await house.database.read(disclosures.all_of)) == 1  # entered first, whatever became of it
    house.coordinator.away = False
    await house.send(place(hers) + "/suggest", record=hers.id, text="Oaks last long.")
    (made,) = house.coordinator.came
    assert (made.kind, made.parents, made.note) == ("suggestion", (hers.id,), hers.note)
    assert made.body == b"---\nmood: calm\n---\nOaks last long."
    page = await house.see(place(hers))
    assert '<span class="removed">-Oaks last.</span>' in page
    await house.send(place(hers) + "/take-back", record=made.id)
    assert "Suggestions: 0" in await house.see(place(hers))
    await house.send(place(hers) + "/take-back", 409, record=hers.id)  # that one is not ours


async def test_a_suggestion_that_seems_to_give_something_away_is_asked_about_first(house: House) -> None:
    hers = by(ADA, "---\nmood: calm\n---\nCall +49 30 1234567.")
    await house.came(hers)
    said = "Call +49 30 1234567, or me, +49 170 7654321."
    page = (await house.send(place(hers) + "/suggest", 409, record=hers.id, text=said)).text
    assert house.coordinator.came == []
    assert await house.database.read(disclosures.all_of) == ()
    assert "a phone number" in page
    assert page.count("<li>line 1: a phone number") == 1  # hers stands in her note already
    assert f"\n{said}</textarea>" in page
    (allowed,) = re.findall(r'name="allowed" value="([0-9a-f ]+)"', page)
    other = said.replace("7654321", "1111222")
    await house.send(place(hers) + "/suggest", 409, record=hers.id, text=other, allowed=allowed)
    await house.send(place(hers) + "/suggest", record=hers.id, text=said, allowed=allowed)
    (made,) = house.coordinator.came
    assert said.encode() in made.body
    assert made.path == ""


async def test_the_ledger_holds_the_exact_bytes_and_the_page_shows_what_they_say(house: House) -> None:
    note = house.vault.save(Note("", "secret folder/Oaks.md", "Oaks", "Oaks last.", Visibility.PUBLIC, licence="MIT"))
    await house.client.post("/notes", data={"id": note.id, "title": "Oaks", "body": "Oaks last long."})
    assert await house.publish() == 1
    (made,) = house.coordinator.came
    (entry,) = await house.database.read(disclosures.all_of)
    assert entry.payload == made.raw
    assert b"secret folder" not in made.raw
    page = await house.see(f"/privacy/{entry.id}")
    for said in ("Oaks.md", "MIT", "public", ME, note.id, "Oaks last long."):
        assert said in page
    await house.send(f"/people/{ME}/notes/{note.id}/take-back")
    (kept,) = await house.database.read(partial(records.versions, author=ME, note=note.id))
    assert (kept.path, kept.body) == ("", "")
    assert b"Oaks" not in kept.raw


async def test_accepting_makes_a_version_with_both_parents(house: House) -> None:
    mine = house.vault.save(Note("", "Oaks.md", "Oaks", "Oaks last.", Visibility.PRIVATE))
    await house.client.post(
        "/notes", data={"id": mine.id, "title": "Oaks", "body": "Oaks last.", "visibility": "public"}
    )
    assert await house.publish() == 1
    (first,) = house.coordinator.came
    idea = by(ADA, first.body.decode().replace("last", "last long"), first, kind="suggestion")
    await house.came(idea)
    page = await house.see(place(first))
    assert "Accept" in page
    assert "Suggest a change" not in page  # one's own is changed, not suggested to
    answer = await house.send(place(first) + "/accept", record=idea.id, text="Oaks last long.")
    assert answer.headers["location"].startswith(f"/notes/{mine.id}")
    assert await house.publish() == 1
    second = house.coordinator.came[-1]
    assert set(second.parents) == {first.id, idea.id}
    page = await house.see(place(first))
    assert "accepted" in page
    assert "with" in page
    assert html.escape("Ada <b>") in page
    await house.send(place(first) + "/accept", 404, record="0" * 64, text="x")
    await house.send(place(first) + "/accept", 409, record=first.id, text="x")  # which follows nothing


async def test_neither_a_suggestion_nor_its_acceptance_takes_or_gives_a_remark(house: House) -> None:
    body = "Oaks last. %%I hid it%%\n\n<!-- at the gate -->\n"
    mine = house.vault.save(Note("", "Oaks.md", "Oaks", body, Visibility.PRIVATE))
    await house.client.post("/notes", data={"id": mine.id, "title": "Oaks", "body": body, "visibility": "public"})
    assert await house.publish() == 1
    (first,) = house.coordinator.came
    assert "hid it" not in await house.see(place(first))
    idea = by(ADA, first.body.decode().replace("last", "last long"), first, kind="suggestion")
    hers = by(ADA, "Elms stand.")
    await house.came(idea)
    await house.came(hers)
    await house.send(place(first) + "/accept", record=idea.id, text="Oaks last long.")
    (kept,) = [one for one in house.vault.read_all()[0] if one.id == mine.id]
    assert kept.body == "Oaks last long.\n\n%%I hid it%%\n\n<!-- at the gate -->\n"
    await house.send(place(hers) + "/suggest", record=hers.id, text="Elms stand tall. %%tell nobody%%")
    assert b"tell nobody" not in house.coordinator.came[-1].raw
    assert b"Elms stand tall." in house.coordinator.came[-1].body


async def test_a_fork_has_a_new_id_and_names_where_it_came_from(house: House) -> None:
    hers = by(ADA, "---\ntitle: Oaks\nneeds: [a saw]\noffers: [shade]\n---\nOaks last.", licence="CC0-1.0")
    await house.came(hers)
    answer = await house.send(place(hers) + "/fork", record=hers.id)
    note = answer.headers["location"].split("/")[2].split("?")[0]
    (copy,) = [one for one in house.vault.read_all()[0] if one.id == note]
    assert (copy.visibility, copy.body, copy.licence) == (Visibility.PRIVATE, "Oaks last.", "CC0-1.0")
    assert (copy.needs, copy.offers) == (("a saw",), ("shade",))
    assert await house.publish() == 0
    await house.client.post(
        "/notes", data={"id": note, "title": "Oaks", "body": "Oaks and elms.", "visibility": "public"}
    )
    assert await house.publish() == 1
    made = house.coordinator.came[-1]
    assert (made.note.hex(), made.forked_from, made.parents) == (note, hers.id, ())
    assert made.licence == "CC0-1.0"
    page = await house.see(f"/people/{ME}/notes/{note}")
    assert f'from <a href="{place(hers)}">' in page


async def test_versions_apart_are_shown_and_joined_by_the_next_one(house: House) -> None:
    mine = house.vault.save(Note("", "Oaks.md", "Oaks", "here", Visibility.PUBLIC))
    first = record.make(
        "note", b"first", author=OWN.agent, salt=bytes(16), written_ms=1, note=bytes.fromhex(mine.id), path="Oaks.md"
    )
    apart = [by(OWN, f"written on device {n}", first, at=n) for n in (2, 3)]
    await house.came(first, *apart)
    page = await house.see(place(first))
    assert "2 versions of this note were written apart" in page
    assert page.count("card note-body version") == 2
    await house.send(place(first) + "/join")
    await house.client.post("/notes", data={"id": mine.id, "title": "Oaks", "body": "both", "visibility": "public"})
    await house.publish()
    assert set(house.coordinator.came[-1].parents) == {one.id for one in apart}
    assert (await house.see(place(first))).count("card note-body version") == 1


async def test_taking_a_note_back(house: House) -> None:
    await house.client.post("/notes", data={"title": "Oaks", "body": "a secret after all", "visibility": "public"})
    await house.publish()
    (first,) = house.coordinator.came
    assert "Take this note back" in await house.see(place(first))
    await house.send(f"/people/{HER}/notes/{first.note.hex()}/take-back", 409)
    await house.send(place(first) + "/take-back")
    assert (house.coordinator.came[-1].kind, house.coordinator.came[-1].parents) == ("tombstone", (first.id,))
    kept = await house.database.read(partial(records.find, record=first.id))
    assert kept is not None
    assert (kept.body, b"secret" in kept.raw) == ("", False)
    page = await house.see(place(first))
    assert "took this note back" in page
    assert "secret" not in page
    assert {note.visibility for note in house.vault.read_all()[0]} == {Visibility.PRIVATE}
    assert await house.publish() == 0


async def test_jurors_take_back_what_its_author_leaves_standing(house: House) -> None:
    bad = by(ADA, "# Oaks\nRosa lives at 3 Elm Street.")
    await house.came(bad)
    assert "As a juror" not in await house.see(place(bad))
    await house.send(place(bad) + "/judge", 409, record=bad.id, reason="An address.")
    house.name_jury(OWN, BO, ADA)
    assert "As a juror" in await house.see(place(bad))
    await house.send(place(bad) + "/judge", 400, record=bad.id, reason=" ")
    first = await house.send(place(bad) + "/judge", 200, record=bad.id, reason="An address.")
    assert "1 of 2 votes" in first.text
    assert f"{OWN.ratification_public.hex()} " in first.text
    assert not house.coordinator.came
    his = house.building.jury().vote(BO.ratification, bad.id, "An address.")
    await house.send(place(bad) + "/judge", record=bad.id, reason="An address.", votes=f"{his}\r\n")
    assert (house.coordinator.came[-1].kind, house.coordinator.came[-1].parents) == ("verdict", (bad.id,))
    await house.shelve()
    page = await house.see(place(bad))
    assert "jury took this back" in page
    assert "An address." in page
    assert "Elm Street" not in page


async def test_what_is_not_there_is_a_named_answer(house: House) -> None:
    for path in ("/people/xyz", f"/people/{HER}/notes/xyz", f"/people/{HER}/notes/{'0' * 32}"):
        assert re.search("There is no such|Nothing of this note", await house.see(path, 404))
