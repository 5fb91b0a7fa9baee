"""The study of the wire at its smallest: every story once, two plots with all their kills."""

import asyncio

import pytest

from weal_protocol.deal import DealState
from weal_simulations.faults import plots, stories
from weal_simulations.studies.negotiation import wire


@pytest.mark.slow
@pytest.mark.parametrize("name", stories.STORIES)
def test_every_story_ends_as_promised(name: str) -> None:
    for parties in (2, 3):
        told = asyncio.run(wire.told(stories.STORIES[name], 2, 0, parties))
        assert told.resumed
        assert not told.unratified
        assert told.bound is (name != "late ratification")


@pytest.mark.slow
def test_a_node_that_dies_at_any_write_of_a_deal_goes_on() -> None:
    rows, places = asyncio.run(wire.crashes(lambda share, text: None, frozenset({"called off", "declined"})))
    assert {(row["unratified"], row["resumed"]) for row in rows} == {(0, 1.0)}
    assert {row["bound"] for row in rows} == {0}
    died = {DealState.DRAFT, DealState.INVITED, DealState.DECLINED, DealState.CANCELLED}
    assert places == len(wire.PLACES) - 2 * len(died)


def test_the_plots_end_wherever_a_deal_can() -> None:
    ends = {plot.end for plot in plots.plots()}
    assert {DealState.NO_DEAL, DealState.DECLINED, DealState.CANCELLED, DealState.DISPUTED, DealState.FULFILLED} == ends
