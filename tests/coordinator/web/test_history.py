"""The page of rounds: when, how many were registered, what was spent, what came of it."""

import re
from dataclasses import replace
from typing import Any

import httpx
from sqlalchemy import text

from weal_coordinator.community.charter import TEMPLATE, read
from weal_coordinator.store import releases
from weal_coordinator.store.history import RoundEntry
from weal_coordinator.web import history
from weal_coordinator.web.page import page as serve
from weal_protocol import release_log

CHARTER = read(TEMPLATE.format(name="commons"))
ROUND = RoundEntry(3, "done", 1_790_000_000_000, 412, 1.234, 2, 0.7812, 0.0123)


def cells(page: str) -> list[dict[str, str]]:
    """The table as a reader sees it."""
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    return [
        {name: re.sub(r"<[^>]+>", "", cell) for name, cell in re.findall(r'<td data-name="([^"]+)">(.*?)</td>', row)}
        for row in body.split("<tr>")[1:]
    ]


def rendered(*entries: RoundEntry, epsilon: float = 1.234) -> str:
    return history.render(CHARTER, 413, epsilon, entries, older=False)


def test_a_round_in_full() -> None:
    assert cells(rendered(ROUND)) == [
        {
            "When": "21 September 2026",
            "Registered": "412",
            "Epsilon so far": "1.23",
            "Release": "2",
            "Accuracy": "78.1 ± 1.2 %",
        }
    ]
    assert 'datetime="2026-09-21T14:13:20Z"' in rendered(ROUND)


def test_how_a_round_may_end() -> None:
    def told(**changes: Any) -> tuple[str, str]:
        (row,) = cells(rendered(replace(ROUND, **changes)))
        return row["Epsilon so far"], row["Release"]

    assert told(release=0) == ("1.23", "withheld")
    assert told(state="charged", release=0) == ("1.23", "being made")
    assert told(state="failed", release=0) == ("not charged", "given up")
    assert told(state="open", release=0) == ("not charged yet", "in progress")


def test_what_was_not_measured_is_said() -> None:
    (row,) = cells(rendered(replace(ROUND, accuracy=None, accuracy_sd=None)))
    assert row["Accuracy"] == "not measured"


def test_before_the_first_round() -> None:
    page = rendered(epsilon=0.0)
    assert "No round has been run yet" in page
    assert "<table" not in page
    assert "epsilon 0.00 of at most 8" in page


def test_what_was_spent_is_shown_against_the_cap() -> None:
    assert '<meter min="0" max="8.0" value="1.234">' in rendered(ROUND)


def test_how_many_rounds_are_left_is_said_and_what_comes_after() -> None:
    def told(left: int | None) -> str:
        return history.render(CHARTER, 413, 1.2, (ROUND,), older=False, left=left)

    assert "58 more rounds fit under it" in told(58)
    assert "1 more round fits under it" in told(1)
    assert "Rounds are over" in told(0)
    assert "the last release stays in use" in told(0)
    assert "more round" not in told(None)


def test_what_a_reader_must_know_is_said() -> None:
    page = rendered(ROUND)
    assert "Participation counts are exact, and not protected" in page
    assert "Withheld while fewer than 200 members" in page
    assert "delta 1 in 100,000" in page


async def test_the_page_asks_how_many_are_left(community: Any) -> None:
    served = serve(community.database, community.charter, lambda: True, left=lambda: 17)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://127.0.0.1") as anyone:
        assert "17 more rounds fit under it" in (await anyone.get("/")).text


async def test_a_name_is_shown_as_it_is_written(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/")).text
    assert "<h1>Riverside &lt;commons&gt;</h1>" in page
    assert "<commons>" not in page


async def test_how_many_were_drawn_or_used_is_not_told(community: Any, visitor: httpx.AsyncClient) -> None:
    """It would say more than the accounting allows: the coins are secret."""
    for _ in range(7):
        community.member("light")
    community.done(0.5, accuracy=0.7, deviation=0.01)
    one = (await visitor.get("/")).text
    with community.database.write() as connection:
        connection.execute(text("UPDATE rounds SET used = 5, drawn = :drawn"), {"drawn": b'["aa"]'})
    assert (await visitor.get("/")).text == one
    assert cells(one)[0]["Registered"] == "7"


async def test_the_head_of_the_log_is_there_to_compare(community: Any, visitor: httpx.AsyncClient) -> None:
    community.member("light")
    assert "Log of releases" not in (await visitor.get("/")).text
    shown = []
    for _ in range(2):
        number = community.done(0.5)
        page = (await visitor.get("/")).text
        with community.database.read() as connection:
            head = release_log.entry(releases.get(connection, number).manifest)  # type: ignore[union-attr]  # done just now
        assert f"ends with release {number}, <code>{release_log.digits(head.sha256)}</code>" in page
        shown.append(head.sha256)
    assert len(set(shown)) == 2
