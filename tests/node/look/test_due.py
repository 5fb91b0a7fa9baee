"""Dates that were written down and left."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from support.own_notes import NOW_MS, note, reading
from weal_node.look.days import day_in
from weal_node.look.due import dues
from weal_node.look.notes import DAY_MS
from weal_node.look.reading import read


def days(body: str, ago: float = 10) -> list[str]:
    found = dues(reading("Journal/Notes.md", body, ago), NOW_MS)
    return [f"{datetime.fromtimestamp(due.due_ms / 1_000, UTC):%Y-%m-%d}" for due in found]


@pytest.mark.parametrize(
    ("body", "day"),
    [
        ("- [ ] send Tom the cider proportions 📅 2026-12-04\n", "2026-12-04"),
        ("- [ ] send Tom the jam [due:: 2026-12-05]\n", "2026-12-05"),
        ("I need to answer the school by 8 December 2026.\n", "2026-12-08"),
        ("I promised to bring Ilse jam by Friday.\n", "2026-11-27"),  # the note is of a Friday
        ("Must renew the passport before March 3rd.\n", "2027-03-03"),
        ("Deadline: hand in the essay by 2026-12-01\n", "2026-12-01"),
    ],
)
def test_a_day_is_read(body: str, day: str) -> None:
    assert days(body) == [day]


@pytest.mark.parametrize(
    "body",
    [
        "On 12 November 2026 I went to Leeds.\n",
        "- [x] send Tom the jam 📅 2026-12-04\n",
        "I must say that 2019-01-01 was cold.\n",
        "- [ ] send Tom the jam 📅 2019-01-01\n",  # history
        "I need to call on 31 February 2027.\n",
    ],
)
def test_what_is_over_or_no_day_is_not(body: str) -> None:
    assert days(body) == []


def test_by_friday_of_an_undated_note_is_no_day() -> None:
    assert day_in("by Friday", 0) is None
    assert day_in("by 3 May", 0) is None


def test_a_month_and_a_year_are_no_day() -> None:
    november = 1_795_000_000_000
    assert day_in("complain about the crate (aug 25)", november) is None
    assert day_in("complain by aug 25", november) is not None
    assert day_in("bis 14.12.", november) == day_in("by 2026-12-14", november)
    assert day_in("costs 14.12 a kilo", november) is None


def test_what_has_long_gone_by_is_no_day_of_yours() -> None:
    assert list(dues(reading("Plot.md", "- [ ] pay Bridget by 2026-09-01\n"), NOW_MS)) == []
    assert list(dues(reading("Plot.md", "- [ ] pay Bridget by 2026-11-20\n"), NOW_MS)) != []


def test_a_day_without_a_year_is_told_by_when_the_note_was_last_changed() -> None:
    old = replace(note("Plot.md", "- [ ] pay Bridget by 31 Dec\n", 10), written_ms=NOW_MS - 700 * DAY_MS)
    (due,) = dues(read(old), NOW_MS)
    assert due.due_ms == day_in("by 2026-12-31", NOW_MS)
