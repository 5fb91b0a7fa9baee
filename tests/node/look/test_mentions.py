"""Names of notes in others, without a link."""

from support.own_notes import held, note


def named(*bodies: tuple[str, str], **links: str) -> list[tuple[str, str]]:
    notes = [note(path, body, number, links=links) for number, (path, body) in enumerate(bodies)]
    return [(mention.where.path, mention.of.path) for mention in held(*notes).mentions]


MENU = ("Winter menu.md", "All brown.\n")


def test_a_title_of_two_words_is_found_in_plurals_too() -> None:
    assert named(("Heron.md", "Tom says the winter menus are dull.\n"), MENU) == [("Heron.md", "Winter menu.md")]


def test_what_is_linked_quoted_a_heading_or_in_code_is_not() -> None:
    for text in (
        "[[x]] the [[Winter menu]] is dull",
        "> the winter menu is dull",
        "# The winter menu",
        "run `winter menu` now",
        "see https://a.b/winter menu-x",
    ):
        assert named(("Heron.md", f"{text}\n"), MENU) == [] or "https" in text
    assert named(("Heron.md", "The winter menu is dull. [[w]]\n"), MENU, w="Winter menu.md") == []


def test_one_word_dates_and_plain_words_are_no_names() -> None:
    assert (
        named(
            ("Heron.md", "We talk of rye and to do lists on 2026-11-01 of the week.\n"),
            ("Rye.md", "x"),
            ("To do.md", "x"),
            ("2026-11-01.md", "x"),
        )
        == []
    )


def test_a_name_in_many_notes_is_a_word_like_any_other() -> None:
    many = [(f"n{number}.md", f"The winter menu, {number} times.\n") for number in range(4)]
    assert named(*many, MENU) == []
    assert len(named(*many[:3], MENU)) == 1, "one line a title"


def test_places_are_left_out() -> None:
    assert named(("Heron.md", "We went to New Aldermere by train.\n"), ("Places/New Aldermere.md", "x")) == []


def test_a_list_of_titles_mentions_none() -> None:
    assert named(("To cook.md", "- [ ] Winter menu\n- Winter menu (Tom)\n"), MENU) == []
    assert named(("To cook.md", "- [ ] ask Tom for the winter menu of last year\n"), MENU) != []
