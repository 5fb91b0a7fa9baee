"""A note is cut where a writer would, and no word is lost."""

from hypothesis import given
from hypothesis import strategies as st

from weal_node.text.passages import LONGEST, split


@given(st.text(alphabet=st.sampled_from("ab .!\n\tü"), max_size=4_000))
def test_no_letter_is_lost_and_no_piece_is_long(body: str) -> None:
    found = split(body)
    assert "".join("".join(found).split()) == "".join(body.split())
    assert found
    assert all(len(piece) <= LONGEST for piece in found)


def test_paragraphs_stay_whole_where_they_can() -> None:
    one, other = "First. " * 80, "Second. " * 80
    assert split(f"{one}\n\n{other}") == (one.strip(), other.strip())
    assert split("short\n\nand short") == ("short\n\nand short",)
    assert split("") == ("",)
