"""People and pages that what hurts has come to: what names or links to them is left out wherever it stands."""

import pytest

from support.own_notes import NOW_MS, all_facts, held, note
from weal_node.look import harvest
from weal_node.look.gathering import meanings
from weal_node.look.notes import OwnNote
from weal_node.look.page import Said, compose

ROWAN = note(
    "People/Rowan Hale.md",
    "He left in June. The list of what is whose is in the drawer.\nHis things are in the cellar.\n",
)
MABEL = note("People/Mabel Orr.md", "Has a boat. Likes plums.\n")
FUNERAL = note(
    "Journal/2026-03-01.md",
    "Rain all day, long and grey, and we walked to the harbour. Uncle Mabel's boat was there.\n\nGrandpa's funeral is on Friday.\n",
)


def shown(*notes: OwnNote) -> list[str]:
    made = held(*notes)
    lines = compose(made, meanings(made, {}, {}), Said(), NOW_MS).findings
    return [finding.act for finding in lines]


@pytest.mark.parametrize(
    ("person", "act"),
    [
        (ROWAN, "ring Rowan about the deposit"),
        (ROWAN, "ring Hale about the deposit"),
        (note("Journal/2026-02-01.md", "Lea died on Sunday.\n"), "call Lea about the choir"),
        (
            note("Journal/2026-02-01.md", "Broke up. I broke up with Jory at the station.\n"),
            "call Jory about the choir",
        ),
        (FUNERAL, "clear out Grandpa's shed"),
        (FUNERAL, "cancel grandpa's newspaper"),
    ],
)
def test_an_act_that_names_somebody_who_left_or_died_is_put_to_nobody(person: OwnNote, act: str) -> None:
    asked = note("Journal/2026-11-20.md", f"I need to {act}.\n")
    assert shown(person, asked) == []
    assert harvest.acts(all_facts(person, asked)) == ()
    assert shown(asked) == [act], "without what is known of them it is an act like any other"


@pytest.mark.parametrize("act", ["ring Mabel about the plums", "ring Orr about the boat"])
def test_who_is_only_named_near_it_is_not_left_out(act: str) -> None:
    asked = note("Journal/2026-11-20.md", f"I need to {act}.\n")
    assert act in shown(ROWAN, MABEL, FUNERAL, asked)


def test_a_page_that_is_kept_is_named_by_no_line() -> None:
    kept = note("Private/Blue folder.md", "I want to learn the accordion.\n")
    naming = note("Journal/2026-11-20.md", "It all stands in the blue folder, and that is enough for now.\n")
    assert shown(kept, naming) == []
    assert shown(note("Blue folder.md", "Sheets.\n"), naming) != []


@pytest.mark.parametrize(
    "path", ["Private/plans.md", "Geheim/x.md", "Secret/a/b.md", "Inbox/owing.md", "Journal/nights.md", "Money.md"]
)
def test_a_place_that_is_nobodys_business_gives_nothing(path: str) -> None:
    assert shown(note(path, "I want to learn the accordion.\n")) == []


@pytest.mark.parametrize(
    "path", ["Private lessons.md", "Money/Invoices.md", "Secret santa.md", "Nights out in Leeds.md"]
)
def test_a_place_that_only_sounds_so_gives_its_lines(path: str) -> None:
    assert shown(note(path, "I want to learn the accordion.\n")) == ["learn the accordion"]


def test_a_short_note_is_about_what_one_line_touches_and_a_long_one_is_not() -> None:
    line, wish = "They found a tumour.\n\n\n\n", "I want to learn the accordion.\n"
    filler = "We walked to the harbour and looked at boats for an hour before the rain came in.\n\n\n" * 6
    assert shown(note("Journal/2026-11-20.md", line + wish)) == []
    assert shown(note("Journal/2026-11-20.md", line + filler + wish)) == ["learn the accordion"]
    assert shown(note("Journal/2026-11-20.md", "I had a fever.\n\n\n\n" + wish)) == ["learn the accordion"], (
        "a fever passes"
    )
