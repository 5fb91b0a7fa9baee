"""The studies of control, principles, latency and discovery: every law is checked, and what is known helps."""

from typing import Any

import numpy as np
import pytest

from weal_node.mind.mind import Mind
from weal_node.store.database import Database
from weal_node.today import today as propose
from weal_simulations.studies.reward import control, discovery, latency, principles


@pytest.mark.slow
def test_every_law_of_control_is_checked_and_holds() -> None:
    found = control.run(3, 2, lambda *_: None)
    assert {row["law"] for row in found.rows} == set(control.LAWS)
    assert all(floor.met for floor in found.floors)
    for row in found.rows:
        assert set(row) == keys("method", "law", measures=("largest_error", "worst_error", "bits_differ"))
        assert 0 <= float(row["largest_error"]) <= float(row["worst_error"]) < 1e-4
        assert (row["bits_differ"] == 0) is (row["law"] in control.EXACT)  # NaN where the law is not about bits


def keys(*names: str, measures: tuple[str, ...]) -> set[str]:
    """What a row holds."""
    return {*names, *(f"{name}{end}" for name in measures for end in ("", "_low", "_high"))}


@pytest.mark.slow
def test_a_right_principle_helps_before_any_answer_and_a_wrong_one_harms() -> None:
    none, right, wrong = (
        np.array([principles.live(2, person, stated)[0] for person in range(12)]) for stated in (0, 3, -1)
    )
    assert right.mean() < none.mean()
    assert wrong.mean() > right.mean()


@pytest.mark.slow
def test_what_a_principle_is_worth_is_a_number_or_not_known() -> None:
    found = principles.run(2, 3, lambda *_: None).as_json()["rows"]
    worth = [row for row in found if "worth in answers" in row]  # type: ignore[attr-defined]
    assert [row["method"] for row in worth] == ["right 1", "right 3"]
    for row in worth:
        assert set(row) == keys("method", measures=("worth in answers",))
        assert all(cell is None or isinstance(cell, float) for key, cell in row.items() if key != "method")


def test_a_principle_is_worth_the_answers_after_which_one_without_it_does_as_well() -> None:
    assert principles.worth_in_answers(np.array([[0.9, 0.5, 0.1, 0.5]])) == 1
    assert principles.worth_in_answers(np.array([[0.9, 0.5, 0.1, 0.0]])) == float("inf")


@pytest.mark.slow
def test_gestures_are_timed_to_the_page_of_a_whole_node(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    shown = propose.today

    async def today(database: Database, mind: Mind, *rest: Any) -> propose.Today:
        asked.append(f"{mind.answer_count} labels known")
        return await shown(database, mind, *rest)

    monkeypatch.setattr("weal_node.web.today.today", today)
    found = latency.run(1, 2, lambda *_: None, sizes=(20, 40))
    assert [row["labels"] for row in found.rows] == [20, 40]
    assert asked == [f"{answers} labels known" for size in (20, 40) for answers in range(size + 1, size + 4)]
    for row in found.rows:
        assert set(row) == keys("method", "labels", measures=("median", "p95", "cpu", "cpu_p95", "ratio"))
        assert float(row["p95"]) >= float(row["median"]) > 0
        assert float(row["median_low"]) <= float(row["median"]) <= float(row["median_high"])


@pytest.mark.slow
def test_what_is_learnt_finds_more_that_is_new_than_chance() -> None:
    found = [discovery.live(4, person) for person in range(15)]
    new = {method: sum(one[method, 20][2] for one in found) for method in discovery.METHODS}
    assert new["weal"] > 1.5 * new["random"]
    assert all(one[method, k][0] <= discovery.SHOWN for one in found for method, k in one)
