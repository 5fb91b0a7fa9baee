"""Propose: at most three things the person is likely glad of, and only where the agent is sure enough."""

import asyncio
from dataclasses import dataclass

from weal_node.loop.judge import ASKABLE, Mind
from weal_node.records import Judgement, State
from weal_node.store import states
from weal_node.store.database import Database

CARDS = 3
FEWEST_LABELS = 10  # before that the agent speaks of no one in particular, and so stays quiet
SURE = 0.5  # lower end of the 80% interval of P(yes)
PUT_OFF_MS = 24 * 3_600 * 1_000


@dataclass(frozen=True, slots=True)
class Card:
    """A state, why it is shown, and what the agent believes of it."""

    state: State
    reason: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Today:
    """cards: at most three.  held_back: what would come next, had the agent been sure enough; best first."""

    cards: tuple[Card, ...]
    held_back: tuple[Card, ...]


async def today(database: Database, mind: Mind, now_ms: int) -> Today:
    """Return what to show now: unanswered states with P(yes) surely above one half, best first."""
    quiet = await database.read(lambda connection: states.put_off_since(connection, now_ms - PUT_OFF_MS))
    return await asyncio.to_thread(_choose, mind, quiet)  # thousands of states would hold up the page


def _choose(mind: Mind, quiet: frozenset[str]) -> Today:
    answered = {item for item, _ in mind.labels_on_items()}
    open_states = [
        s for s in mind.states() if s.kind in ASKABLE | {"note"} and s.id not in answered and s.id not in quiet
    ]
    likely = [(mind.judge(state.id), state) for state in open_states]
    likely = sorted(
        (pair for pair in likely if pair[0].probability > SURE), key=lambda pair: (-pair[0].probability, pair[1].id)
    )
    speak = mind.labels >= FEWEST_LABELS
    sure = [pair for pair in likely if speak and pair[0].low > SURE][:CARDS]
    rest = [pair for pair in likely if pair not in sure][:CARDS]
    return Today(*(tuple(Card(s, _reason(mind, s), j) for j, s in chosen) for chosen in (sure, rest)))


async def put_off(database: Database, state: str, now_ms: int) -> None:
    """Not now: do not show this state for a day. No label."""
    await database.write(lambda connection: states.put_off(connection, state, now_ms))


def _reason(mind: Mind, state: State) -> str:
    helping = [part for part in mind.parts(state.id) if part.amount > 0][:2]
    names = " and ".join(part.name for part in helping) or "nothing in particular"
    return f"{mind.judge(state.id).probability:.0%} likely that you agree, mostly for {names}."
