"""Dates that were written down and left."""

from datetime import UTC, datetime

import pytest

from support.own_notes import NOW_MS, reading
from weal_node.look.days import day_in
from weal_node.look.due import dues


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
