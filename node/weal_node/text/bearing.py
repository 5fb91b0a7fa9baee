"""Whether a passage bears on a question, and how surely: its words, what it means, what its best sentence means. Pure.

Weights and floors were chosen on one half of the questions of the study `ask` and are reported on the other (simulations/LOG.md, 2026-11-30, "Asking").
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from weal_node.text.snippet import alike
from weal_node.text.words import words

COVERAGE, TITLE, CUE = (
    0.4,
    0.1,
    0.05,
)  # what words, those in a title, and a date where a date is asked for weigh beside two cosines
FLOOR = 0.70  # of cosines and half the coverage: below it a passage does not bear on the question
SURE = 1.0  # of the same: from here on the best passage is said to be one, below it the reader is to judge
SENTENCES = 6  # of one passage that are read by themselves
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|(?<=[。！？])|\n+")
_SIGNS = " \t#>*-+"
_DATE = re.compile(
    r"\b\d{4}\b|\b\d{1,2}(?:st|nd|rd|th|\.|:\d\d)|\b(?:jan|feb|mar|apr|may|mai|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-zä]{0,7}\b"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|(?:tag|wochs?)\b",
    re.IGNORECASE,
)
_ASKS = (
    (re.compile(r"^(?:when|wann|cu[aá]ndo|quand|quando|кога|когда)\b", re.IGNORECASE), _DATE),
    (re.compile(r"^(?:who|whom|wer|wem|wen|qui|qui[eé]n|chi|кой|кто)\b", re.IGNORECASE), re.compile(r"[A-ZÀ-ÞА-Я]\w")),
    (re.compile(r"\b(?:how (?:many|much|big|heavy|often|early|long|tall|far)|wie ?viele?|wie oft|combien|cu[aá]nt[oa]s?|колко|сколько)\b", re.IGNORECASE), re.compile(r"\d")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a passage. cosine, sentence: of question and whole passage, and its nearest sentence, relative to public text.
    coverage: share of the question's words, by their rarity, that stand in it or its title, 0 to 1.  cue: whether it holds a date where
    one is asked for, a name for a person, a figure for a number.  titled: share of the words that stand in the title."""

    cosine: float
    sentence: float
    coverage: float
    cue: bool
    titled: float = 0.0

    @property
    def rank(self) -> float:
        """By which passages are ordered."""
        return self.cosine + self.sentence + COVERAGE * self.coverage + CUE * self.cue + TITLE * self.titled

    @property
    def strength(self) -> float:
        """Which FLOOR and SURE are of."""
        return self.cosine + self.sentence + self.coverage / 2

    @property
    def bears(self) -> bool:
        """Whether it may be shown as something that bears on the question."""
        return self.strength >= FLOOR


def rarity(holding: int, total: int) -> float:
    """Return what a word weighs that so many of all passages hold; one that none holds weighs most."""
    return math.log((total + 1) / (holding + 0.5)) if holding else math.log(total + 2)


def coverage(weights: Mapping[str, float], title: str, text: str) -> float:
    """Return the share of the weights of those words, or runs of them, that stand in a text or its title in any form."""
    whole = sum(weights.values())
    if whole <= 0:
        return 0.0
    by_beginning: dict[str, set[str]] = {}
    for word in {*words(title), *words(text)}:
        by_beginning.setdefault(word[:3], set()).add(word)
    held = [weight for term, weight in weights.items() if _stands(term, by_beginning)]
    return sum(held) / whole


def _stands(term: str, by_beginning: Mapping[str, set[str]]) -> bool:
    return all(any(alike(word, wanted) for word in by_beginning.get(wanted[:3], ())) for wanted in term.split())


def cue(question: str, text: str) -> bool:
    """Whether a text holds what kind of thing is asked for: a date for when, a name for who, a figure for how many."""
    begin = question.strip(" ¿¡\"'“„«")[:200]
    return any(asks.search(begin) and kind.search(text) for asks, kind in _ASKS)


def sentences(text: str, weights: Mapping[str, float]) -> tuple[str, ...]:
    """Return the sentences of a passage that are worth reading by themselves, in their order: those with most of the question's words, the
    earlier before the later. () of a passage that is one sentence."""
    every = [part.strip(_SIGNS) for part in _SENTENCE.split(text)]
    several = [part for part in every if len(part) > 2]
    if len(several) < 2:
        return ()
    order = sorted(range(len(several)), key=lambda place: (-coverage(weights, "", several[place]), place))
    return tuple(several[place] for place in sorted(order[:SENTENCES]))


def heading(before: Sequence[str], text: str, at: int) -> str:
    """Return the last Markdown heading above a place in a passage. before: the passages of its note that stand before it."""
    above = [*before, text[:at] if at else text.split("\n", 1)[0]]
    for part in reversed(above):
        lines = [line for line in part.splitlines() if line.startswith("#")]
        named = [line.lstrip("#").strip() for line in lines if line.lstrip("#").startswith(" ")]
        if named:
            return named[-1]
    return ""
