"""Days of the week in words: what is open may be any day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.reward.days import NAMES, WEEK, days


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("on Saturday", {5}),
        ("Mondays and thurs", {0, 3}),
        ("at the weekend", {5, 6}),
        ("weekday evenings", {0, 1, 2, 3, 4}),
        ("Mon-Wed", {0, 1, 2}),
        ("Friday to Monday", {4, 5, 6, 0}),
        ("Sat evening till Mon morning", WEEK),
        ("any day", WEEK),
        ("not on Sunday", WEEK),
        ("2026-11-28", {5}),
        ("2026-11-28/2026-12-20", WEEK),
        ("2026-02-30", None),
        ("some time in June", None),
        ("Samstag", None),
        ("", None),
    ],
)
def test_what_is_said_names_days(said: str, meant: set[int] | None) -> None:
    assert days(said) == meant


@given(st.text(max_size=80))
def test_any_text_names_days_or_none(text: str) -> None:
    assert (found := days(text)) is None or found <= WEEK


@given(st.text(max_size=40), st.sampled_from(NAMES))
def test_a_day_that_is_said_is_among_what_is_meant(text: str, name: str) -> None:
    found = days(f"{text} {name}")
    assert found is None or NAMES.index(name) in found
