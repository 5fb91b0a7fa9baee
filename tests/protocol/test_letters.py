"""One form of letters, as Unicode has it, at a cost that grows with the text and no faster."""

import ast
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol import letters
from weal_protocol.letters import MOST_MARKS, normal

ROOT = Path(__file__).parents[2]
MARKS = "\u0301\u0323"  # above and below: in each pair the second comes first in Unicode's order


@given(st.text(max_size=200), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_it_is_unicodes_own(text: str, form: letters.Form) -> None:
    if all(not set(text[at : at + MOST_MARKS]) <= set(MARKS) for at in range(max(1, len(text) - MOST_MARKS))):
        assert normal(form, text) == unicodedata.normalize(form, text)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_as_many_marks_as_a_language_needs_are_put_in_order(form: letters.Form) -> None:
    text = "a" + MARKS * (MOST_MARKS // 2) + "b" + MARKS
    assert normal(form, text) == unicodedata.normalize(form, text)


def test_no_piece_that_is_sorted_has_more_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def watched(form: letters.Form, text: str) -> str:
        seen.append(text)
        return text

    monkeypatch.setattr(unicodedata, "normalize", watched)
    normal("NFKC", "a" + MARKS * 40_000 + "b")
    assert max(map(len, seen)) <= MOST_MARKS + 1
    assert "".join(seen) == "a" + MARKS * 40_000 + "b"


@pytest.mark.slow
def test_nothing_else_normalises() -> None:
    direct = [
        str(place.relative_to(ROOT))
        for house in ("node", "protos", "coordinator")
        for place in (ROOT / house).rglob("*.py")
        for call in ast.walk(ast.parse(place.read_text()))
        if isinstance(call, ast.Attribute) and call.attr == "normalize" and ast.unparse(call.value) == "unicodedata"
    ]
    assert set(direct) == {"protos/weal_protocol/letters.py"}
