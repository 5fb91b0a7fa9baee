"""What never becomes a line: by words, and a trade's own words are not taken for it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.laws import examples
from support.own_notes import NOW_MS, held, note
from weal_node.look import guard, harvest
from weal_node.look.gathering import meanings
from weal_node.look.page import Said, compose

TENDER = (
    "Maybe I should just give up",
    "I want to visit her grave more often",
    "I need to tell Jonas that we broke up",
    "I should call the debt collector",
    "I want to stop the chemo",
    "I’d like to hurt myself",
    "I want to sleep with her again",
    "Ich will zur Beerdigung fahren",
    "I need to ask the doctor about the lump",
    "I can't go on like this",
    # what comes after a death
    "I need to call the probate office about the forms",
    "I should ask for more copies of the certificate",
    "I need to cancel his phone contract",
    "I want to write a card of condolence to Mrs Hale",
    "Ich muss zum Nachlassgericht wegen Erbschein",
    "Sterbeurkunde beim Standesamt holen, Oma ist gestorben",
    "Hay que llamar a la funeraria por el entierro",
    "Il faut appeler le notaire après le décès",
    "A year. Lit the candle.",
    "First Easter without her",
    # illness in plain words
    "need to call Dr Hale for the appointment",
    "I must ask Dr. Weiss about coming off in spring",
    "the tablets make her sleep",
    "memory clinic on the 4th",
    "they moved Gran to the hospice",
    "left side, a lump like a pea",
    "Termin MRT, Befund abholen",
    "beans, while she can still eat",
    # debt
    "I need to call StepChange before eight",
    "two red letters and a final demand",
    "pay the instalment, overdraft is at the limit",
    "minimum payments = 212",
    "Letzte Mahnung, Schuldnerberatung anrufen",
    "el banco llamó por la deuda",
    "encore une lettre de l'huissier",
    # the end of a love
    "I want to fetch my coat from his mother's",
    "her things are still in the cellar",
    "since Maya moved out",
    "I should tell my ex about the flat",
    "we said some time apart",
    "wegen Sorgerecht und Trennung",
    # dark thoughts in innocent words
    "I'd like to lie down and have it all be over",
    "what's the point of any of it",
    "I just want to disappear for good",
    "sleep and not wake up for a year",
    "if I wasn't here they'd manage",
    "they would go on without me",
    "Ich kann nicht mehr",
    "no puedo más",
    "je n'en peux plus",
    # at school and at home
    "bruises again, tell the social worker",
    "her drinking, the third time this month",
    "I ate nothing until Friday",
    # secrets
    "Mum doesn't know I left the course",
    "don't tell Maya until it is sure",
    "I'd like nobody to know about it",
)
HARMLESS = (
    "I want to pay down our technical debt in the parser",
    "I need to remove dead code from the worker",
    "I want to learn to bake pain au chocolat",
    "I want to get an interlibrary loan for the thesis",
    "Separated eggs keep two days",
    "I grab a coffee and plan the week",
    "I need to drain the dead letter queue before the release",
    "I want to do dead hangs three times a week",
    "The SD card died, restored from the image",
    "Rice late 14 minutes and nobody died",
    "I killed forty slugs last night",
    "I want to sing the Requiem in the choir",
    "dying to eat there since we moved",
    "I want to give up coffee in January",
    "I want to pay down the billing module's debt",
    "Sleep debt is a poor metaphor",
    "a lump of butter and a lump sum",
    "the executor service leaks threads",
    "ask the estate agent for the plan",
    "break up the monolith into two services",
    "Ask Dr Hale about the second chapter",
    "I want to see his new kitchen",
    "January is dead anyway and the basil died",
    "I want to get a tote bag from the book fair",
    "a memory leak in the parser",
    "the tree surgeon says two years",
    "It costs less than a chat message since it is over when it's done",
    "Nobody reads the wiki",
    "Two years of rye and one of wheat",
    "I want to split up the long chapter",
    "das ist dies und das",
    "j'ai découvert un bon pain",
)


@pytest.mark.parametrize("text", TENDER)
def test_what_hurts_is_kept_back(text: str) -> None:
    assert guard.tender(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_words_of_a_trade_are_not(text: str) -> None:
    assert not guard.tender(text)


@pytest.mark.parametrize("path", ["Therapy/2026-11-01.md", "Journal/2026-11-02 funeral.md", "Money/Debts.md"])
def test_a_note_about_it_gives_nothing_whatever_its_sentences(path: str) -> None:
    held_notes = held(note(path, "I want to walk along the coast with Ilse. I love long walks by the sea.\n"))
    assert compose(held_notes, meanings(held_notes, {}, {}), Said(), NOW_MS).findings == ()
    assert harvest.likes(held_notes.facts) == ()


@pytest.mark.parametrize(
    "body",
    [
        "Rain all day.\n\nMum died in March.\n\nI want to walk along the coast path again.\n\nTea.\n",
        "I want to walk along the coast path again.\nMum died in March.\n\nTea.\n",
        "# Diary\n\nTea.\n\n## The funeral\n\nText.\n\nMore.\n\nI need to call Ilse about flowers.\n",
    ],
)
def test_a_sentence_beside_it_or_below_its_heading_is_kept_back_too(body: str) -> None:
    longer = (
        body + "\n" + " ".join(["Bread rose slowly"] * 30) + ".\n"
    )  # a short note that is touched gives nothing at all
    held_notes = held(note("Journal/2026-11-02.md", longer))
    assert not held_notes.facts[0].reading.tender, "it is touched once: the rest of the note may speak"
    assert compose(held_notes, meanings(held_notes, {}, {}), Said(), NOW_MS).findings == ()


@given(
    st.lists(
        st.sampled_from(
            (
                *TENDER,
                *HARMLESS,
                "I want to learn the piano.",
                "# Plans",
                "- [ ] call Tom about jam",
                "",
                "[[Cold Room]]",
            )
        ),
        max_size=12,
    )
)
@settings(max_examples=examples(200), deadline=None)
def test_no_line_act_or_like_ever_touches_it(lines: list[str]) -> None:
    body = "\n".join(lines)
    held_notes = held(note("Journal/2026-11-02.md", body), note("Plans.md", body + "\nI want to build a shed.\n", 400))
    shown = compose(held_notes, meanings(held_notes, {}, {}), Said(), NOW_MS).findings
    texts = [finding.act for finding in shown] + [quote.quote for finding in shown for quote in finding.quotes]
    texts += [wish.act for wish in harvest.acts(held_notes.facts)] + [
        like.quoted.quote for like in harvest.likes(held_notes.facts)
    ]
    assert not guard.tender(*texts)
