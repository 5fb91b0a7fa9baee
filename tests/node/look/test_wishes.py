"""Wishes, tasks and promises: the positive, and the traps that each cost a false line."""

import pytest

from support.own_notes import NOW_MS, all_facts, note, reading
from weal_node.look.gathering import open_wishes
from weal_node.look.wishes import SHOWN, wishes


def shown(path: str, body: str, **properties: str) -> list[tuple[str, str]]:
    found = wishes(reading(path, body, said=properties), NOW_MS)
    return [(wish.kind, wish.act) for wish in found if wish.score >= SHOWN]


@pytest.mark.parametrize(
    ("sentence", "kind", "act"),
    [
        ("I want to learn the piano properly.", "wish", "learn the piano properly"),
        ("I'd love to visit Ilse in Leeds.", "wish", "visit Ilse in Leeds"),
        ("I’m thinking of selling the old bike soon.", "wish", "sell the old bike"),
        ("Would love to bake a darker rye.", "wish", "bake a darker rye"),
        ("Maybe I should start a compost heap one day.", "wish", "start a compost heap"),
        ("I promised Tom to send the cider proportions.", "promise", "send the cider proportions"),
        ("My goal for the year is to read ten long novels.", "wish", "read ten long novels"),
        ("- [ ] call the dentist in Leeds", "task", "call the dentist in Leeds"),
    ],
)
def test_a_wish_of_a_diary_is_shown(sentence: str, kind: str, act: str) -> None:
    assert shown("Journal/2026-11-01.md", f"{sentence}\n") == [(kind, act)]


def test_items_below_plans_are_tasks() -> None:
    assert shown(
        "Year.md", "## Someday\n- build a small cold frame\n- socks\n\n## Notes\n- build a big cold frame\n"
    ) == [("task", "build a small cold frame")]


@pytest.mark.parametrize(
    "sentence",
    [
        "If I want to learn the piano, I need a teacher.",  # a condition
        "When Tom comes, I want to bake a darker rye.",  # a condition that stands first
        "In this post I want to explain how pods work.",  # a lecture
        "You should try the piano, I will help you.",  # to somebody
        "The things I want to build are many.",  # relative
        "I like to walk along the coast.",  # a habit
        "“I want to learn the piano,” said Ilse.",  # somebody else's
        "Do I want to learn the piano?",  # a question
        "I never want to learn the piano again.",
        "- [x] call the dentist in Leeds",  # done
    ],
)
def test_what_is_no_wish_is_not_shown(sentence: str) -> None:
    assert shown("Journal/2026-11-01.md", f"{sentence}\n") == []


def test_nothing_of_others_words_tutorials_and_surveys() -> None:
    sentence = "I want to learn the piano properly.\n"
    assert shown("Clippings/a.md", sentence) == []
    assert shown("Notes/a.md", sentence, source="x") == []
    assert shown("Onboarding checklist.md", "- [ ] call the dentist in Leeds\n") == []
    assert shown("Pods.md", "```\na\n```\n```\nb\n```\nI want to retrieve the ingress address.\n") == []
    assert shown("Notes/a.md", f"> {sentence}") == []


def test_an_act_that_leans_is_shown_as_its_sentence() -> None:
    (wish,) = wishes(reading("Journal/2026-11-01.md", "I want to try it with Tom soon.\n"), NOW_MS)
    assert (wish.act, wish.quoted.quote) == ("", "I want to try it with Tom soon.")


def test_a_time_gone_by_is_stale_and_a_ticked_task_closes_older_wishes() -> None:
    old = note("Journal/2025-01-01.md", "I want to learn the piano this week.\nI want to build a cold frame.\n", 690)
    later = note("Journal/2026-01-01.md", "- [x] build the cold frame\n", 320)
    assert [wish.stale for wish in all_facts(old)[0].wishes] == [True, False]
    assert [wish.act for wish in open_wishes(all_facts(old, later))] == ["learn the piano"]
    earlier = note("Journal/2024-01-01.md", "- [x] build the cold frame\n", 1_050)
    assert len(open_wishes(all_facts(old, earlier))) == 2, "it was done before it was wished for again"
