"""Who bargains with whom, and what both sides hold."""

from weal_simulations.bargains import pairs, same


def test_neighbours_bargain_as_far_as_there_are_wishes() -> None:
    assert [(first, second) for first, second, _ in pairs(3)] == [(0, 1), (1, 2)]
    assert [(first, second) for first, second, _ in pairs(2)] == [(0, 1)]


def test_an_agreement_is_named_only_where_both_hold_the_same() -> None:
    assert same(["a1", "a1"]) == "a1"
    assert same(["a1", "b2"]) == ""
