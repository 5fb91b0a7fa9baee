"""A row of the table is all that an act of the person takes: the page, its address, its approval and the next step follow."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from weal_node.deals import acts
from weal_node.deals.choice import Ranking
from weal_node.deals.context import Context
from weal_node.deals.person_act import Button, Fields, Form, Needs, Nothing, PersonAct, Refusal, at_once
from weal_node.deals.situation import Situation
from weal_node.errors import RefusedError
from weal_node.store import deals
from weal_node.web import deals as pages
from weal_node.web.deals import SAID
from weal_node.web.page import TEMPLATES
from weal_simulations.town.town import DEAL, Table


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path)
    yield made
    made.close()


def too_early(situation: Situation) -> Refusal | None:
    return None if situation.in_force else Refusal("nothing holds yet")


def thank(context: Context, connection: sqlite3.Connection, situation: Situation, given: Nothing) -> None:
    deals.rated(connection, situation.row.id, "thanks")


THANK = PersonAct(
    "thank",
    Needs.APPROVAL,
    too_early,
    Nothing,
    at_once(thank),
    ("thanked", "They know."),
    lambda situation, can: "Say thank you",
    form=Form("Are you glad?", "Nothing is sent.", (Button("Thank them"),)),
)


@pytest.mark.slow
async def test_an_act_that_is_added_is_on_the_page_at_its_address_and_in_the_next_step(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "ACTS", (THANK, *acts.ACTS))
    await table.draft()
    ann = table.seats[0]
    with pytest.raises(RefusedError, match="nothing holds yet"):
        await ann.approved(DEAL.hex(), "thank", "")
    for act in ("enter", "enter", "rank", "ratify"):
        await table.do(act)
        await table.carry()
    seen, approvals = await ann.agent.shown(DEAL.hex())
    assert seen.next.words == "Say thank you"
    frame = dict.fromkeys(
        ("path", "csrf", "said", "name", "community_name", "own_key", "paused", "places", "invitable"), ""
    )
    page = TEMPLATES.get_template("deal.html").render(
        deal=seen, approvals=approvals, span=1.0, cap=1.0, tabs=(), current="", ask="/ask", **frame
    )
    assert f'action="/deals/{DEAL.hex()}/thank"' in page
    assert approvals["thank"] in page
    assert "Thank them" in page
    assert ("POST", "/deals/{id}/thank") in [row[:2] for row in pages.routes(acts.ACTS)]
    with pytest.raises(RefusedError, match="not what you approved"):
        await ann.approved(DEAL.hex(), "thank", approvals["fulfil"])
    await ann.approved(DEAL.hex(), "thank", approvals["thank"])
    assert (await ann.view()).outcome.answer == "thanks"


async def test_what_one_page_did_another_that_was_open_beside_it_cannot_do_again(table: Table) -> None:
    """Both found that it could be done, and both carry a good approval: the transaction looks again."""
    await table.draft()
    for _ in range(2):
        await table.do("enter")
        await table.carry()
    ann = table.seats[0]
    pages_open = [await ann.agent.shown(DEAL.hex()) for _ in range(2)]
    order = [option.number for option in pages_open[0][0].options]
    done = await asyncio.gather(
        *(ann.approved(DEAL.hex(), "rank", approvals["rank"], order) for _, approvals in pages_open),
        return_exceptions=True,
    )
    (refused,) = [fault for fault in done if fault is not None]
    assert isinstance(refused, RefusedError)
    assert "ranked already" in refused.what


def test_what_is_said_after_each_act_is_a_sentence_of_the_pages() -> None:
    assert {act.done[0] for act in acts.ACTS} <= set(SAID)


@pytest.mark.parametrize(
    ("form", "order", "refused"),
    [
        ({"order": ["2,1"]}, [2, 1], set()),
        ({"place-1": ["2"], "place-2": ["1"]}, [2, 1], set()),
        ({"place-1": ["no"], "place-2": ["1"]}, [2], {1}),
        ({"place-1": ["1"], "place-2": ["1"]}, [], set()),
        ({"place-1": ["first"]}, [], set()),
        ({"order": ["best"]}, [], set()),
        ({"place-": ["1"], "place-x": ["1"], "place-99999": ["1"]}, [], set()),
    ],
)
def test_a_ranking_is_read_from_numbers_in_order_or_from_a_place_for_each(
    form: dict[str, list[str]], order: list[int], refused: set[int]
) -> None:
    assert Ranking.read(Fields(form)) == Ranking(order, frozenset(refused))
