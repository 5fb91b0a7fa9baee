"""People and places that recur, where the vault itself says that they are such."""

from support.own_notes import held, note


def test_a_person_that_three_notes_link_recurs_with_the_newest_line() -> None:
    ilse = note("People/Ilse Varga.md", "Beekeeper.")
    days = [
        note(f"d{number}.md", f"Met [[Ilse Varga]] {number}.\n", number, {"Ilse Varga": ilse.path})
        for number in range(1, 4)
    ]
    (person,) = held(ilse, *days).recurring
    assert (person.kind, person.of.title, person.notes, person.where.quote) == (
        "person",
        "Ilse Varga",
        3,
        "Met Ilse Varga 1.",
    )
    assert held(ilse, *days[:2]).recurring == ()


def test_what_the_vault_does_not_call_a_person_is_none() -> None:
    rye = note("Bread/Rye Loaf.md", "Flour.")
    days = [
        note(f"d{number}.md", f"Baked [[Rye Loaf]] {number}.\n", number, {"Rye Loaf": rye.path}) for number in range(4)
    ]
    assert held(rye, *days).recurring == ()
