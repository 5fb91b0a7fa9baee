"""What a person thought of themselves: among several, in their own lines, changed until their agent enters."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from weal_node.deals.manual_drafts import ManualProposal
from weal_node.errors import RefusedError
from weal_protocol.errors import MalformedError
from weal_simulations.town.town import Table, TownSeat

LINES = """
piano lessons (you give bob): 0, 1, 2
bread (bob gives cyd): 0, 1
a ride (cyd gives you): 0, 1, 2
when: in May; in June
"""


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path, 3)
    yield made
    made.close()


async def on(seat: TownSeat, act: str, deal: str, *given: object) -> None:
    _, approvals = await seat.agent.shown(deal)
    await seat.approved(deal, act, approvals[act], *given)


@pytest.mark.slow
async def test_three_make_a_deal_out_of_one_persons_lines(table: Table) -> None:
    ann, bob, cyd = table.seats
    deal = await ann.agent.propose(ManualProposal([bob.key, cyd.key], lines=LINES))
    assert (await ann.view()).about.lines == LINES.strip()
    assert (await ann.view()).about.subject == "piano lessons, bread, a ride"
    await table.do("enter")
    await table.carry()
    assert (await cyd.view()).about.lines.splitlines()[2] == "a ride (you give ann): 0, 1, 2"
    for act in ("enter", "rank", "ratify", "fulfil"):
        await table.do(act)
        await table.carry()
    assert set(await table.states()) == {"fulfilled"}
    assert [(await seat.view()).id for seat in table.seats] == [deal] * 3


async def test_a_line_and_a_party_come_and_go_until_the_agent_enters(table: Table) -> None:
    ann, bob, cyd = table.seats
    deal = await ann.agent.propose(ManualProposal([bob.key], "piano lessons", "bread"))
    two = (await ann.view()).about.lines
    with pytest.raises(RefusedError, match="cyd would give nothing and get nothing"):
        await ann.act("edit", "piano lessons (you give bob): 0, 1\nbread (bob gives you): 1", [bob.key, cyd.key])
    with pytest.raises(MalformedError, match="'cyd' is not in this deal"):
        await ann.act("edit", LINES, [bob.key])
    assert (await ann.view()).about.lines == two
    await ann.act("edit", LINES, [bob.key, cyd.key])
    assert (await ann.view()).about.names == ("you", "bob", "cyd")
    await ann.act("edit", "a ride (cyd gives you): 1, 2\nsoup (you give cyd): 1", [cyd.key])
    view = await ann.view()
    assert (view.about.names, len(view.about.offered)) == (("you", "cyd"), 2)
    await ann.act("enter")
    await table.carry()
    assert await table.states() == ["invited", "", "invited"]
    with pytest.raises(KeyError):
        await on(ann, "edit", deal, two, [bob.key])


async def test_what_was_found_in_notes_stays_between_those_who_wrote_them(table: Table) -> None:
    ann, bob, cyd = table.seats
    await ann.agent.propose(ManualProposal([bob.key], "piano lessons", "bread"))
    view = await ann.view()
    assert view.about.free
    assert ann.database
    await ann.database.write(lambda c: c.execute("UPDATE deals SET space = NULL, sources = '[\"note\"]'"))
    assert not (await ann.view()).about.free
    with pytest.raises(RefusedError, match="found in the notes"):
        await ann.act("edit", LINES, [bob.key, cyd.key])
    await ann.act("edit", "bread (bob gives): 1", [bob.key])  # the same people: lines alone
    assert (await ann.view()).about.lines == "bread (bob gives): 1"


async def test_what_is_no_proposal_is_named_and_leaves_nothing(table: Table) -> None:
    ann, bob, cyd = table.seats
    for others, given, words in (
        ([], {"gives": "bread"}, "between you and 1 to 11 others"),
        ([ann.key], {"gives": "bread"}, "between you and"),
        ([bytes([n]) * 32 for n in range(12)], {"lines": LINES}, "between you and"),
        ([bob.key], {}, "lines that say"),
        ([bob.key], {"gives": "bread", "lines": LINES}, "lines that say"),
        ([bob.key, cyd.key], {"gives": "bread"}, "with several, lines say"),
        ([bob.key, cyd.key], {"lines": "bread (you give bob): 1"}, "cyd would give nothing"),
    ):
        with pytest.raises(RefusedError, match=words):
            await ann.agent.propose(ManualProposal(others, **given))
    with pytest.raises(MalformedError, match="in hours"):
        await ann.agent.propose(ManualProposal([bob.key], lines="bread (you give): some"))
    assert await ann.agent.deals() == ()
