"""Mirror says what is going on: a change of mind with its day, principles that answers contradict, a text in another script."""

from typing import Any

import pytest

from weal_node.records import Choice
from weal_node.web.items import foreign
from weal_node.web.mirror import changes_seen, held_principles


def states(taught: Any, kind: str) -> list[str]:
    return [one.id for one in taught.mind.states() if one.text.startswith(kind)]


async def test_a_change_of_mind_is_announced_with_when_and_what(taught: Any) -> None:
    await taught.judge(140, 100)
    (said,) = changes_seen(taught.mind)
    assert "11 Apr 1970" in said  # day 100, of the first answer that was different
    assert "theme 1" in said
    casino, garden = states(taught, "casinos")[0], states(taught, "gardens")[0]
    assert taught.mind.judge(casino).probability > 0.5 > taught.mind.judge(garden).probability


async def test_someone_steady_is_left_alone(taught: Any) -> None:
    await taught.judge(60)
    assert changes_seen(taught.mind) == ()


async def test_a_principle_that_answers_contradict_is_shown_as_such(taught: Any) -> None:
    await taught.judge(30)
    await taught.control.principle("gardens of all kinds", -1)
    (shown,) = held_principles(taught.mind)
    assert shown.against >= 5
    assert shown.weight > shown.edit.value  # answers have pulled it up


async def test_pairs_contradict_a_principle_too(taught: Any) -> None:
    gardens, casinos = states(taught, "gardens"), states(taught, "casinos")
    for number in range(8):  # either stands first, gardens are always chosen
        first, second = (gardens[number], casinos[number])[:: 1 if number % 2 else -1]
        await taught.say(number, Choice.FIRST if number % 2 else Choice.SECOND, first, second)
    await taught.mind.relearn()
    await taught.control.principle("gardens of all kinds", -1)
    (shown,) = held_principles(taught.mind)
    assert shown.against == 8


@pytest.mark.parametrize(
    ("text", "strange"),
    [("Больше деревьев в городе", True), ("市内にもっと木を", True), ("More trees", False), ("Grüße", False)],
)
def test_texts_in_another_script_are_told_apart(text: str, strange: bool) -> None:
    assert foreign(text) is strange
