"""The page: its order, its limits, its gestures, and what it says where there is little."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.laws import examples
from support.own_notes import NOW_MS, all_facts, held, note
from weal_node.look import harvest
from weal_node.look.gathering import meanings
from weal_node.look.notes import OwnNote, key_of
from weal_node.look.page import CAPS, FILL, RULES, Page, Said, compose


def page(*notes: OwnNote, said: Said = Said()) -> Page:
    made = held(*notes)
    return compose(made, meanings(made, {}, {}), said, NOW_MS)


PLACES = ("Leeds", "Lisbon", "Bergen", "Porto", "Ghent", "Turin", "Malmo", "Krakow")
WISHES = [
    note(f"Journal/2026-0{n + 1}-01.md", f"I want to visit {place} by train.\n", 30 * n + 5)
    for n, place in enumerate(PLACES[:6])
]
OLD = [
    note(f"Journal/2023-0{n + 1}-01.md", f"I want to build a {thing} of oak.\n", 1_000 + n)
    for n, thing in enumerate(("table", "bench", "shelf"))
]


def test_four_wishes_one_a_note_two_of_them_older_than_a_year() -> None:
    acts = [finding.act for finding in page(*WISHES, *OLD).findings if finding.rule == "wish"]
    assert acts == ["visit Leeds by train", "visit Lisbon by train", "build a table of oak", "build a bench of oak"]


def test_lines_come_in_the_order_of_the_page_and_each_has_a_quote() -> None:
    shown = page(*WISHES, note("Heron.md", "- [ ] send Tom jam and bread by 2026-12-04\n")).findings
    places = [RULES.index(finding.rule) for finding in shown]
    assert places == sorted(places)
    assert shown[0].rule == "due"
    assert all(finding.quotes and finding.quotes[0].note for finding in shown)


def test_what_is_closed_silenced_or_done_in_other_words_is_not_shown_again() -> None:
    first = page(*WISHES, *OLD).findings[0]
    assert first.act not in [
        finding.act for finding in page(*WISHES, *OLD, said=Said(closed=frozenset({first.key}))).findings
    ]
    again = note("Journal/2026-10-30.md", "I need to visit Leeds by night train.\n", 3)
    assert [finding.act for finding in page(again).findings] == ["visit Leeds by night train"]
    assert page(again, said=Said(closed_acts=("visit Leeds by train",))).findings == ()
    silenced = Said(silenced=frozenset({("wish", WISHES[0].id)}))
    assert first.act not in [finding.act for finding in page(*WISHES, *OLD, said=silenced).findings]


def test_a_promise_with_a_day_is_one_line() -> None:
    (line,) = page(
        note("Journal/2026-11-02.md", "I promised Tomasz to send the cider proportions by 2026-12-05.\n")
    ).findings
    assert (line.rule, line.act) == ("due", "send the cider proportions")
    assert (
        page(
            note("Journal/2026-11-02.md", "I promised Tomasz to send the cider proportions by 2026-12-05.\n"),
            said=Said(frozenset(line.members)),
        ).findings
        == ()
    )


def test_a_closed_act_closes_the_whole_group() -> None:
    notes = [note(f"Journal/202{n}-01-01.md", "I want to learn the piano.\n", 300 * n + 9) for n in range(3)]
    (line,) = page(*notes).findings
    assert (line.rule, len(line.quotes)) == ("repeated", 3)
    assert page(*notes, said=Said(closed=frozenset(line.members))).findings == ()


def test_few_lines_are_filled_up_by_what_is_true_in_any_vault() -> None:
    bodies = [" ".join(f"[[Topic {chr(65 + n)}alpha]]" for n in range(9))] * 2
    links = {f"Topic {chr(65 + n)}alpha": "" for n in range(9)}
    notes = [note(f"n{number}.md", f"{number} {body}", number, links) for number, body in enumerate(bodies)]
    shown = page(*notes).findings
    assert len(shown) == FILL > CAPS["unwritten"]


@pytest.mark.parametrize(
    ("notes", "words"),
    [
        ([note("a.md", "Eggs, flour, milk.\n")], "little to find by rule in one note"),
        ([note(f"{n}.md", "```\ncode\n```\n- a\n- b\n", n) for n in range(9)], "lists or code"),
        (
            [
                note(
                    f"{n}.md",
                    f"Heute habe ich wieder Brot gebacken und lange auf den Teig gewartet, Nummer {n}, denn er war kalt geblieben.\n"
                    * 3,
                    n,
                )
                for n in range(9)
            ],
            "English",
        ),
    ],
)
def test_a_vault_with_little_to_find_is_told_so(notes: list[OwnNote], words: str) -> None:
    assert words in " ".join(page(*notes).remarks)


def test_an_empty_vault_has_nothing_to_say() -> None:
    assert page() == Page((), 0, ())


def test_acts_and_likes_for_others() -> None:
    facts = all_facts(
        *WISHES, note("Journal/2026-11-02.md", "I love long walks by the sea.\n- [x] visit Bergen by train\n", 1)
    )
    assert "visit Leeds by train" in [wish.act for wish in harvest.acts(facts)]
    assert "visit Bergen by train" not in [wish.act for wish in harvest.acts(facts)], "it was ticked off"
    assert [like.object for like in harvest.likes(facts)] == ["long walks by the sea"]


@given(st.lists(st.text(max_size=200), max_size=4))
@settings(max_examples=examples(150), deadline=None)
def test_any_texts_make_a_page_and_nothing_stands_on_it_twice(texts: list[str]) -> None:
    shown = page(*(note(f"{key_of(text)}.md", text, number) for number, text in enumerate(texts))).findings
    assert len({finding.key for finding in shown}) == len(shown)


def test_a_mood_of_an_old_diary_comes_after_what_can_be_done() -> None:
    mood = note("Journal/2026-06-01.md", "I want to be somewhere warm and quiet.\n", 180)
    act = note("Journal/2026-05-01.md", "I want to visit Ghent by train.\n", 210)
    fresh = note("Journal/2026-11-20.md", "I want to be somewhere cold and loud.\n", 9)
    shown = [finding.quotes[0].path for finding in page(mood, act, fresh).findings if finding.rule == "wish"]
    assert shown == [act.path, fresh.path, mood.path]


def test_a_copy_in_a_backup_comes_after_one_that_is_none() -> None:
    body = " ".join(f"word{n}" for n in range(30))
    other = " ".join(f"term{n}" for n in range(30))
    notes = [note("A.md", body), note("Backup/A.md", body), note("Z.md", other), note("Inbox/Z (1).md", other)]
    shown = [finding for finding in page(*notes).findings if finding.rule == "copy"]
    assert [{one.path for one in finding.quotes} for finding in shown] == [
        {"Z.md", "Inbox/Z (1).md"},
        {"A.md", "Backup/A.md"},
    ]
