"""Notes that were linked and never written."""

from support.own_notes import held, note


def test_two_notes_that_link_a_name_want_it_written() -> None:
    body = "We talked of the [[Cold Room]] again.\n"
    (wanted,) = held(
        note("a.md", body, 3, {"Cold Room": ""}), note("b.md", "x [[Cold Room]]\n", 9, {"Cold Room": ""})
    ).unwritten
    assert (wanted.name, wanted.notes, wanted.quotes[0].quote) == ("Cold Room", 2, "We talked of the Cold Room again.")


def test_one_note_templates_dates_pictures_and_forms_do_not() -> None:
    assert held(note("a.md", "[[Cold Room]]", links={"Cold Room": ""})).unwritten == ()
    for name in ("2026-11-01", "oak.png", "{{title}}", "Rye", "https://a.b", "Grief"):
        assert (
            held(
                note("a.md", f"one [[{name}]]", links={name: ""}), note("b.md", f"two [[{name}]]", links={name: ""})
            ).unwritten
            == ()
        )
    templates = [note(f"Templates/{name}.md", f"{name} [[Cold Room]]", links={"Cold Room": ""}) for name in "ab"]
    assert held(*templates).unwritten == ()


def test_the_sentence_that_holds_the_name_is_quoted_and_no_other_of_its_line() -> None:
    body = "Rain again. We talked of the [[Cold Room]]. What if it leaks?\n"
    (wanted,) = held(
        note("a.md", body, 3, {"Cold Room": ""}), note("b.md", "x\n[[Cold Room]]\n", 9, {"Cold Room": ""})
    ).unwritten
    assert wanted.quotes[0].quote == "We talked of the Cold Room."
