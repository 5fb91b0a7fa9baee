"""What the person is likely glad of, where the gate lets the agent speak.

Nothing here is done for the person: a card is a question. One about what is unlike anything they judged says so (decisions/0005).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from weal_node.features.projection import relative
from weal_node.mind.helpful import helpful
from weal_node.mind.mind import Mind
from weal_node.mind.questions import Question
from weal_node.records import Item
from weal_node.store import gate, items, proposals
from weal_node.store.database import Database
from weal_node.today import cards, interruption
from weal_node.today.cards import Card
from weal_node.today.ideas import Ideas, ideas
from weal_node.today.interruption import NO_QUIET, Moment, Quiet, bar, silence
from weal_node.today.memory import PUT_OFF_MS, WEEK_MS, Memory, model, remember
from weal_node.today.promise import promise
from weal_node.today.spread import CARDS, Ground, Matrix, pick

BUSY_MS = 20_000  # after an answer: who is answering is in the middle of something, on whichever page
HELPED = 12  # ideas that a question is to tell of; chosen
LATER = "after the others"
PAUSED = "for when you have a moment: you answered something just now"
UNSURE = "not sure enough that you would be glad of it"


@dataclass(frozen=True, slots=True)
class Today:
    """cards: at most three.  held_back: what would come next, best first.  silent: why nothing new is said, "" when it is.  vetoed: how many states a veto rules out.
    asked: what the person asked for, before no gate.  question: what would help most where nothing is said, None where nothing is to be asked.
    answers: ever, which only forgetting lowers.  ideas: how many wait.  writes: whether there is a note.  set_back: whether the clock was.
    brought, accepted, new: how many were ever brought, accepted, and new to the person.  taken: accepted within a week, newest first."""

    cards: tuple[Card, ...]
    held_back: tuple[Card, ...]
    silent: str
    vetoed: int
    asked: tuple[Card, ...] = ()
    question: Question | None = None
    answers: int = 0
    ideas: int = 0
    writes: bool = False
    set_back: bool = False
    brought: int = 0
    accepted: int = 0
    new: int = 0
    taken: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class _Choice:
    """picked: what is brought now.  rest: what waits, likeliest first, each with why.  silent: why nothing is brought."""

    picked: list[Item]
    rest: list[tuple[Item, str]]
    silent: str


async def today(database: Database, mind: Mind, now_ms: int, quiet: Quiet = NO_QUIET) -> Today:
    """Return what to show now, and keep that it was shown. What was shown and not answered stays for some days."""
    memory = await database.read(partial(remember, now_ms=now_ms))
    shown, fresh = await asyncio.to_thread(_look, mind, memory, quiet)  # thousands of states would hold up the page
    if fresh:
        guesses = [(card.state.id, card.judgement.probability) for card in fresh]
        since = now_ms - PUT_OFF_MS + 1  # two pages may be opened at once
        await database.write(lambda connection: gate.deliver(connection, guesses, now_ms, since))
    return shown


def _look(mind: Mind, memory: Memory, quiet: Quiet) -> tuple[Today, tuple[Card, ...]]:
    """Return what to show, and which of it is new."""
    known = ideas(mind, memory)
    chosen = _choose(mind, memory, known, quiet)
    still = known.still[:CARDS]
    brought = cards.bring(mind, memory, [*still, *chosen.picked])
    held_back = [cards.made(mind, memory, state, why) for state, why in chosen.rest[:CARDS]]
    waiting = [state.id for state, _ in chosen.rest[:HELPED]]
    answers = mind.fitted().answers
    shown = Today(
        tuple(brought),
        tuple(held_back),
        chosen.silent,
        known.ruled_out,
        tuple(cards.made(mind, memory, state, cards.ASKED_FOR) for state in known.asked),
        None if brought else helpful(mind.fitted(), waiting, memory.refused),
        len(answers),
        len(known.new),
        memory.writes,
        memory.is_set_back(answers),
        *memory.came_of_it(),
        _taken(mind, memory),
    )
    return shown, tuple(brought[len(still) :])


def _taken(mind: Mind, memory: Memory) -> tuple[Item, ...]:
    index, items_known = mind.fitted().features.index, mind.items()
    accepted = dict.fromkeys(reversed(memory.lately(lambda past: past.glad is True, WEEK_MS)))
    return tuple(items_known[index[state]] for state in accepted if state in index)


def _choose(mind: Mind, memory: Memory, known: Ideas, quiet: Quiet) -> _Choice:
    moment = _moment(mind, memory, known.new, quiet)
    ground = Ground(
        _vectors(mind, [state.id for state in known.new]),
        _vectors(mind, memory.lately(lambda past: past.glad is True)),
        _vectors(mind, memory.lately(lambda past: past.glad is not True)),
    )
    picked = [known.new[place] for place in pick(moment, ground, len(known.still))]
    least, at_a_pause, why = bar(moment, moment.cost), bar(moment, interruption.PAUSE), silence(moment)
    rest: list[tuple[Item, str]] = []
    for chance, state in sorted(zip(moment.promise.chances, known.new, strict=True), key=_likeliest):
        if state not in picked:
            rest.append((state, UNSURE if chance <= at_a_pause else why or (LATER if chance > least else PAUSED)))
    return _Choice(picked, rest, why)


def _likeliest(pair: tuple[float, Item]) -> tuple[float, str]:
    return -pair[0], pair[1].id


def _vectors(mind: Mind, states: Sequence[str]) -> Matrix:
    features = mind.fitted().features
    return relative(features.vectors[[features.index[state] for state in states if state in features.index]])


def _moment(mind: Mind, memory: Memory, new: Sequence[Item], quiet: Quiet) -> Moment:
    fitted = mind.fitted()
    past, since = memory.past(fitted.answers), fitted.drift.since
    busy = any(0 <= memory.now_ms - answer.at_ms < BUSY_MS for answer in fitted.answers)
    return Moment(
        promise=promise([mind.predict(state.id).probability for state in new], past),
        past=past,
        spoke=bool(memory.lately(lambda _: True)),
        answers=len(fitted.answers),
        since_change=None if since is None else mind.answer_count - since,
        audits=memory.audits,
        outcomes=memory.outcomes(),
        minute=memory.minute,
        quiet=quiet,
        cost=interruption.BUSY if busy else interruption.PAUSE,
    )


async def model_of(database: Database, state: str) -> str:
    """Return which model wrote a state, as the person named it; "" where none did."""
    return model((await database.read(proposals.every)).get(state))


async def put_off(database: Database, state: str, now_ms: int) -> None:
    """Do not show this state for a day; the person said `not now`, which is no label."""
    await database.write(lambda connection: items.put_off(connection, state, now_ms))
