"""Teach: the person answers, the agent guesses and learns. The only page that asks."""

import asyncio
import re
import sqlite3
import uuid

from starlette.requests import Request
from starlette.responses import Response

from weal_node.errors import NotFoundError
from weal_node.mind import questions as question
from weal_node.mind.answers import remember
from weal_node.mind.mind import ASKABLE, Mind
from weal_node.records import Answer, Choice
from weal_node.reward import acquisition
from weal_node.reward.calibration import Guess
from weal_node.reward.head import GRADES, YES
from weal_node.reward.principles import soft, vetoed, vetoes
from weal_node.store import gate, questions
from weal_node.web.desk import Desk
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol.errors import WealError

CHOICES = {"pair": (Choice.FIRST, Choice.SECOND), "single": (Choice.ACCEPT, Choice.REJECT)}


async def see(request: Request) -> Response:
    """GET /teach: one question, and what the agent knows so far."""
    desk = desk_of(request)
    mind = await desk.minded()
    now = desk.now_ms()
    return show(
        request,
        "teach.html",
        question=await question.ask(desk.database, mind, desk.rng, now),
        gesture=uuid.uuid4().hex,
        labels=mind.labels,
        sitting=await question.sitting(desk.database, now),
        ruled_out=ruled_out(mind),
        known=known(mind),
        understood=understood(mind),
        principle=acquisition.ask_principle(mind.labels, len(soft(mind.edits())), desk.principle_dismissed),
    )


async def answer(request: Request) -> Response:
    """POST /teach/answer: fields kind, item, other, choice and, against double taps, gesture."""
    desk = desk_of(request)
    mind = await desk.minded()
    fields = await form(request)
    kind, choice = fields.get("kind", ""), fields.get("choice", "")
    item, other = fields.get("item", ""), fields.get("other", "") if kind == "pair" else ""
    if choice == "skip":
        await question.skip(desk.database, mind, item, other, desk.now_ms())
        return back_to("/teach", "skipped")
    if kind not in CHOICES or choice not in CHOICES[kind]:
        raise WealError("that is not an answer to a question", "Load Teach again")
    label = Answer(
        id=gesture(fields.get("gesture", "")),
        at_ms=desk.now_ms(),
        item=item,
        other=other,
        choice=Choice(choice),
        source="teach",
    )
    right = await learn(desk, mind, label)
    return back_to("/teach", "guessed" if right else "missed")


async def learn(desk: Desk, mind: Mind, label: Answer) -> bool:
    """Store a gesture, then learn from it; say whether the agent had guessed it before.

    The label is on disk when this returns; the new posterior is waited for only as long as a page may wait."""
    known_ids = {state.id for state in mind.states()}
    if label.item not in known_ids or (label.other and label.other not in known_ids) or label.item == label.other:
        raise NotFoundError("there is no such statement", "It may have been taken away: load the page again")
    guessed = Guess(mind.chance(label.item, label.other), label.choice in YES)
    await remember(desk.database, label)
    await desk.database.write(lambda connection: _note(connection, label, guessed))
    learning = asyncio.create_task(mind.relearn())
    desk.learning.add(learning)  # the loop itself keeps only a weak hold
    learning.add_done_callback(desk.learning.discard)
    done, _ = await asyncio.wait({learning}, timeout=desk.settings.label_wait_s)
    if done:
        learning.result()
    return guessed.right


def _note(connection: sqlite3.Connection, label: Answer, guessed: Guess) -> None:
    """Keep the guess, and what came of a suggestion wherever it was answered. The store knows what was drawn at random: a
    form might say anything."""
    if GRADES.get(label.choice) != 3:  # neither yes nor no, so there was nothing to guess
        audit = questions.settle(connection, label.item, label.other)
        gate.guess(connection, label.id, label.at_ms, guessed, audit)
    if not label.other:
        gate.answered(connection, label.item, guessed.yes)


def known(mind: Mind) -> float:
    """Return how much of the prior's uncertainty about this person is gone: 0 to 1, by variance over all concepts."""
    before = sum(part.sd**2 for part in mind.prior_concepts())
    after = sum(part.sd**2 for part in mind.concepts())
    return max(0.0, 1.0 - after / before) if before > 0 else 0.0


def understood(mind: Mind) -> float:
    """Return how much of what scores may be is known, 0 to 1: the posterior R2 over what can be asked about."""
    belief = mind.belief()
    ordinary = [row for row, state in enumerate(belief.ground.states) if state.kind in ASKABLE]
    return acquisition.explained(belief.mean[ordinary], belief.variance[ordinary])


def ruled_out(mind: Mind) -> int:
    """Return how many things can be asked about where the person's vetoes rule out every one of them; else 0."""
    standing, askable = vetoes(mind.edits()), [state for state in mind.states() if state.kind in ASKABLE]
    return len(askable) if standing and all(vetoed(state, standing) for state in askable) else 0


def gesture(given: str) -> str:
    """Return the label id that the form carried, so that a double tap is one gesture; else a new one."""
    return given if re.fullmatch(r"[0-9a-f]{32}", given) else uuid.uuid4().hex
