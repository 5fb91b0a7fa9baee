"""What a sentence of Mirror says: direction, strength and sureness in words, always the same ones. Pure."""

import math
from collections.abc import Mapping
from enum import IntEnum

from weal_node.mind.reading import Strength
from weal_node.mind.subjects import Kind
from weal_node.records import Answer, Choice

# Of a node alone, by whether it is liked; {} is what the sentence is about.
_ALONE = {
    (True, Strength.LITTLE): "You like {} a little.",
    (True, Strength.PLAIN): "You like {}.",
    (True, Strength.MUCH): "You like {} very much.",
    (True, Strength.FAR): "You nearly always want {}.",
    (False, Strength.LITTLE): "You are not keen on {}.",
    (False, Strength.PLAIN): "You would rather not have {}.",
    (False, Strength.MUCH): "You do not want {}.",
    (False, Strength.FAR): "You hardly ever want {}.",
}
_ALONE_GENERAL = {
    (True, Strength.LITTLE): "You say yes a little more often than no.",
    (True, Strength.PLAIN): "You say yes more often than no.",
    (True, Strength.MUCH): "You say yes to most of what you are asked.",
    (True, Strength.FAR): "You say yes to nearly everything you are asked.",
    (False, Strength.LITTLE): "You say no a little more often than yes.",
    (False, Strength.PLAIN): "You say no more often than yes.",
    (False, Strength.MUCH): "You say no to most of what you are asked.",
    (False, Strength.FAR): "You say no to nearly everything you are asked.",
}
# Beside a release, against what is expected of anybody there.
_BESIDE = {
    (True, Strength.LITTLE): "You like {} a little more than most people.",
    (True, Strength.PLAIN): "You like {} more than most people.",
    (True, Strength.MUCH): "You like {} much more than most people.",
    (True, Strength.FAR): "You like {} far more than almost anybody.",
    (False, Strength.LITTLE): "You like {} a little less than most people.",
    (False, Strength.PLAIN): "You like {} less than most people.",
    (False, Strength.MUCH): "You like {} much less than most people.",
    (False, Strength.FAR): "You like {} far less than almost anybody.",
}
_BESIDE_GENERAL = {
    (True, Strength.LITTLE): "You say yes a little more often than most people.",
    (True, Strength.PLAIN): "You say yes more often than most people.",
    (True, Strength.MUCH): "You say yes much more often than most people.",
    (True, Strength.FAR): "You say yes far more often than almost anybody.",
    (False, Strength.LITTLE): "You say no a little more often than most people.",
    (False, Strength.PLAIN): "You say no more often than most people.",
    (False, Strength.MUCH): "You say no much more often than most people.",
    (False, Strength.FAR): "You say no far more often than almost anybody.",
}


class Sureness(IntEnum):
    """How sure something is; the number is that of the dots."""

    NOT_KNOWN = 0
    LEANING = 2
    FAIRLY_SURE = 3
    SURE = 4

    @property
    def words(self) -> str:
        """The same in words."""
        return self.name.lower().replace("_", " ")


# Probability that the direction is right, from which a word stands: chosen, so that they come true in about 9, 8 and 6 of 10.
LEAST_SURE = {Sureness.SURE: 0.9, Sureness.FAIRLY_SURE: 0.75, Sureness.LEANING: 0.6}


def sureness(mean: float, sd: float) -> Sureness:
    """Return how sure it is on which side of nothing an amount lies, by its mean and sd."""
    if sd <= 0.0:
        return Sureness.SURE if mean else Sureness.NOT_KNOWN
    right = 0.5 * (1.0 + math.erf(abs(mean) / sd / math.sqrt(2.0)))
    for word, least in LEAST_SURE.items():
        if right >= least:
            return word
    return Sureness.NOT_KNOWN


def sentence(kind: Kind, about: str, liked: bool, grade: Strength, beside_release: bool) -> str:
    """Return the sentence. about: what it names, in words; "" in general."""
    if kind is Kind.GENERAL:
        return (_BESIDE_GENERAL if beside_release else _ALONE_GENERAL)[liked, grade]
    return (_BESIDE if beside_release else _ALONE)[liked, grade].format(about)


_GONE = "something that is gone"
_SAID = {Choice.ACCEPT: "yes to", Choice.REJECT: "no to"}


def answer(given: Answer, texts: Mapping[str, str]) -> tuple[str, str, str]:
    """Return what was answered as (before, text, after), of which the text is what was chosen or asked about. texts: by item id."""
    text = texts.get(given.item, _GONE)
    if not given.other:
        return _SAID.get(given.choice, f"{given.choice} of 5 for"), text, ""
    other = texts.get(given.other, _GONE)
    better, worse = (text, other) if given.choice == Choice.FIRST else (other, text)
    return "", better, f"rather than {worse}"


def line(given: Answer, texts: Mapping[str, str]) -> str:
    """Return the same as one line of text."""
    before, text, after = answer(given, texts)
    return f"{before} “{text}”" if before else f"“{text}” {after}"
