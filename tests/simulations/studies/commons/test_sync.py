"""The study of sync on a small commons: every figure is there, and the laws hold at any size."""

import pytest

from weal_simulations.studies.commons import sync


@pytest.mark.together
@pytest.mark.slow
def test_a_small_commons() -> None:
    found = sync.run(5, 4, lambda *_: None, count=60, notes=200)
    assert [row["method"] for row in found.rows] == [
        "coordinator, cold",
        "coordinator, 20 new",
        "coordinator, nothing new",
        "a member's node, cold",
        "shelf, made from nothing",
        "a topic's page, p95",
    ]
    floors = {floor.name: floor for floor in found.floors}
    assert floors["sync: records that differ between three nodes after a partition"].value == 0
    assert floors["sync: records lost here when a peer's copy is gone"].value == 0
    assert all(float(row["seconds"]) > 0 for row in found.rows)
