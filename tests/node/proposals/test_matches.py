"""Two notes match when each offers what the other needs, and both sides name the deal alike."""

from weal_node.proposals.matches import Match, Wish, deal_id, find, texts

MINE = Wish("aa", "01", ("bicycle repair",), ("piano lessons", "bread"))
THEIRS = Wish("bb", "02", ("Piano  Lessons",), ("mending bicycles",))
LONELY = Wish("cc", "03", ("bicycle repair",), ("bread",))


def similar(one: str, other: str) -> float:
    return 0.8 if "bicycle" in one and "bicycle" in other else 0.1


def test_a_match_needs_both_directions() -> None:
    (match,) = find([MINE], [THEIRS, LONELY], similar)
    assert (match.mine, match.theirs) == ("piano lessons", "mending bicycles")
    assert "mending bicycles" in match.why


def test_both_nodes_name_the_deal_alike() -> None:
    (here,), (there,) = find([MINE], [THEIRS], similar), find([THEIRS], [MINE], similar)
    assert deal_id(here) == deal_id(there)
    assert (here.mine, here.theirs) == (there.theirs, there.mine)
    other = Match(MINE, LONELY, "bread", "bread", "")
    assert deal_id(other) != deal_id(here)


def test_every_text_is_embedded_once() -> None:
    assert texts([MINE, THEIRS, LONELY]) == (
        "bicycle repair",
        "piano lessons",
        "bread",
        "Piano  Lessons",
        "mending bicycles",
    )
