"""The studies of control, principles, latency and discovery: every law is checked, and what is known helps."""

import numpy as np

from weal_simulations.studies import control, discovery, latency, principles


def test_every_law_of_control_is_checked_and_holds() -> None:
    found = control.run(3, 2, lambda *_: None)
    assert {row["law"] for row in found.rows} == set(control.LAWS)
    assert all(floor.met for floor in found.floors)


def test_a_right_principle_helps_before_any_answer_and_a_wrong_one_harms() -> None:
    none, right, wrong = (
        np.array([principles.live(2, person, stated)[0] for person in range(12)]) for stated in (0, 3, -1)
    )
    assert right.mean() < none.mean()
    assert wrong.mean() > right.mean()


def test_gestures_are_timed_on_a_real_database() -> None:
    found = latency.run(1, 2, lambda *_: None, sizes=(20, 40))
    assert [row["labels"] for row in found.rows] == [20, 40]
    assert all(float(row["p95"]) >= float(row["median"]) > 0 for row in found.rows)


def test_what_is_learnt_finds_more_that_is_new_than_chance() -> None:
    found = [discovery.live(4, person) for person in range(15)]
    new = {method: sum(one[method, 20][2] for one in found) for method in discovery.METHODS}
    assert new["weal"] > 1.5 * new["random"]
    assert all(one[method, k][0] <= discovery.SHOWN for one in found for method, k in one)
