"""What a wish's own writer closed, and what only looks so; regrets, others' needs and words that stammer."""

import pytest

from support.own_notes import NOW_MS, reading
from weal_node.look import wishes

WISH = "I want to learn the accordion"


def acts(body: str, path: str = "Journal/2026-11-20.md") -> list[str]:
    return [wish.act for wish in wishes.wishes(reading(path, body), NOW_MS) if not wish.stale]


@pytest.mark.parametrize(
    "body",
    [
        f"{WISH} → done 3.11",
        f"{WISH} -> did",
        f"{WISH} (did)",
        f"{WISH}. Edit: didn't.",
        f"{WISH}. Done.",
        f"{WISH}, did not.",
        f"{WISH} – erledigt",
        f"{WISH}\nedit: bought one, didn't help",
        f"{WISH}\nDone.",
        f"~~{WISH}~~",
        f"{WISH} ✓",
        f"{WISH}   <- from the phone. Done two weeks ago",
        "I should have learned the accordion at school.",
        "Must have learned that somewhere.",
        "I want to not hear the accordion again.",
        "I need to call call back the the shop.",
        "I want to see the shop? Ask the clerk.",
        "I want to call him about the accordion.",
        "I need to get the accordion by 3 November.",
        "I need to get the accordion by 14.10.",
    ],
)
def test_what_is_closed_past_or_leans_on_another_is_no_wish(body: str) -> None:
    assert acts(body) == []


@pytest.mark.parametrize(
    ("body", "act"),
    [
        (f"{WISH}. Went to the market.", "learn the accordion"),
        (f"{WISH}. Done with work at six today.", "learn the accordion"),
        (f"{WISH} → ask Ben", "learn the accordion"),
        ("I should have a go.\n\nI want to sell the old accordion", "sell the old accordion"),
        ("I need to ring Orla about the reeds. left side", ""),
        ("I need to call Dr Hale about the thesis. page 4", "call Dr Hale about the thesis"),
        ("I need to get the accordion by 14.12.", ""),
    ],
)
def test_what_stays_open(body: str, act: str) -> None:
    made = acts(body)
    assert any(act in one for one in made)


def test_an_act_that_leans_on_somebody_is_shown_as_its_sentence_where_it_was_promised() -> None:
    assert acts("I told Ben I would bring him the accordion.") == [""]
    assert acts("I want to bring Ben his accordion.") == []


def test_a_box_of_an_old_diary_was_an_errand_and_one_of_a_list_was_not() -> None:
    body = "- [ ] take glass to the bank\n"
    old = reading("Journal/2026-03-01.md", body, 270)
    assert all(wish.stale for wish in wishes.wishes(old, NOW_MS))
    assert [wish.act for wish in wishes.wishes(reading("Lists/Someday.md", body, 270), NOW_MS) if not wish.stale]
