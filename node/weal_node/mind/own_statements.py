"""The person's own words as things to ask about: kept as their notes are, whoever changes them."""

from collections.abc import Sequence
from dataclasses import dataclass

from weal_node.mind.mind import Mind
from weal_node.records import Item
from weal_node.store import own_statements
from weal_node.store.database import Database
from weal_node.store.own_statements import OwnStatement
from weal_protocol.items import item_id

KIND = "own"  # of their items: nobody else has an opinion of them
MOST = 300  # chosen: as many as a question is chosen among


@dataclass(frozen=True, slots=True)
class Found:
    """What a note says. text: what is asked about.  says, note, title, quote, dated_ms: see store/own_statements."""

    text: str
    says: int
    note: str
    title: str
    quote: str
    dated_ms: int


async def keep(database: Database, mind: Mind, found: Sequence[Found]) -> None:
    """Make what notes say known to the agent, the newest MOST; what none says any more goes, unless it was answered about."""
    rows: dict[str, OwnStatement] = {}
    items: list[Item] = []
    for one in sorted(found, key=lambda one: (-one.dated_ms, one.note, one.text))[:MOST]:
        state = item_id(one.text)
        if state not in rows:
            rows[state] = OwnStatement(state, one.says, one.note, one.title, one.quote, one.dated_ms)
            items.append(Item(state, one.text, KIND))
    known = mind.fitted().features.index
    await mind.add_items([item for item in items if item.id not in known])
    gone = await database.write(lambda connection: own_statements.replace(connection, rows.values()))
    await mind.let_go(gone)


async def ask_about(mind: Mind, text: str) -> None:
    """Make a sentence that the person gave known to the agent as something to ask about; it stands in no note, and stays."""
    await mind.add_items([Item(item_id(text), text, KIND)])
