"""Does a release predict this person's own answers as well as what the node uses now? Pure.

Answers are divided by question into FOLDS parts. For each part the model learns from all others, under the old
representation and under the new one, and says how likely the part's answers were. Compared are paired differences of
log-loss, one an answer, as of two forecasters on the same events (Diebold and Mariano 1995). Nothing leaves the node.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.mind.feature_space import FeatureSpace, feature_space
from weal_node.mind.fitted_model import FittedModel, fit
from weal_node.records import Answer
from weal_node.reward import edit, model
from weal_node.reward.calibration import log_loss
from weal_node.reward.head import GRADES, YES
from weal_node.reward.prediction import predict
from weal_protocol.representation import Representation

Array = npt.NDArray[np.float64]
FOLDS = 5  # this and what follows: node/decisions/0006
FEWEST = 10  # held-out answers below which a trial says nothing
NEWEST = 300  # answers that are tried on: a trial costs 2 FOLDS fits
CHANCE = 1.0  # standard errors within which two releases count as equal
MARGIN = 0.002  # nats within which they do too: nobody would notice


@dataclass(frozen=True, slots=True)
class Backtest:
    """answers: held out.  old, new: mean log-loss (nats an answer) under what is used and under what is tried.
    error: standard error of new - old."""

    answers: int
    old: float = 0.0
    new: float = 0.0
    error: float = 0.0

    @property
    def told(self) -> bool:
        """Whether there were answers enough to say anything."""
        return self.answers >= FEWEST

    @property
    def worse(self) -> bool:
        """Whether the new one predicts worse, by more than chance plays."""
        return self.told and self.new - self.old > CHANCE * self.error + MARGIN

    @property
    def better(self) -> bool:
        """Whether the new one predicts better, by more than chance plays."""
        return self.told and self.old - self.new > CHANCE * self.error + MARGIN


def trial(fitted: FittedModel, representation: Representation) -> Backtest:
    """Return how this release does against the one that the belief stands on. Seconds of work with many answers."""
    on, log = fitted.features, fitted.answers
    questions = [answer for answer in log if _tried(answer, on)][-NEWEST:]
    if len(questions) < FEWEST:
        return Backtest(len(questions))
    other_features = feature_space(on.items, on.vectors, representation, on.concepts, on.edits).seeing(on.public)
    old, new = losses(on, log, questions), losses(other_features, log, questions)
    difference = new - old
    error = float(difference.std(ddof=1)) / math.sqrt(len(questions))
    return Backtest(len(questions), float(old.mean()), float(new.mean()), error)


def losses(on: FeatureSpace, log: Sequence[Answer], questions: Sequence[Answer]) -> Array:
    """Return the log-loss (n,) of each of these answers, said by a model that did not know its question's answer."""
    log_losses = np.zeros(len(questions))
    parts = np.array(list(map(_part, questions)))
    for part in range(FOLDS):
        rows = np.flatnonzero(parts == part).tolist()
        if rows:
            rest = [answer for answer in log if _part(answer) != part]
            log_losses[rows] = _losses(on, rest, [questions[row] for row in rows])
    return log_losses


def _losses(on: FeatureSpace, learnt: Sequence[Answer], questions: Sequence[Answer]) -> Array:
    _, _, fitted = fit(on, learnt)
    change, bias = edit.now(on.edits), on.bias_after(fitted.head.answers)
    log_losses = np.zeros(len(questions))
    for place, answer in enumerate(questions):
        ends = np.array([on.index[state] for state in (answer.item, answer.other) if state])
        free, added = change.apply(on.phi[ends], on.names)
        head, alike, _ = model.predict(fitted, free, on.space.at(ends))
        signs = np.array([1.0, -1.0])[: len(ends)]
        mean = float(signs @ (bias[ends] + added + head + alike))
        variance = float(signs @ model.joint(fitted, free, on.space.at(ends)) @ signs)
        log_losses[place] = log_loss(predict(mean, max(variance, 0.0)).probability, answer.choice in YES)
    return log_losses


def _tried(answer: Answer, on: FeatureSpace) -> bool:
    """Plain answers only: of a rating no yes is said beforehand."""
    return answer.choice not in GRADES and answer.item in on.index and (not answer.other or answer.other in on.index)


def _part(answer: Answer) -> int:
    """Return the part of a question, the same whenever and however often it is asked."""
    question = " ".join(sorted((answer.item, answer.other)))
    return hashlib.sha256(question.encode()).digest()[0] % FOLDS
