"""What comes next: likely, not the same thing over and over, and more like what was accepted."""

import numpy as np

from weal_node.today.interruption import NO_QUIET, Moment
from weal_node.today.promise import PastCard, promise
from weal_node.today.spread import Ground, Matrix, pick, spread

NONE = np.zeros((0, 8), np.float32)


def unit(*axes: int) -> Matrix:
    """One unit vector along each axis."""
    return np.eye(8, dtype=np.float32)[list(axes)]


def test_of_equals_the_next_is_another_thing_and_what_is_far_likelier_comes_all_the_same() -> None:
    alike = Ground(unit(0, 0, 1), NONE, NONE)
    assert spread([0.70, 0.69, 0.68], alike, 2) == [0, 2]
    assert spread([0.95, 0.94, 0.65], alike, 2) == [0, 1]


def test_what_is_near_something_accepted_comes_first_and_what_is_near_something_refused_last() -> None:
    chances = [0.70, 0.70, 0.70]
    assert spread(chances, Ground(unit(0, 1, 2), unit(1), NONE), 3)[0] == 1
    assert spread(chances, Ground(unit(0, 1, 2), NONE, unit(0)), 3)[-1] == 0


def test_no_room_and_no_idea_are_nothing() -> None:
    assert spread([0.9], Ground(unit(0), NONE, NONE), 0) == []
    assert spread([], Ground(NONE, NONE, NONE), 3) == []


def test_only_what_passes_the_bar_is_picked_and_only_as_much_as_there_is_room_for() -> None:
    ground = Ground(np.tile(unit(0, 1, 2, 3, 4, 5), (16, 1))[:90], NONE, NONE)
    chances = [0.9, 0.8, 0.75, 0.7] + [0.2] * 86
    moment = Moment(promise(chances, ()), (), False, 20, None, (), (), 720, NO_QUIET)
    assert sorted(pick(moment, ground, 0)) == [0, 1, 2]
    assert sorted(pick(moment, ground, 2)) == [0]
    assert pick(moment, ground, 3) == []
    unlucky = (PastCard(0.9, False),) * 20
    assert pick(Moment(promise(chances, unlucky), unlucky, True, 20, None, (), (), 720, NO_QUIET), ground, 0) == []


def test_each_further_card_of_a_day_has_to_promise_more() -> None:
    ground = Ground(np.tile(unit(0, 1, 2, 3, 4, 5), (16, 1))[:90], NONE, NONE)
    sure, first = [0.9, 0.9, 0.9] + [0.2] * 87, [0.62, 0.62, 0.62] + [0.2] * 87
    for chances, most in ((sure, 3), (first, 1)):
        moment = Moment(promise(chances, ()), (), False, 20, None, (), (), 720, NO_QUIET)
        assert len(pick(moment, ground, 0)) == most
    said = Moment(promise(first, ()), (), False, 20, None, (), (True,), 720, NO_QUIET)
    assert pick(said, ground, 0) == []
