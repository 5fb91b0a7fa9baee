"""What a person reads of a deal: who gives what to whom, what was offered, who left it and in which words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from weal_node.deals.views import DealView
from weal_node.web.page import TEMPLATES
from weal_simulations.town.town import Table


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path)
    yield made
    made.close()


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path, 3)
    yield made
    made.close()


async def begin(table: Table, careful: bool) -> None:
    await table.draft()
    await table.seats[0].act("enter", careful)
    for seat in table.seats[1:]:
        await table.carry()
        await seat.act("enter")
    await table.carry()


def page(view: DealView) -> str:
    told = {"deal": view, "approvals": dict.fromkeys(view.can, "x"), "span": 1.0, "cap": 1.0}
    told["places"] = {option.number: option.number for option in view.options}
    frame = dict.fromkeys(("path", "csrf", "said", "name", "community_name", "own_key"), "")
    return TEMPLATES.get_template("deal.html").render(paused=False, tabs=(), current="", ask="/ask", **frame, **told)


@pytest.mark.slow
async def test_the_transcript_among_strangers_shows_every_offer(table: Table) -> None:
    await begin(table, careful=True)
    for seat in table.seats:
        view = await seat.view()
        offers = [line for line in view.disclosed.transcript if " offered: " in line]
        assert offers
        assert all("You give" in line and "you get" in line for line in offers)
        (accepted,) = [line for line in view.disclosed.transcript if "accepted the offer: " in line]
        assert view.chosen is not None
        assert accepted.endswith(view.chosen.text)
        assert "told nothing of what it likes" in view.disclosed.transcript[0]


@pytest.mark.slow
@pytest.mark.parametrize("careful", [True, False])
async def test_how_even_a_deal_is_is_shown_or_why_it_is_not(three: Table, careful: bool) -> None:
    await begin(three, careful)
    shown = page(await three.seats[1].view())
    assert ("do not say what each of them gains" in shown) == careful
    assert ("Even: " in shown) != careful


@pytest.mark.slow
async def test_options_and_exact_terms_among_three_name_giver_and_taker(three: Table) -> None:
    await begin(three, careful=False)
    for seat in three.seats:
        view = await seat.view()
        assert "you give everyone" in view.options[0].text.casefold()
        for other in three.seats:
            if other is not seat:
                assert f"{other.name} gives everyone" in view.options[0].text
                assert any(line.startswith(f"{other.name} gives everyone help of") for line in view.about.offered)
        assert any(part.words.startswith("you give everyone") for part in view.options[0].parts)
    await three.do("rank")
    await three.carry()
    view = await three.seats[0].view()
    assert view.chosen is not None
    before, after = page(view).split("I ratify these terms")
    assert view.chosen.text in before
    assert f"You would sign: {view.chosen.text}" in after


@pytest.mark.slow
async def test_a_reason_is_read_by_those_it_was_sent_to(three: Table) -> None:
    await three.draft()
    await three.seats[0].act("enter")
    await three.carry()
    await three.seats[2].act("decline", "<b>no time</b>\nbefore May")
    await three.carry()
    told = "cyd declined: <b>no time</b> before May"
    for seat in three.seats[:2]:
        view = await seat.view()
        assert view.about.ended == told
        assert view.disclosed.transcript[-1] == told
        assert "cyd declined: &lt;b&gt;no time&lt;/b&gt; before May" in page(view)
    assert (await three.seats[2].view()).about.ended == "You declined: <b>no time</b> before May"


async def test_who_withdraws_is_named_with_the_reason_or_that_there_was_none(table: Table) -> None:
    await begin(table, careful=False)
    await table.seats[1].act("cancel")
    await table.carry()
    view = await table.seats[0].view()
    assert view.about.ended == "bob withdrew, and gave no reason."
    assert view.disclosed.transcript[-1] == "bob cancelled."


async def test_a_person_invited_can_say_why_not(table: Table) -> None:
    await table.draft()
    await table.seats[0].act("enter")
    await table.carry()
    assert 'name="reason"' in page(await table.seats[1].view())


async def test_where_nobody_said_no_the_page_says_that_nothing_was_found(table: Table) -> None:
    for seat in table.seats:
        seat.taste.worth = 0.0  # giving costs, getting is worth nothing
    await begin(table, careful=False)
    view = await table.seats[0].view()
    assert (view.state, view.about.ended) == ("no deal", "Nothing was found that everyone prefers to no deal.")
