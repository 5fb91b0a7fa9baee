"""Reading what people chose: pairs and single answers, and faults that name the line."""

from pathlib import Path

import pytest

from weal_protocol.errors import WealError
from weal_simulations.worlds.choices import read


def folder(path: Path, choices: str, items: str = "id,text\na,tuna\nb,eel\n") -> Path:
    (path / "items.csv").write_text(items)
    (path / "choices.csv").write_text("person,item,other,choice,time\n" + choices)
    return path


def test_pairs_and_single_answers_in_the_order_of_time(tmp_path: Path) -> None:
    found = read(folder(tmp_path, "p,a,b,1,2\np,b,,-1,1\nq,a,b,0,\n"))
    assert found.texts == ("tuna", "eel")
    first, second = found.people
    assert (first.item.tolist(), first.other.tolist(), first.yes.tolist()) == ([1, 0], [-1, 1], [0.0, 1.0])
    assert second.yes.tolist() == [0.0]


@pytest.mark.parametrize(
    ("choices", "said"),
    [("p,c,,1,1\n", "line 2"), ("p,a,,yes,1\n", "line 2"), ("", "no choice")],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, choices: str, said: str) -> None:
    with pytest.raises(WealError, match=said):
        read(folder(tmp_path, choices))


def test_a_folder_with_neither_form_says_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(WealError) as fault:
        read(tmp_path)
    assert "choices.csv" in fault.value.hint
