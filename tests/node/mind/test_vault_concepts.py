"""The person's own words become concepts: the most used first, and an empty vault has none."""

from weal_node.features.concepts import MOST
from weal_node.mind.vault_concepts import own
from weal_node.records import Note, Visibility


def note(number: int, tags: tuple[str, ...] = (), folder: str = "", body: str = "body") -> Note:
    path = f"{folder}/n{number}.md" if folder else f"n{number}.md"
    return Note(f"{number:032x}", path, f"Title {number}", body, Visibility.PRIVATE, tags=tags)


def test_an_empty_vault_and_lone_tags_give_none() -> None:
    assert own([]) == {}
    assert own([note(1, ("garden",)), note(2, ("bread",))]) == {}


def test_tags_and_folders_with_several_notes_come_first_then_titles() -> None:
    concepts = own([note(1, ("garden",), "work"), note(2, ("garden",), "work"), note(3, ("garden",))])
    assert list(concepts)[:2] == [("tag: garden", "tag"), ("folder: work", "folder")]
    assert len(concepts["tag: garden", "tag"]) == 3
    assert ("title: Title 1", "title") in concepts


def test_a_great_vault_gives_no_more_than_the_model_takes() -> None:
    notes = [note(n, tuple(f"tag{t}" for t in range(40))) for n in range(3)]
    assert len(own(notes)) == MOST


def test_whom_several_notes_link_to_is_a_concept_named_as_it_is_written_once_a_note() -> None:
    said = (
        "Tea with [[People/Anna Ü|her]], [[anna ü]] again",
        "Ask [[Anna Ü]] about the boat",
        "No code: `[[Anna Ü]]`, [[alone]]",
    )
    concepts = own([note(number, body=body) for number, body in enumerate(said)])
    assert [(name, kind) for name, kind in concepts if kind == "link"] == [("link: Anna Ü", "link")]
    assert len(concepts["link: Anna Ü", "link"]) == 2


def test_pages_of_days_and_weeks_that_notes_link_to_are_no_concepts() -> None:
    body = "[[2026-11-30]] [[Daily/2026-11-29|yesterday]] [[2026-W48]] [[2026-Q4]] [[2026]] [[Route 66]]"
    concepts = own([note(number, body=body) for number in range(3)])
    assert [name for name, kind in concepts if kind == "link"] == ["link: Route 66"]
