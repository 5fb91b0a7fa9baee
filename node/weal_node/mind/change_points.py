"""Announce: keep when the person was seen to change, and in what; the model itself soon believes that they were always so."""

import asyncio
from collections.abc import Sequence
from functools import partial

import numpy as np

from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.records import Answer
from weal_node.reward.drift import LATELY
from weal_node.store import announcements
from weal_node.store.announcements import Announcement
from weal_node.store.database import Database

MOST = 2  # concepts that are named


async def announce(database: Database, fitted: FittedModel) -> None:
    """Keep the change that is believed now, unless it is kept already and was as sure then."""
    since = fitted.drift.since
    if since is None:
        return
    kept = await database.read(announcements.every)
    answers = fitted.model.rows.answers
    known = same(kept, answers, since)
    if known is not None and known.strength >= fitted.drift.strength:
        return
    found = await asyncio.to_thread(announcement, fitted, since)
    instead_of = None if known is None else known.since_ms
    await database.write(partial(announcements.keep, found=found, instead_of=instead_of))


def announcement(fitted: FittedModel, since: int) -> Announcement:
    """Return what is to be said of a change from this label on; a fit without what came after shows what moved most, in its own sd."""
    answers, now = fitted.model.rows.answers, fitted.posterior
    before = learn(fitted.features, answers[:since], fitted).posterior
    moved = np.abs(now.mean - before.mean) / np.sqrt(np.diag(before.covariance) + 1e-12)
    most = [fitted.features.names[column] for column in np.argsort(-moved, kind="stable")[:MOST] if moved[column] > 0]
    return Announcement(answers[since].at_ms, answers[-1].at_ms, fitted.drift.strength, tuple(most))


def same(kept: Sequence[Announcement], answers: Sequence[Answer], since: int) -> Announcement | None:
    """Return the kept announcement of the change that is believed to have begun with label `since`, None for a new one.

    Where a change began is known to some labels only, and looks different with each that follows."""
    first = answers[max(0, since - LATELY)].at_ms
    last = answers[min(len(answers) - 1, since + LATELY)].at_ms
    return next((one for one in reversed(kept) if first <= one.since_ms <= last), None)
