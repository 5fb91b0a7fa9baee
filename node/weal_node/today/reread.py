"""What the person wrote that they want to do, as ideas: acts of their notes, and what they asked for on *In your notes*."""

import sqlite3
from collections.abc import Sequence, Set
from functools import partial

from weal_node.look.notes import Quoted
from weal_node.look.wishes import Wish
from weal_node.mind.mind import Mind
from weal_node.proposals.evidence import Citation, Proposal
from weal_node.rereading import gestures
from weal_node.rereading.rereading import Rereading
from weal_node.store import proposals
from weal_node.store.database import Database
from weal_node.store.look_gestures import Gesture
from weal_node.today import discovery
from weal_protocol.items import item_id

ACT = "act"


async def bring(database: Database, rereading: Rereading, mind: Mind, now_ms: int) -> int:
    """Hand over what notes say that the person wants to do; return how many are new. What no note says any more goes, unless it was asked for."""
    wishes = await rereading.acts()
    asked = [gesture for gesture in await gestures.wanted(database) if gesture.act and gesture.quotes]
    found = (*map(_asked, asked), *map(_wished, wishes))
    wanted = [item_id(one.text) for one in found if one.asked_for]
    new = await discovery.keep(database, mind, found, "rules", now_ms)
    await database.write(partial(proposals.ask_for, states=wanted))  # what was taken back is not asked for any more
    await database.write(partial(_drop_gone, said={item_id(one.text) for one in found}))
    return new


def _asked(gesture: Gesture) -> Proposal:
    cited = [_cited(one.note, one.path, one.title, one.quote) for one in gesture.quotes]
    return Proposal(ACT, gesture.act, tuple(cited), 1.0, asked_for=True)


def _wished(wish: Wish) -> Proposal:
    at: Quoted = wish.quoted
    return Proposal(ACT, wish.act, (_cited(at.note, at.path, at.title, at.quote),), float(wish.score))


def _cited(note: str, path: str, title: str, quote: str) -> Citation:
    return Citation("", "", "note", note, path, title, quote)


def _drop_gone(connection: sqlite3.Connection, said: Set[str]) -> None:
    gone: Sequence[str] = [
        state
        for state, made in proposals.every(connection).items()
        if made.kind == ACT and not made.asked_for and state not in said
    ]
    proposals.drop(connection, gone)
