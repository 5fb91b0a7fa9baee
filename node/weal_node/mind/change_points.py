"""Change points: when the person was seen to change, and in what. They are kept, since the model itself soon believes that they were always so."""

import asyncio
from collections.abc import Sequence
from functools import partial

import numpy as np

from weal_node.mind.fitted_model import FittedModel, fit
from weal_node.records import Answer
from weal_node.reward.drift import LATELY
from weal_node.store import announcements
from weal_node.store.announcements import Announcement
from weal_node.store.database import Database

MOST = 2  # concepts that are named: chosen, as many as one line of a page holds


async def keep_change_point(database: Database, fitted: FittedModel) -> None:
    """Keep the change that is believed now, unless it is kept already and was as sure then."""
    since = fitted.drift.since
    if since is None:
        return
    kept = await database.read(announcements.every)
    known = same(kept, fitted.model.rows.answers, since)
    if known is not None and known.strength >= fitted.drift.strength:
        return
    change = await asyncio.to_thread(describe, fitted, since)
    instead_of = None if known is None else known.since_ms
    await database.write(partial(announcements.keep, changes=change, instead_of=instead_of))


def describe(fitted: FittedModel, since: int) -> Announcement:
    """Return what is to be said of a change from answer `since` on: a fit without what came after shows what moved most, in its own sd."""
    answers, now = fitted.model.rows.answers, fitted.posterior
    _, _, until_then = fit(fitted.features, answers[:since], fitted.drift.blocks)
    before = until_then.head
    moved = np.abs(now.mean - before.mean) / np.sqrt(np.diag(before.covariance) + 1e-12)
    columns = np.argsort(-moved, kind="stable")[:MOST]
    names = [fitted.features.names[column] for column in columns if moved[column] > 0]
    return Announcement(answers[since].at_ms, answers[-1].at_ms, fitted.drift.strength, tuple(names))


def same(kept: Sequence[Announcement], answers: Sequence[Answer], since: int) -> Announcement | None:
    """Return the kept announcement of the change that is believed to have begun with answer `since`, None for a new one.

    Where a change began is known to some answers only, and looks different with each that follows."""
    first = answers[max(0, since - LATELY)].at_ms
    last = answers[min(len(answers) - 1, since + LATELY)].at_ms
    for announcement in reversed(kept):
        if first <= announcement.since_ms <= last:
            return announcement
    return None
