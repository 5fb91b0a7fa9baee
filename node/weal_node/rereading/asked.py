"""What of a person's notes can be put to them as a question: acts to compare, likes to confirm."""

import asyncio
from collections.abc import Iterable
from itertools import chain

from weal_node.look.likes import Like
from weal_node.look.notes import Quoted
from weal_node.look.wishes import Wish
from weal_node.mind import own_statements
from weal_node.mind.mind import Mind
from weal_node.mind.own_statements import Found
from weal_node.rereading.rereading import Rereading
from weal_node.store.database import Database

EVERY_S = 10.0  # between two looks at what notes say
CHORE = "task"  # a box to tick is for Today, and no taste (look.md 4)


async def keep_up(database: Database, mind: Mind, rereading: Rereading) -> None:
    """Keep what Teach may ask about as the person's notes are, until cancelled."""
    held: tuple[Found, ...] | None = None  # what was kept before a restart may be gone from the notes
    while True:
        found = said_in(await rereading.acts(), await rereading.likes())
        if found != held:
            await own_statements.keep(database, mind, found)
            held = found
        await asyncio.sleep(EVERY_S)


def said_in(acts: Iterable[Wish], likes: Iterable[Like]) -> tuple[Found, ...]:
    """Return what these acts and likes make askable, acts first."""
    wanted = (_found(wish.act, 0, wish.quoted) for wish in acts if wish.kind != CHORE)
    # Of a pronoun the heading says what is meant: good enough to be seen, not to be asked about.
    named = (like for like in likes if like.object.casefold() in like.quoted.quote.casefold())
    liked = (_found(like.object, 1 if like.likes else -1, like.quoted) for like in named)
    return tuple(chain(wanted, liked))


def _found(text: str, says: int, at: Quoted) -> Found:
    return Found(text, says, at.note, at.title, at.quote, at.dated_ms)
