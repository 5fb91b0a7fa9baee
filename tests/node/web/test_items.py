"""An item's page calls the parts of its score what the person calls them."""

from typing import Any

from weal_node.loop.propose import today
from weal_node.records import State
from weal_node.web import items
from weal_node.web.api import today_json
from weal_protocol.items import item_id

NOON = 1_000 * 24 * 3_600 * 1_000 + 12 * 3_600 * 1_000
FRESH = [State(item_id(text), text) for text in ("gardens of a new kind", "gardens on roofs")]


async def test_why_calls_a_direction_by_its_examples_and_by_the_word_once_that_is_confirmed(taught: Any) -> None:
    await taught.judge(30)
    await taught.mind.add_states(FRESH)
    before = await taught.page(items.see, id=FRESH[0].id)
    assert ">theme 1 (like “gardens" in before  # of another garden: what lies farthest on its own side
    assert 'title="theme 1: like “gardens' in before
    await taught.control.name("theme 1", "things that grow")
    after = await taught.page(items.see, id=FRESH[0].id)
    assert "things that grow" in after
    assert "theme 1:" not in after
    assert "theme 1 (" not in after


async def test_reasons_on_today_and_in_json_use_the_same_names(taught: Any) -> None:
    await taught.judge(30)
    await taught.mind.add_states(FRESH)
    await taught.control.ignore("in general")
    (card, *_) = (await today(taught.database, taught.mind, NOON)).cards
    assert "theme 1 (like “gardens" in card.reason
    await taught.control.name("theme 1", "things that grow")
    said = today_json(await today(taught.database, taught.mind, NOON))["cards"][0]["reason"]
    assert "things that grow" in said
    assert "theme 1" not in said
