"""Vetoes: read from words, decided on fields, closed when in doubt."""

import math
from typing import Any

import pytest

from weal_node.errors import RefusedError
from weal_node.records import Item
from weal_node.reward.veto import parse


def option(**typed: Any) -> Item:
    return Item("", "x", "option", **typed)


@pytest.mark.parametrize(
    ("text", "item", "ruled_out"),
    [
        ("hours given > 3", Item("", "x", "option", hours_given=4), True),
        ("hours given > 3", Item("", "x", "option", hours_given=3), False),
        ("hours received < 1", Item("", "x", "option", hours_received=0.5), True),
        ("Word is Casino", Item("", "A casino, at last"), True),
        ("word is casino", Item("", "The casinos"), False),
        ("kind is option", Item("", "x", "option"), True),
        ("kind is option", Item("", "x"), False),
        ("hours given > 3", Item("", "x", "option", hours_given=math.nan), True),
        ("never on weekends", option(when="on Saturday"), True),
        ("Never on weekends.", option(when="on a weekday evening"), False),
        ("when is weekend", option(when="2026-11-28"), True),
        ("when is weekend", option(when="2026-11-27"), False),
        ("when is weekend", option(when="Friday to Sunday"), True),
        ("when is weekend", option(when="some time in June"), True),
        ("when is weekend", option(), True),  # a deal that says no time may be then
        (
            "when is weekend",
            Item("", "Clean the park on Saturday"),
            False,
        ),  # is about no time: "word is saturday" is for that
        ("never in the evening", option(when="on a weekday evening"), True),
        ("never in the evening", option(when="on Monday morning"), False),
        ("never in the evening", option(when="on Monday"), True),
        ("when is by phone", option(when="Monday, by phone"), True),
        ("never with Bob", option(who=("bob", "ab" * 32)), True),
        ("who is abababab", option(who=("Bob", "ab" * 32)), True),
        ("who is Bob", option(who=("Bobby", "ab" * 32)), False),
        ("who is ab", option(who=("Cleo", "ab" * 32)), False),  # too short to name a key
        ("who is Bob", option(who=("ab" * 32,)), True),  # nobody's name is known
        ("who is Bob", option(), True),
        ("who is Bob", Item("", "Bob should be mayor"), False),
    ],
)
def test_a_veto_is_decided_on_fields(text: str, item: Item, ruled_out: bool) -> None:
    assert parse(text).forbids(item) is ruled_out


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no casinos please",
        "never casinos",
        "never on the whole",
        "when > 3",
        "hours given > many",
        "hours given is 3",
        "word > a",
        "word is ",
    ],
)
def test_what_is_not_a_veto_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(RefusedError) as fault:
        parse(text)
    assert "hours given > 3" in fault.value.hint
