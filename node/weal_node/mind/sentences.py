"""What is known of a person as sentences, at most MOST, each with the answers it comes from. Pure.

A sentence claims the mean, over the texts that are about something, of what the whole model says of the person beyond what is expected of
anybody: head and residual together, since most of what is learnt is in the residual. That is linear, so it splits exactly by answer, and its
variance is the model's own. Of all that could be said, sentences are chosen one after another: each is the one that brings a reader of
those before it nearest to what the model says of the known texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.errors import NotFoundError
from weal_node.features import vocabulary
from weal_node.mind import reading, wording
from weal_node.mind.fitted_model import FittedModel
from weal_node.mind.own_scores import OwnScores, own_scores
from weal_node.mind.reading import Read, Strength
from weal_node.mind.subjects import Kind, Subject, is_heard, subjects
from weal_node.mind.wording import Sureness
from weal_node.records import Answer
from weal_node.reward import score_parts

Array = npt.NDArray[np.float64]
MOST = 15  # sentences: what a stranger reads
# Of all that is said with it, as preferred below, from which a sentence is worth reading; tuned with reading.py. Of all there is to say
# beside a release three sentences were left, since most of that is in no text.
WORTH_SAYING = 0.005
# How much more one kind is worth reading than another: chosen, the person's own words first, and an example only where no word says as much.
PREFERRED = {Kind.GENERAL: 1.0, Kind.OWN: 1.25, Kind.PUBLIC: 1.0, Kind.EXAMPLE: 0.5}
ORDER = (Kind.OWN, Kind.PUBLIC, Kind.EXAMPLE, Kind.GENERAL)  # on the page
BEARS = 0.2  # of what the answer adds that says it most clearly, from which an answer stands behind a sentence; chosen


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that is believed of the person.

    kind, key, about: of its subject, in words.  text: the sentence.
    liked: direction.  strength, sureness: in grades.  amount, sd: what is claimed, log-odds above what is expected of anybody.
    before: the part of the amount that is from the person's own changes.  answers: (answer, what it adds), what bears most first; with `before` they sum to `amount`.
    """

    kind: Kind
    key: str
    about: str
    text: str
    liked: bool
    strength: Strength
    sureness: Sureness
    amount: float
    sd: float
    before: float
    answers: tuple[tuple[Answer, float], ...]

    @property
    def bearing(self) -> int:
        """How many answers stand behind it, for or against."""
        amounts = [amount for _, amount in self.answers]
        agreeing = [abs(amount) for amount in amounts if (amount > 0) == self.liked]
        least = BEARS * max(agreeing or map(abs, amounts), default=0.0)
        return sum(abs(amount) >= least > 0.0 for _, amount in self.answers)

    def speaking(self, most: int) -> tuple[tuple[Answer, ...], Answer | None]:
        """Return the answers that say it most clearly, at most so many and none twice, and the one that most says the opposite, where it stands behind it too."""
        on_its_side, against = dict[tuple[str, str, str], Answer](), list[Answer]()
        for answer, amount in self.answers[: self.bearing]:
            if (amount > 0) == self.liked:
                on_its_side.setdefault((answer.item, answer.other, answer.choice), answer)
            else:
                against.append(answer)
        return tuple(on_its_side.values())[:most], (against[0] if against else None)


@dataclass(frozen=True, slots=True)
class Portrait:
    """What is known of a person, in words.

    sentences: in the order in which they are read.  unknown: words for what nothing is known of yet.
    alike: of 10 known texts, for how many a reader of the sentences alone expects the same answer as the model."""

    sentences: tuple[Sentence, ...]
    unknown: tuple[str, ...]
    alike: float


def portrait(fitted: FittedModel, language: str = vocabulary.FIRST_LANGUAGE) -> Portrait:
    """Return the sentences that tell most, and what is not known. language: of the public vocabulary."""
    own = own_scores(fitted)
    able = subjects(fitted, own, language)
    if not able:
        return Portrait((), (), 0.0)
    claims = _Claims.of(own, able)
    heard = [subject for subject in able if is_heard(fitted, subject)]
    of_heard = _Claims.of(own, heard)
    chosen, read = _chosen(own, heard, of_heard)
    said = [_sentence(fitted, own, heard[number], of_heard, number) for number in chosen]
    said.sort(key=lambda sentence: (ORDER.index(sentence.kind), -sentence.sureness, -abs(sentence.amount)))
    unknown = []
    for number, subject in enumerate(able):
        if subject.kind in (Kind.OWN, Kind.PUBLIC) and claims.sure[number] is Sureness.NOT_KNOWN:
            unknown.append(subject.words)
    return Portrait(tuple(said), tuple(unknown), _alike(own, read))


def weight_for(fitted: FittedModel, key: str, amount: float) -> float:
    """Return the weight of a concept with which its sentence would claim this amount, log-odds. NotFoundError where no text is about it."""
    own = own_scores(fitted)
    for subject in subjects(fitted, own, vocabulary.FIRST_LANGUAGE):
        if subject.key == key and subject.kind in (Kind.OWN, Kind.PUBLIC):
            column = fitted.features.names.index(key)
            share = float(subject.weights @ fitted.features.phi[own.rows, column])
            weight = score_parts.weights(fitted.posterior, fitted.change, fitted.features.names)[0][column]
            return float(weight + (amount - subject.weights @ own.mean) / share)
    raise NotFoundError("nothing is known about that", "It may have been taken away: load Mirror again")


def about(fitted: FittedModel, key: str, language: str = vocabulary.FIRST_LANGUAGE) -> Sentence | None:
    """Return what is believed of one concept or example, whether it is among those that tell most or not; None where nothing can be said of it."""
    own = own_scores(fitted)
    for subject in subjects(fitted, own, language):
        if subject.key == key:
            return _sentence(fitted, own, subject, _Claims.of(own, [subject]), 0)
    return None


@dataclass(frozen=True, slots=True)
class _Claims:
    """mean, sd: (s,), of s subjects.  sure: of each."""

    mean: Array
    sd: Array
    sure: tuple[Sureness, ...]

    @classmethod
    def of(cls, own: OwnScores, able: Sequence[Subject]) -> "_Claims":
        weights = np.array([subject.weights for subject in able])
        mean = weights @ own.mean
        sd = np.sqrt(np.maximum(np.einsum("su,su->s", weights @ own.covariance, weights), 0.0))
        return cls(mean, sd, tuple(map(wording.sureness, mean.tolist(), sd.tolist())))


def _chosen(own: OwnScores, able: Sequence[Subject], claims: _Claims) -> tuple[list[int], Read]:
    """Return which subjects to speak of, what tells most first, and what somebody has read then."""
    everything = float((own.mean**2).mean())
    known = {number for number, sure in enumerate(claims.sure) if sure is not Sureness.NOT_KNOWN}
    meant = [reading.meant(amount) for amount in claims.mean.tolist()]
    named = [number for number in sorted(known) if able[number].direction is not None]
    near = dict(zip(named, reading.nearness(own.directions, _directions(able, named)).T, strict=True))
    read, left, chosen = reading.unread(len(own.rows)), everything, list[int]()
    while len(chosen) < MOST and known:
        after = {number: read.after(meant[number], near.get(number)) for number in sorted(known)}
        error = {number: float(((own.mean - then.own()) ** 2).mean()) for number, then in after.items()}
        worth = {number: (left - error[number]) * PREFERRED[able[number].kind] for number in after}
        best = max(worth, key=lambda number: worth[number])
        if worth[best] <= WORTH_SAYING * (everything - error[best]):
            break
        read, left = after[best], error[best]
        chosen.append(best)
        known.discard(best)
    return chosen, read


def _alike(own: OwnScores, read: Read) -> float:
    """Return of 10 known texts for how many a reader who knows what is expected of anybody guesses the same answer as the model."""
    same = (own.anybody + read.own() > 0.0) == (own.anybody + own.mean > 0.0)
    return 10.0 * float(same.mean())


def _directions(able: Sequence[Subject], named: Sequence[int]) -> Array:
    width = vocabulary.shipped().directions.shape[1]
    return np.array([able[number].direction for number in named]).reshape(len(named), width)


def _sentence(fitted: FittedModel, own: OwnScores, subject: Subject, claims: _Claims, number: int) -> Sentence:
    amount = float(claims.mean[number])
    liked, grade = amount >= 0.0, reading.strength(amount)
    beside = fitted.features.representation.number > 0
    added = zip(fitted.model.rows.answers, (own.by_answer @ subject.weights).tolist(), strict=True)
    return Sentence(
        subject.kind,
        subject.key,
        subject.words,
        wording.sentence(subject.kind, subject.words, liked, grade, beside),
        liked,
        grade,
        claims.sure[number],
        amount,
        float(claims.sd[number]),
        float(own.before @ subject.weights),
        tuple(sorted(added, key=lambda pair: -abs(pair[1]))),
    )
