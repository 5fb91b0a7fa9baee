"""Two notes match when each offers what the other needs, and both sides name the deal alike."""

from weal_node.proposals.matches import Match, NeedsAndOffers, deal_id, find, helps, texts

MINE = NeedsAndOffers("aa", "01", ("bicycle repair",), ("piano lessons", "bread"))
THEIRS = NeedsAndOffers("bb", "02", ("Piano  Lessons",), ("mending bicycles",))
LONELY = NeedsAndOffers("cc", "03", ("bicycle repair",), ("bread",))


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


def test_a_need_in_one_note_and_an_offer_in_another_match_alike_for_both_sides() -> None:
    mine = [NeedsAndOffers("aa", "01", ("bicycle repair",), ()), NeedsAndOffers("aa", "04", (), ("piano lessons",))]
    theirs = [
        NeedsAndOffers("bb", "02", ("Piano  Lessons",), ()),
        NeedsAndOffers("bb", "05", (), ("mending bicycles",)),
    ]
    for mine_, theirs_ in ((mine, theirs), (mine[::-1], theirs[::-1])):
        (here,), (there,) = find(mine_, theirs_, similar), find(theirs_, mine_, similar)
        assert (here.mine, here.theirs) == (there.theirs, there.mine) == ("piano lessons", "mending bicycles")
        assert deal_id(here) == deal_id(there)
        assert {note for _, note in here.ends} == {"01", "02", "04", "05"}
        assert helps(mine_, theirs_, similar, [here]) == ()


def test_a_single_note_that_answers_goes_before_several_together() -> None:
    apart = [NeedsAndOffers("bb", "05", (), ("bicycle repair",)), NeedsAndOffers("bb", "06", ("bread",), ())]
    (match,) = find([MINE], [THEIRS, *apart], similar)
    assert match.ends == (("aa", "01"), ("bb", "02"))


def test_help_is_found_where_the_one_who_needs_offers_nothing() -> None:
    (help_,) = helps([NeedsAndOffers("aa", "01", ("bread",), ())], [LONELY], similar)
    assert help_.gift == "bread"
