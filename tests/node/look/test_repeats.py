"""Wishes written again and again, and two that disagree."""

import numpy as np

from support.own_notes import all_facts, note
from weal_node.look.gathering import open_wishes
from weal_node.look.repeats import Vectors, groups


def vectors(**angles: float) -> Vectors:
    """Unit vectors in a plane, by act, underscores for blanks."""
    return {act.replace("_", " "): np.array([np.cos(at), np.sin(at)], np.float32) for act, at in angles.items()}


def test_the_same_words_of_two_notes_are_one_wish_without_vectors() -> None:
    wishes = open_wishes(
        all_facts(
            note("2024-05-01.md", "I want to learn the piano properly.\nI want to learn the piano properly.\n", 900),
            note("2026-05-01.md", "I need to learn the piano.\n", 200),
            note("2026-06-01.md", "I want to build a cold frame.\n", 150),
        )
    )
    (group,) = groups(wishes, {})
    assert [wish.quoted.path for wish in group.wishes] == ["2024-05-01.md", "2026-05-01.md"]
    assert not group.disagree


def test_other_words_of_the_same_meaning_are_one_where_vectors_say_so() -> None:
    facts = all_facts(
        note("a/2024.md", "I want to rebuild my personal site.\n", 900),
        note("b/2025.md", "I want to redesign the old homepage.\n", 500),
    )
    wishes = open_wishes(facts)
    assert groups(wishes, {}) == ()
    assert len(groups(wishes, vectors(rebuild_my_personal_site=0.0, redesign_the_old_homepage=0.7))) == 1
    assert groups(wishes, vectors(rebuild_my_personal_site=0.0, redesign_the_old_homepage=1.2)) == ()


def test_less_against_more_disagrees_and_one_note_never_repeats_itself() -> None:
    facts = all_facts(
        note("a/2024.md", "I want to spend less time on Twitter.\n", 900),
        note("b/2025.md", "I want to use Twitter every day.\n", 500),
    )
    (group,) = groups(open_wishes(facts), vectors(spend_less_time_on_Twitter=0.0, use_Twitter_every_day=0.7))
    assert group.disagree
    alone = all_facts(note("a/2024.md", "I want to learn the piano.\nI need to learn the piano well.\n", 900))
    assert groups(open_wishes(alone), {}) == ()
