"""A link means one file, whatever page asks; the plain rule, written as slowly as it reads, says the same of any vault."""

import posixpath
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from weal_node.vault.links import Index, Links, LinkTarget, folded

names = st.sampled_from(["oak", "Oak", "elm", "ash", "Größe", "GRÖSSE", "v1.2"])
folders = st.lists(st.sampled_from(["a", "b", "Ä"]), max_size=3).map("/".join)
paths = st.tuples(folders, names).map(lambda pair: f"{pair[0]}/{pair[1]}.md".lstrip("/"))
places = st.lists(st.tuples(paths, names, st.lists(names, max_size=2)), max_size=12, unique_by=lambda one: one[0]).map(
    lambda found: [LinkTarget(path, title, tuple(aliases)) for path, title, aliases in found]
)
asked = st.tuples(st.sampled_from(["", "./", "../", "a/", "b/a/", "../b/", "/", "/a/"]), names, st.booleans())


def plain(path: str) -> str:
    return folded(path).removesuffix(".md")


def steps(one: str, other: str) -> int:
    up = posixpath.relpath("/" + posixpath.dirname(other), "/" + posixpath.dirname(one))
    return 0 if up == "." else len(up.split("/"))


def slowly(known: list[LinkTarget], target: str, beside: str) -> set[str]:
    """The rule as it is written: every file is held against every step."""
    here, wanted = plain(beside), plain(target)
    inside = posixpath.normpath("/" + wanted).lstrip("/")
    relative = posixpath.normpath("/x/x/x/x/" + posixpath.join(posixpath.dirname(here), wanted))
    levels = [] if target.startswith("/") else [relative.removeprefix("/x/x/x/x/")]
    above = posixpath.dirname(here)
    while above:
        above = posixpath.dirname(above)
        levels.append(posixpath.normpath(posixpath.join(above, inside)))
    if target.startswith("/"):
        levels.insert(0, inside)
    for level in levels:
        if found := {one.path for one in known if plain(one.path) == level}:
            return found
    ends = [one for one in known if "/" in inside and ("/" + plain(one.path)).endswith("/" + inside)]
    named = [one for one in known if plain(one.path).rpartition("/")[2] == inside.rpartition("/")[2]]
    title = folded(target).removesuffix(".md")
    titled = [one for one in known if folded(one.title) == title]
    aliased = [one for one in known if title in map(folded, one.aliases)]
    for fitting in (ends, named, titled, aliased):
        if found := {one.path for one in fitting}:
            best = min((steps(here, plain(path)), plain(path)) for path in found)
            return {path for path in found if (steps(here, plain(path)), plain(path)) == best}
    return set()


@pytest.mark.slow
@given(places, asked, paths)
def test_the_quick_way_is_the_rule(known: list[LinkTarget], link: tuple[str, str, bool], beside: str) -> None:
    target = f"{link[0]}{link[1]}{'.md' if link[2] else ''}"
    found = Links(known).find(target, beside)
    expected = slowly(known, target, beside)
    assert found in expected if expected else found == ""
    assert Links(reversed(known)).find(target, beside) == found


@given(st.lists(folders, min_size=40, max_size=60), folders)
def test_of_many_of_one_name_the_nearest_is_meant_too(many: list[str], folder: str) -> None:
    known = [LinkTarget(f"{one}/{number}/oak.md".lstrip("/")) for number, one in enumerate(many)]
    beside = f"{folder}/x.md".lstrip("/")
    assert {Links(known).find("oak", beside)} == slowly(known, "oak", beside)


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("Plan", "work/Plan.md"),  # beside it
        ("Plan.md", "work/Plan.md"),
        ("PLAN", "work/Plan.md"),
        ("Plan#Next week", "work/Plan.md"),
        ("Plan#^a1b2", "work/Plan.md"),
        ("../Plan", "Plan.md"),
        ("/Plan", "Plan.md"),
        ("old/Plan", "archive/old/Plan.md"),  # a path that ends so
        ("gone/Elsewhere", "archive/Elsewhere.md"),  # it was moved since
        ("Called so", "archive/Elsewhere.md"),  # a title
        ("Also called", "archive/Elsewhere.md"),  # an alias
        ("Notes", "Notes.md"),  # which is an alias of another too
        ("Cafe\u0301", "Caf\u00e9.md"),
        ("C#", "C#.md"),
        ("F# by example", "F# by example.md"),
        ("C", "C.md"),
        ("Versions 3.11", "Versions 3.11.md"),
        ("imported.txt", "imported.md"),
        ("Notes\\", "Notes.md"),
        ("#Here", "work/today.md"),
        ("nothing", ""),
        ("../../../../etc/passwd", ""),
        ("", ""),
    ],
)
def test_what_each_way_of_writing_means(reference: str, meant: str) -> None:
    known = [
        LinkTarget("work/today.md", "Today"),
        LinkTarget("work/Plan.md"),
        LinkTarget("Plan.md"),
        LinkTarget("archive/old/Plan.md"),
        LinkTarget("archive/Elsewhere.md", "Called so", ("Also called", "Notes")),
        LinkTarget("Notes.md", "Something else"),
        LinkTarget("Café.md"),
        LinkTarget("C#.md"),
        LinkTarget("F# by example.md"),
        LinkTarget("C.md"),
        LinkTarget("Versions 3.11.md"),
        LinkTarget("imported.md"),
    ]
    assert Links(known).find(reference, "work/today.md") == meant


def test_of_files_that_differ_in_case_alone_the_one_spelt_so() -> None:
    links = Links([LinkTarget("a.md"), LinkTarget("A.md")])
    assert (links.find("a"), links.find("A"), links.find("a.md")) == ("a.md", "A.md", "a.md")


@example("x", "/b.md")
@example("x", "//")
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_answered(reference: str, beside: str) -> None:
    assert Links([LinkTarget("a/b.md", "b", ("c",))]).find(reference, beside) in ("", "a/b.md", beside)


@given(st.text(max_size=20))
def test_composed_and_decomposed_are_one(name: str) -> None:
    assert folded(unicodedata.normalize("NFD", name)) == folded(unicodedata.normalize("NFC", name))


@pytest.mark.slow
def test_thousands_of_files_of_one_name_cost_no_more_each() -> None:
    """Bounded by work, not by time: a look-up among 20,000 of one name is one step a folder on the way up."""
    known = [LinkTarget(f"f{number % 200}/g{number}/index.md", "Index", ("i",)) for number in range(20_000)]
    links = Links(known)
    begun = time.process_time()
    found = {links.find(name, f"f7/g{number}/x.md") for number in range(7, 20_000, 200) for name in ("index", "i")}
    assert len(found) == 100
    assert time.process_time() - begun < 60  # the quadratic way takes minutes


def test_an_index_is_kept_while_names_are_as_they_were() -> None:
    from weal_node.records import Note, Visibility

    notes = [Note("1" * 32, "a.md", "A", "one", Visibility.PRIVATE)]
    index = Index()
    first = index.of(notes)
    assert index.of([Note("1" * 32, "a.md", "A", "other words", Visibility.PRIVATE)]) is first
    assert index.of([Note("1" * 32, "b.md", "A", "one", Visibility.PRIVATE)]).find("b") == "b.md"
