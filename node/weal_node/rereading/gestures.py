"""What the person says of a line of *In your notes*, kept, heeded, taken back; and what they asked for."""

from functools import partial

from weal_node.errors import NotFoundError
from weal_node.look.notes import Finding
from weal_node.look.page import Said
from weal_node.store import look_gestures
from weal_node.store.database import Database
from weal_node.store.look_gestures import DO as DO
from weal_node.store.look_gestures import DONE, GESTURES, UNLIKE, Gesture, GestureQuote
from weal_protocol.errors import WealError

OF_ACTS = ("repeated", "wish", "due")  # rules whose lines are acts: one that is done is done in other words too


async def every(database: Database) -> tuple[Gesture, ...]:
    """Return what was said, the newest first."""
    return await database.read(look_gestures.every)


async def wanted(database: Database) -> tuple[Gesture, ...]:
    """Return what the person asked for by *Do it*, the newest first; it needs no gate."""
    return await database.read(look_gestures.wanted)


async def keep(database: Database, finding: Finding, gesture: str, now_ms: int) -> None:
    """Keep what was said of a line; WealError for what is none of GESTURES. It is no answer: nothing is learnt from it."""
    if gesture not in GESTURES:
        raise WealError(f"that is none of {', '.join(GESTURES)}", "Load the page again")
    quotes = tuple(GestureQuote(one.note, one.path, one.title, one.quote, one.dated_ms) for one in finding.quotes)
    said = Gesture(finding.key, finding.rule, gesture, now_ms, finding.act, finding.says, quotes, finding.members)
    await database.write(partial(look_gestures.keep, said=said))


async def take_back(database: Database, line: str) -> None:
    """Forget what was said of a line; NotFoundError where nothing was."""
    if not await database.write(partial(look_gestures.take_back, line=line)):
        raise NotFoundError("nothing was said of this line", "Load the page In your notes again")


def heeded(said: tuple[Gesture, ...]) -> Said:
    """Return what is not to be shown any more."""
    closed: set[str] = set()
    acts: list[str] = []
    silenced: set[tuple[str, str]] = set()
    for gesture in said:
        closed.add(gesture.line)
        if gesture.gesture in (DO, DONE):
            closed.update(gesture.members)
            acts += [gesture.act] * (gesture.rule in OF_ACTS and bool(gesture.act))
        if gesture.gesture == UNLIKE and gesture.quotes:
            silenced.add((gesture.rule, gesture.quotes[0].note))
    return Said(frozenset(closed), tuple(acts), frozenset(silenced))
