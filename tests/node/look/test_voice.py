"""Who speaks: songs, stories, letters, talks and copies are not the person's words to themself; what only looks like one is."""

import pytest

from support.own_notes import NOW_MS, reading
from weal_node.look import likes, wishes

WANT = "I want to learn the accordion."
SONG = "I want to find the ferry\nI need to cross alone\nthe lamp is on the water\nthe water is a stone\n\nI want to call the captain\nI want to tell him so\nthe lamp is on the water\nI need to let it go\n"
STORY = (
    "Orla shut the ledger. I want to see the mill again, she thought, and looked at the rain. The miller said nothing. "
    "I need to call my uncle, Orla said. The miller nodded.\n"
)
TALK = "Nuala: I want to try shorter shifts.\nBen: I need to call the depot.\nNuala: fine.\nBen: I'd love to finish the shelf.\n"


def acts(path: str, body: str) -> list[str]:
    return [wish.act for wish in wishes.wishes(reading(path, body), NOW_MS)]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Band/Lyrics ferry.md", WANT),
        ("Writing/Songs/ferry.md", WANT),
        ("Gedichte/Fähre.md", WANT),
        ("Inbox/ferry.md", SONG),
        ("Stories/first lines.md", f"- {WANT}\n"),
        ("Writing/The mill, ch 2.md", WANT),
        ("Inbox/mill.md", STORY),
        ("Journal/Dream of a mill.md", WANT),
        ("Inbox/letter to Orla.md", WANT),
        ("Inbox/Orla.md", f"Dear Orla,\n\n{WANT}\n"),
        ("Inbox/Orla.md", f"Liebe Tante Orla,\n\n{WANT}\n"),
        ("Projects/User stories.md", "As a baker I want to see orders of the day.\n"),
        ("Projects/Orders.md", "As a baker I want to see orders of the day.\nI bake. I rest.\n"),
        ("Work/Planning.md", TALK),
        ("Work/Retro spring.md", WANT),
        ("Work/Shift log w12.md", WANT),
        ("Inbox/voice memo 3.md", WANT),
        ("Inbox/shelf.md", f"(copied from the forum)\n{WANT}\n"),
        ("Inbox/shelf.md", f"(auto transcript, uncorrected)\n{WANT}\n"),
        ("Journal/2026-11-01.md", f"Rain.\n\n## Lyrics\n\n{WANT}\n"),
        ("Journal/2026-11-01.md", "Ben: I want to learn the accordion.\n"),
        ("Journal/2026-11-01.md", "Ben said I want to learn the accordion.\n"),
        ("Archive/plans.md", WANT),
        ("Research/Participant 4.md", WANT),
        ("Class 9/Model answers.md", WANT),
        ("Translations/The mill/p 40.md", "The miller said nothing. I want to learn the accordion, thought Orla.\n"),
        ("Inbox/chat.md", "12:03 Ben: I want to learn the accordion.\n"),
        ("Spanish/verbs.md", "quiero aprender = I want to learn the accordion.\n"),
        ("Plans (do not use).md", WANT),
    ],
)
def test_what_another_says_is_no_wish(path: str, body: str) -> None:
    assert acts(path, body) == []
    assert not list(likes.likes(reading(path, body.replace("want to", "love to").replace("need to", "love to"))))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Journal/2026-11-01.md", f"Read a story to Tom, he said more.\n{WANT}\n"),
        ("Journal/2026-11-01.md", f"Me: {WANT}\n"),
        ("Work/1on1 Nuala.md", f"Nuala: the plan stands.\n\n{WANT} I like it.\n"),
        ("Inbox/shelf.md", f"copied from my old notebook\n\n{WANT}\n"),
        ("Inbox/errands.md", f"eggs 12\nflour 2 kg\noil\n{WANT}\n"),
        ("Projects/Novel translation/queries.md", f"I love it. {WANT}\n"),
        ("Journal/2026-11-01.md", "Rain.\n\n## On the song that Ben wrote for us all\n\n" + WANT + "\n"),
    ],
)
def test_what_only_looks_so_is_the_persons(path: str, body: str) -> None:
    assert acts(path, body) == ["learn the accordion"]


def test_a_box_in_a_weak_note_is_still_the_persons() -> None:
    assert acts("Writing/The mill, chapter 2.md", f"{WANT}\n- [ ] send the draft to Ben\n") == ["send the draft to Ben"]


def test_verse_is_told_from_a_list_and_from_prose() -> None:
    assert not reading("Inbox/ferry.md", SONG).own
    assert reading("Inbox/ferry.md", SONG.replace("\n", ".\n")).own
    assert reading("Inbox/ferry.md", "".join(f"- {line}\n" for line in SONG.splitlines() if line)).own
