"""Chains of help: found where they are, nobody in two, never worse than greedy, and planned anew after a no."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weal_protocol import barter
from weal_protocol.barter import MemberWish

graphs = st.dictionaries(st.integers(0, 8), st.sets(st.integers(0, 8), max_size=4), max_size=9)


def wish(name: str, need: str, offer: str) -> MemberWish:
    return MemberWish(name, f"note of {name}", (need,), (offer,))


@given(graphs)
def test_every_cycle_of_up_to_three_is_found_once(edges: dict[int, set[int]]) -> None:
    found = barter.cycles(edges)
    nodes = range(9)
    pairs = {(a, b) for a, b in itertools.combinations(nodes, 2) if b in edges.get(a, ()) and a in edges.get(b, ())}
    threes = {
        (a, b, c)
        for a, b, c in itertools.permutations(nodes, 3)
        if a == min(a, b, c) and b in edges.get(a, ()) and c in edges.get(b, ()) and a in edges.get(c, ())
    }
    assert set(found) == pairs | threes
    assert len(set(found)) == len(found)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(graphs, st.randoms(use_true_random=False))
def test_a_plan_has_nobody_twice_and_is_the_best_there_is(edges: dict[int, set[int]], random) -> None:  # type: ignore[no-untyped-def]  # Hypothesis'
    chains = barter.cycles(edges)[:12]
    values = [random.uniform(0.1, 1.0) for _ in chains]
    plan = barter.solve(chains, values)
    used = [member for number in plan.chosen for member in chains[number]]
    assert len(used) == len(set(used))
    best = 0.0
    for some in itertools.product((False, True), repeat=len(chains)):
        members = [member for taken, chain in zip(some, chains, strict=True) if taken for member in chain]
        if len(members) == len(set(members)):
            best = max(best, sum(value for taken, value in zip(some, values, strict=True) if taken))
    assert plan.value == pytest.approx(best, rel=2e-3, abs=1e-9)
    assert plan.value <= plan.bound + 1e-6


def test_words_that_are_the_same_make_a_chain_of_three() -> None:
    wishes = [wish("a", "Bread", "piano"), wish("b", "piano", "repair"), wish("c", "repair", "bread")]
    (circle,) = barter.rounds(barter.links(wishes))
    assert [(link.giver.member, link.gift, link.taker.member) for link in circle] == [
        ("a", "piano", "b"),
        ("b", "repair", "c"),
        ("c", "bread", "a"),
    ]


def test_after_a_no_the_rest_is_planned_anew_and_what_stands_is_kept() -> None:
    chains = [(0, 1), (1, 2), (3, 4), (0, 5)]
    values = [3.0, 1.0, 1.0, 1.0]
    assert barter.solve(chains, values).chosen == (0, 2)
    assert barter.again(chains, values, agreed=[2], vetoed=[0]).chosen == (1, 2, 3)
    assert barter.again(chains, values, agreed=[0], vetoed=[2]).chosen == (0,)


def test_the_circle_of_those_who_told_that_they_are_keen_comes_first() -> None:
    """One baker, two circles through them: what the others told decides, and a veto brings the other circle."""

    def wishes(one: int, other: int) -> list[MemberWish]:
        baker = MemberWish("a", "1", ("piano",), ("bread",))
        first = (MemberWish("b", "2", ("bread",), ("repair",), one), MemberWish("c", "3", ("repair",), ("piano",), one))
        second = (
            MemberWish("d", "4", ("bread",), ("garden",), other),
            MemberWish("e", "5", ("garden",), ("piano",), other),
        )
        return [baker, *first, *second]

    def planned(one: int, other: int, vetoed: tuple[int, ...] = ()) -> set[str]:
        circles = barter.rounds(barter.links(wishes(one, other)))
        members = [[ord(link.giver.member) for link in circle] for circle in circles]
        plan = barter.again(members, [barter.worth(circle) for circle in circles], (), vetoed)
        (chosen,) = plan.chosen
        return {link.giver.member for link in circles[chosen]}

    assert planned(4, 1) == {"a", "b", "c"}
    assert planned(1, 4) == {"a", "d", "e"}
    assert planned(0, 4) == {"a", "d", "e"}  # silence is an even chance of something plain
    (first,) = [n for n, c in enumerate(barter.rounds(barter.links(wishes(4, 1)))) if c[1].giver.member in {"b", "c"}]
    assert planned(4, 1, (first,)) == {"a", "d", "e"}


def test_what_all_told_counts_once_for_every_member() -> None:
    told = [
        MemberWish("a", "1", ("x",), ("y",), 4),
        MemberWish("b", "2", ("y",), ("z",), 2),
        MemberWish("c", "3", ("z",), ("x",), 0),
    ]
    (circle,) = barter.rounds(barter.links(told))
    surplus = sum(barter.KEEN[wish.keen][0] for wish in told)
    chance = math.prod([barter.KEEN[wish.keen][1] for wish in told])
    assert barter.worth(circle) == pytest.approx(surplus * chance)
