"""Members that look alike are told apart, and a name that looks like none but itself stays as its owner wrote it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol.likeness import DIGITS, seen, skeletons, told_apart

HIS, HERS, OTHERS = "ab" * 32, "cd" * 32, "ef" * 32


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Paul", "Раul"),  # Cyrillic
        ("Paul", "PAUL"),
        ("Paul", "Pau1"),
        ("Paul", "PauI"),
        ("Paul", "Ｐａｕｌ"),
        ("Paul", "𝐏𝐚𝐮𝐥"),
        ("Paul", "Pa\u200bul"),
        ("Paul", "Paul\u3164"),
        ("Paul", "Paul\ufe0f"),
        ("Paul", "Paul\u2800"),
        ("Paul", "Paul."),
        ("Paul", " Paul "),
        ("Paul", "Paúl"),
        ("Paul", "\u202eluaP\u202c"[::-1]),
        ("Emma Berg", "Ernma Berg"),
        ("Otto", "0tt0"),
        ("Will", "VVill"),
        ("José", unicodedata.normalize("NFD", "José")),
        ("Ада", "Aдa"),
        ("Σοφία", "ΣΟΦΊΑ"),
    ],
)
def test_what_looks_alike_is_told_apart(name: str, other: str) -> None:
    assert set(skeletons(name)) & set(skeletons(other))
    found = told_apart({HIS: name, HERS: other, OTHERS: "Someone else"})
    assert found[HIS].endswith(f" {HIS[:DIGITS]}")
    assert found[HERS].endswith(f" {HERS[:DIGITS]}")
    assert found[OTHERS] == "Someone else"


@pytest.mark.parametrize("name", ["you", "YOU", "Υou", "Me", "Paul (guest)", "coordinator"])
def test_a_name_that_pages_use_themselves_comes_with_its_key(name: str) -> None:
    assert HIS[:DIGITS] in told_apart({HIS: name})[HIS]


@pytest.mark.parametrize("name", ["", "\u3164", "\u200b\u200d", "\u2800 \u2800"])
def test_a_name_that_nobody_sees_is_its_key(name: str) -> None:
    assert told_apart({HIS: name}) == {HIS: HIS[:DIGITS]}


def test_marks_do_not_climb_over_the_lines_around() -> None:
    assert len(seen("a" + "\u0301" * 60 + "b")) == 4


def test_names_that_look_like_nobody_elses_stay_as_they_are() -> None:
    names = ["Ada", "Ben", "Nan", "Van", "Eve", "Clara", "Zoë", "Наталья", "明美", "محمد", "O'Brien", "J. R. Hart"]
    keys = {f"{number:064x}": name for number, name in enumerate(names)}
    assert told_apart(keys) == keys


@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_no_two_names_are_shown_alike(names: list[str]) -> None:
    keys = {f"{number:064x}"[::-1]: name for number, name in enumerate(names)}
    found = told_apart(keys)
    assert len(set(found.values())) == len(found)
    assert all(one.strip() == one and one for one in found.values())
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") for one in found.values() for letter in one)
