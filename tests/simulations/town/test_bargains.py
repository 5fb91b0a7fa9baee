"""Who bargains with whom, and what both sides hold."""

from weal_simulations.town.bargains import pairs, same, swap_of


def test_neighbours_bargain_as_far_as_there_are_wishes() -> None:
    assert [(first, second) for first, second, _ in pairs(3)] == [(0, 1), (1, 2)]
    assert [(first, second) for first, second, _ in pairs(2)] == [(0, 1)]


def test_an_agreement_is_named_only_where_both_hold_the_same() -> None:
    assert same(["a1", "a1"]) == "a1"
    assert same(["a1", "b2"]) == ""


def test_the_swap_of_two_wishes_is_told_from_all_else_that_an_agent_finds() -> None:
    def deal(number: int, subject: str, parties: int = 2, can: str = "enter") -> dict[str, object]:
        return {"id": str(number), "subject": subject, "parties": ["a", "b", "c"][:parties], "can": [can]}

    others = [
        deal(1, "help: Spanish lessons"),
        deal(2, "Spanish lessons for bread for moving", 3),
        deal(3, "bread for cake"),
    ]
    wish = ("Spanish lessons", "computer help")
    assert swap_of(others, wish, set()) is None
    for subject in ("Spanish lessons for computer help", "computer help for Spanish lessons"):
        assert swap_of([*others, deal(4, subject)], wish, set()) == "4"
        assert swap_of([*others, deal(4, subject)], wish, {"4"}) is None
        assert swap_of([*others, deal(4, subject, can="decline")], wish, set()) is None
