"""Acts: cut out of sentences, or refused."""

from datetime import UTC, datetime

import pytest

from support.own_notes import NOW_MS
from weal_node.look import acts
from weal_node.look.notes import DAY_MS


@pytest.mark.parametrize(
    ("rest", "act"),
    [
        ("learn the piano because it calms me.", "learn the piano"),
        ("rebuild my personal site, which is old", "rebuild my personal site"),
        ("selling the old racing bike", "sell the old racing bike"),
        ("visit Ilse in Leeds (before May)", "visit Ilse in Leeds"),
        ("bake a darker rye loaf this winter", "bake a darker rye loaf"),
        ("write to Tom about the cider, then sleep", "write to Tom about the cider"),
    ],
)
def test_an_act_ends_where_its_reason_begins(rest: str, act: str) -> None:
    assert acts.cut(rest) == act


@pytest.mark.parametrize(
    "rest",
    [
        "try it again with them",  # it leans on what stood before
        "do more things in life today",  # nothing is named
        "be a better person at work",  # no act
        "look for a way of",  # it ends in the open
        "call Tom",  # two words
        "read one two three four five six seven eight nine ten eleven books",
        "configure the {{name}} of a pod",
    ],
)
def test_what_is_no_act_is_refused(rest: str) -> None:
    assert acts.cut(rest) == ""


@pytest.mark.parametrize(
    ("text", "days", "stale"),
    [
        ("call Tom today", 1, False),
        ("call Tom today", 5, True),
        ("clean the oven this weekend", 30, True),
        ("finish the essay by March", 300, True),
        ("run a marathon in 2019", 3, True),
        ("learn the piano", 3_000, False),
        ("learn the piano next year", 400, False),
    ],
)
def test_a_time_that_has_gone_by_is_seen(text: str, days: int, stale: bool) -> None:
    assert acts.stale(text, NOW_MS - days * DAY_MS, NOW_MS) is stale
    assert acts.stale("call Tom today", 0, NOW_MS), "of an undated note nobody knows"
    assert datetime.fromtimestamp(NOW_MS / 1_000, UTC).year == 2026
