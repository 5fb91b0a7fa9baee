"""What the person is likely glad of, where the gate lets the agent speak.

Nothing here is done for the person: a card is a question. One about what is unlike anything they judged says so (decisions/0005).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

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
    shown, fresh = await asyncio.to_thread(
        _choose, mind, memory, now_ms, quiet
    )  # thousands of states would hold up the page
    if fresh:
        guesses = [(card.state.id, card.judgement.probability) for card in fresh]
        await database.write(lambda connection: gate.deliver(connection, guesses, now_ms, since))
    return shown


def _choose(mind: Mind, memory: _NoveltyMemory, now_ms: int, quiet: Quiet) -> tuple[Today, tuple[Card, ...]]:
    """Return what to show, and which of it is new."""
    open_states, ruled_out = _open(mind, memory)
    waiting: set[str] = set()  # shown today, and not answered
    delivered: set[str] = set()
    for state_id, _, glad in memory.lately:
        delivered.add(state_id)
        if glad is None:
            waiting.add(state_id)
    likely = [(mind.predict(state.id), state) for state in open_states]
    likely.sort(key=lambda pair: (-pair[0].probability, pair[1].id))
    still, new = list[tuple[Prediction, Item]](), list[tuple[Prediction, Item]]()
    for pair in likely:
        if pair[1].id in waiting:
            still.append(pair)
        elif pair[1].id not in delivered:
            new.append(pair)
    moment = _moment(mind, memory, now_ms, quiet)
    bar, why = threshold(moment.cost), silence(moment)
    room = 0 if why else min(CARDS - len(still), interruption.budget(moment.outcomes))
    fresh = [pair for pair in new if pair[0].probability > bar][: max(0, room)]
    cards: list[Card] = []
    unknown = _on_new_ground(mind)
    for prediction, state in [*still, *fresh][:CARDS]:
        reason = _reason(mind, state) + (NEW_GROUND if unknown(state) else "")
        cards.append(_card(memory, state, reason, prediction))
    held_back: list[Card] = []
    for prediction, state in new[len(fresh) :][:CARDS]:
        held_back.append(_card(memory, state, _held(prediction.probability, bar, why), prediction))
    return Today(tuple(cards), tuple(held_back), why, ruled_out), tuple(cards[len(still) :])


def _on_new_ground(mind: Mind) -> Callable[[Item], bool]:
    """Return what says of a state whether it is unlike anything that was judged."""
    features = mind.fitted().features
    known = in_support(mind.fitted(), features.phi, features.components)
    return lambda state: not known[features.index[state.id]]


def _card(memory: _NoveltyMemory, state: Item, reason: str, prediction: Prediction) -> Card:
    return Card(state, reason, prediction, _cited(memory, state), _model(memory, state))


def _held(probability: float, bar: float, why: str) -> str:
    """Return why something is held back. bar: what its probability had to pass now.  why: of a silence, "" for none."""
    if probability <= threshold(interruption.PAUSE):
        return UNSURE
    return why or (LATER if probability > bar else PAUSED)


def _cited(memory: _NoveltyMemory, state: Item) -> tuple[Citation, ...]:
    proposal = memory.made.get(state.id)
    return proposal.citations if proposal else ()


def _model(memory: _NoveltyMemory, state: Item) -> str:
    proposal = memory.made.get(state.id)
    return proposal.source if proposal and proposal.kind == "draft" else ""


async def model_of(database: Database, state: str) -> str:
    """Return which model wrote a state, as the person named it; "" where none did."""
    proposal = (await database.read(proposals.every)).get(state)
    return proposal.source if proposal and proposal.kind == "draft" else ""


def _open(mind: Mind, memory: _NoveltyMemory) -> tuple[list[Item], int]:
    """Return the states that nothing keeps from being shown, and how many a veto does."""
    answered = set(map(itemgetter(0), mind.answers_on_items()))
    standing = vetoes(mind.edits())
    allowed: list[Item] = []
    ruled_out = 0
    for state in mind.items():
        if state.kind not in ASKABLE | {"note"} and state.id not in memory.made:
            continue
        if _model(memory, state) and instructs(state.text):  # by an earlier version, which let more pass
            continue
        if vetoed(state, standing):
            ruled_out += 1
        elif state.id not in answered and state.id not in memory.put_off:
            allowed.append(state)
    return allowed, ruled_out


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
    names = [explanations.briefly(mind.fitted(), state.id, part, mind.language) for part in helping]
    probability = mind.predict(state.id).probability
    return f"{probability:.0%} likely that you agree, mostly for {' and '.join(names) or 'nothing in particular'}."
