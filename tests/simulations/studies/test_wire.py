"""The study of the wire at its smallest: every story once, a few kills, two deals over gRPC."""

import pytest

from weal_simulations.studies import wire


@pytest.mark.slow
def test_every_story_ends_as_promised() -> None:
    found = wire.run(2, 2, lambda share, text: None)
    told = {(row["method"], row["parties"]) for row in found.rows}
    assert told >= {(name, parties) for name in (*wire.STORIES, "crash") for parties in (2, 3)}
    assert {row["unratified"] for row in found.rows if "unratified" in row} == {0}
    assert {row["resumed"] for row in found.rows if "resumed" in row} == {1.0}
    kept = {floor.name: floor.met for floor in found.floors}
    assert all(met for name, met in kept.items() if "seconds" not in name)  # a test is no place for a stopwatch
