"""Propose: what the person is likely glad of, where the gate lets the agent speak.

Nothing here is done for the person: a card is a question. One about what is unlike anything they judged says so (decisions/0005).
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from weal_node.mind import explanations
from weal_node.mind.mind import ASKABLE, Mind
from weal_node.mind.unseen import in_support
from weal_node.proposals.dictated import instructs
from weal_node.proposals.evidence import Citation
from weal_node.records import Item, Prediction
from weal_node.reward import acquisition
from weal_node.reward.calibration import Guess
from weal_node.reward.principles import vetoed, vetoes
from weal_node.store import gate, items, proposals
from weal_node.store.database import Database
from weal_node.today import interruption
from weal_node.today.interruption import NO_QUIET, Moment, Quiet, silence, threshold

CARDS = 3
BUSY_MS = 20_000  # after an answer: who is answering is in the middle of something, on whichever page
PUT_OFF_MS = 24 * 3_600 * 1_000
NEW_GROUND = " It is unlike anything you have judged, so this is a question more than advice."
LATER = "after the others"
PAUSED = "for when you have a moment: you answered something just now"
UNSURE = "not sure enough that you would be glad of it"


@dataclass(frozen=True, slots=True)
class Card:
    """A state, why it is shown or held back, and what the agent believes of it."""

    state: Item
    reason: str
    judgement: Prediction
    citations: tuple[Citation, ...] = ()
    model: str = ""  # that wrote it, as the person named it; "" where the rules did


@dataclass(frozen=True, slots=True)
class Today:
    """cards: at most three.  held_back: what would come next, best first.  silent: why nothing new is said, "" when it is.  vetoed: how many states a veto rules out."""

    cards: tuple[Card, ...]
    held_back: tuple[Card, ...]
    silent: str
    vetoed: int


@dataclass(frozen=True, slots=True)
class _NoveltyMemory:
    put_off: frozenset[str]
    lately: tuple[tuple[str, int, bool | None], ...]
    audits: tuple[Guess, ...]
    made: dict[str, proposals.Made]


async def today(database: Database, mind: Mind, now_ms: int, quiet: Quiet = NO_QUIET) -> Today:
    """Return what to show now, and keep that it was shown. What was shown today and not answered stays."""
    since = now_ms - PUT_OFF_MS
    memory = await database.read(
        lambda connection: _NoveltyMemory(
            items.put_off_since(connection, since),
            gate.delivered_since(connection, since),
            gate.guesses(connection, audits_only=True),
            proposals.every(connection),
        )
    )
    found, fresh = await asyncio.to_thread(
        _choose, mind, memory, now_ms, quiet
    )  # thousands of states would hold up the page
    if fresh:
        said = [(card.state.id, card.judgement.probability) for card in fresh]
        await database.write(lambda connection: gate.deliver(connection, said, now_ms, since))
    return found


def _choose(mind: Mind, memory: _NoveltyMemory, now_ms: int, quiet: Quiet) -> tuple[Today, tuple[Card, ...]]:
    """Return what to show, and which of it is new."""
    open_states, ruled_out = _open(mind, memory)
    shown = {state for state, _, glad in memory.lately if glad is None}
    told = {state for state, _, glad in memory.lately}
    likely = sorted(
        ((mind.predict(state.id), state) for state in open_states), key=lambda pair: (-pair[0].probability, pair[1].id)
    )
    still = [(judgement, state) for judgement, state in likely if state.id in shown]
    on, moment = mind.fitted().features, _moment(mind, memory, now_ms, quiet)
    bar, ground, place = threshold(moment.cost), in_support(mind.fitted(), on.phi), on.index
    good = [(j, s) for j, s in likely if s.id not in told and j.probability > bar]
    why = silence(moment)
    room = 0 if why else min(CARDS - len(still), interruption.budget(moment.outcomes))
    fresh = good[: max(0, room)]
    rest = [pair for pair in likely if pair not in fresh and pair[1].id not in told][:CARDS]
    cards = tuple(
        Card(s, _reason(mind, s) + NEW_GROUND * (not ground[place[s.id]]), j, _cited(memory, s), _model(memory, s))
        for j, s in [*still, *fresh][:CARDS]
    )
    held = tuple(Card(s, _held(j.probability, bar, why), j, _cited(memory, s), _model(memory, s)) for j, s in rest)
    return Today(cards, held, why, ruled_out), cards[len(still) :]


def _held(probability: float, bar: float, why: str) -> str:
    """Return why something is held back. bar: what its probability had to pass now.  why: of a silence, "" for none."""
    if probability <= threshold(interruption.PAUSE):
        return UNSURE
    return why or (LATER if probability > bar else PAUSED)


def _cited(memory: _NoveltyMemory, state: Item) -> tuple[Citation, ...]:
    made = memory.made.get(state.id)
    return made.citations if made else ()


def _model(memory: _NoveltyMemory, state: Item) -> str:
    made = memory.made.get(state.id)
    return made.source if made and made.kind == "draft" else ""


async def model_of(database: Database, state: str) -> str:
    """Return which model wrote a state, as the person named it; "" where none did."""
    made = (await database.read(proposals.every)).get(state)
    return made.source if made and made.kind == "draft" else ""


def _open(mind: Mind, memory: _NoveltyMemory) -> tuple[list[Item], int]:
    """Return the states that nothing keeps from being shown, and how many a veto does."""
    answered = {item for item, _ in mind.answers_on_items()}
    standing = vetoes(mind.edits())
    kept = {
        one for one, made in memory.made.items() if made.kind == "draft"
    }  # by an earlier version, which let more pass
    asked = [
        state
        for state in mind.items()
        if (state.kind in ASKABLE | {"note"} or state.id in memory.made)
        and not (state.id in kept and instructs(state.text))
    ]
    allowed = [state for state in asked if not vetoed(state, standing)]
    return [one for one in allowed if one.id not in answered and one.id not in memory.put_off], len(asked) - len(
        allowed
    )


def _moment(mind: Mind, memory: _NoveltyMemory, now_ms: int, quiet: Quiet) -> Moment:
    clock = datetime.fromtimestamp(now_ms / 1_000)  # noqa: DTZ006 -- a day begins and is quiet where the person lives
    minute = clock.hour * 60 + clock.minute
    fitted = mind.fitted()
    ordinary = [row for row, state in enumerate(fitted.features.items) if state.kind in ASKABLE]
    midnight = now_ms - (minute * 60 + clock.second) * 1_000
    since = fitted.drift.since
    busy = any(0 <= now_ms - answer.at_ms < BUSY_MS for answer in fitted.answers)
    return Moment(
        understood=acquisition.explained(fitted.mean[ordinary], fitted.variance[ordinary]),
        answers=mind.answer_count,
        since_change=None if since is None else mind.answer_count - since,
        audits=memory.audits,
        outcomes=[glad for _, at, glad in memory.lately if at >= midnight],
        minute=minute,
        quiet=quiet,
        cost=interruption.BUSY if busy else interruption.PAUSE,
    )


async def put_off(database: Database, state: str, now_ms: int) -> None:
    """Do not show this state for a day; the person said `not now`, which is no label."""
    await database.write(lambda connection: items.put_off(connection, state, now_ms))


def _reason(mind: Mind, state: Item) -> str:
    helping = [part for part in mind.parts(state.id) if part.amount > 0][:2]
    names = (
        " and ".join(explanations.briefly(mind.fitted(), state.id, part) for part in helping) or "nothing in particular"
    )
    return f"{mind.predict(state.id).probability:.0%} likely that you agree, mostly for {names}."
