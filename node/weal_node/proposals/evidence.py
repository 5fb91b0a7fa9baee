"""What every proposal is made of: words that somebody wrote, and where they stand. Nothing here is invented."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
RELEVANCE = 0.7  # of MMR, against novelty; chosen, not tuned: nothing here is shown twice
WORDS = 0.15  # what a standard deviation in words counts, against one in meaning (simulations/LOG.md, 2026-11-30, "Proposals under another encoder")
TOP = 10.0  # of the sum of standard scores: certainly about it; a scale, by which no order changes
ORDINARY = 20  # passages that have nothing to do with a question, counted with what was found; chosen, so that a lone candidate is a measure
ORDINARY_WORDS, ORDINARY_MEANING = (0.05, 0.1), (0.07, 0.07)  # their mean and sd; of meaning as measured there


@dataclass(frozen=True, slots=True)
class Citation:
    """Words of a note. author: hex agent key, "" for this person.  name: what they are called.  path: as in the note's passage.
    quote: a stretch of it, blanks single."""

    author: str
    name: str
    kind: str
    note: str
    path: str
    title: str
    quote: str

    @property
    def who(self) -> str:
        """Whose words these are, in a sentence to this person."""
        return self.name if self.author else "you"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What any source of ideas hands over (today/discovery.keep): rules, a model, or what the person chose on a page of their notes.

    kind: "bridge", "match", "mention", "memory", "recombination", "draft", or "act": its text is something to do.
    text: what is put to the person.  citations: the words it rests on, at least one.
    score: how good the rule thinks it is, 0 to about 1; comparable within a kind only.
    asked_for: the person wants to be reminded of it themself, so no gate stands before it."""

    kind: str
    text: str
    citations: tuple[Citation, ...]
    score: float
    asked_for: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may have to do with a question. question: its number.  words, meaning: how much of the question's words
    it holds, weighed by rarity (0 to 1), and the cosine, both seen from the middle of public text.  vector: of the passage, unit, seen so.  known: largest cosine with anything
    that the person has themself."""

    question: int
    passage: int
    cited: Citation
    words: float
    meaning: float
    vector: Vector
    known: float = 0.0


def relevance(words: Sequence[float], meaning: Sequence[float]) -> list[float]:
    """Return how much each passage has to do with one question, 0 to 1, against all that was found for it.

    Each way of telling is blind where the other sees: names and numbers have no meaning, and synonyms share no letters. A
    sum of standard scores lets a passage stand out in either (Montague and Aslam, "Relevance Score Normalization for
    Metasearch", CIKM 2001). So that a few candidates are a measure too, ORDINARY ones are counted with them.
    """
    if not words:
        return []
    scores = WORDS * _standard(words, ORDINARY_WORDS) + _standard(meaning, ORDINARY_MEANING)
    relevances: list[float] = np.clip(scores / TOP, 0.0, 1.0).tolist()
    return relevances


def _standard(values: Sequence[float], ordinary: tuple[float, float]) -> npt.NDArray[np.float64]:
    sample, (mean, sd) = np.asarray(values, float), ordinary
    count = len(sample) + ORDINARY
    middle = (sample.sum() + ORDINARY * mean) / count
    spread = (((sample - middle) ** 2).sum() + ORDINARY * (sd**2 + (mean - middle) ** 2)) / count
    standard: npt.NDArray[np.float64] = (sample - middle) / np.sqrt(spread)
    return standard


def diverse(
    scores: Sequence[float], vectors: Sequence[Vector], known: Sequence[float], limit: int, weigh: float = RELEVANCE
) -> list[int]:
    """Return places of at most `limit` candidates, each chosen for relevance less its likeness to those before it and to what
    is known already: maximal marginal relevance, Carbonell and Goldstein, SIGIR 1998."""
    left = list(range(len(scores)))
    chosen: list[int] = []
    likeness = [max(0.0, cosine) for cosine in known]
    while left and len(chosen) < limit:
        best = max(left, key=lambda row: (weigh * scores[row] - (1 - weigh) * likeness[row], -row))
        left.remove(best)
        chosen.append(best)
        for row in left:
            likeness[row] = max(likeness[row], float(vectors[row] @ vectors[best]))
    return chosen
