"""The public vocabulary: some three hundred everyday activities, values and topics that have a name, the same for everybody.

An item is about few of them: the FEW that its text is nearest to, and about none where it is near none. A person's model is over
those that their answers were about (`heard`); which these are depends on what was asked, and on no answer's outcome.

`python -m weal_node.features.vocabulary` makes the shipped directions anew after a change of vocabulary.tsv or of the encoder.
"""

import functools
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load, save_file

from weal_node.features.concepts import SAME, Concept, concept
from weal_node.features.encoder import Encoder
from weal_node.features.projection import shipped as projection

Array = npt.NDArray[np.float64]
PUBLIC = "public"  # the kind of such a concept
# By how much the cosine is above that to the whole vocabulary, which differs by kind of text: "Interest in Law" is .3 from anything, a long
# motion .1. Chosen by reading what 45 votes in English and German and 16 tastes are near to; of votes .15 have none so. What named concepts cost and what their prior's variance does: simulations/LOG.md, 2026-11-30, "Named concepts".
FAR, NEAR = 0.17, 0.45  # an item is not about a concept up to the one, and about nothing else from the other
FEW = 3  # concepts that an item is about at most; chosen: more, and its sentence names what it hardly touches
AT_ONCE = 12  # concepts of a person that one answered item is enough for; chosen: the first answers show in Mirror
FEWEST = 2  # answered items from which on any other is; chosen: one says nothing beyond itself
MOST = 48  # of a person's; chosen: each is one more thing to learn, and a page cannot wait for all
FIRST_LANGUAGE = "en"  # in which a concept is named in the edit log
_FOLDER = files("weal_node.features")
_WORDS, _VECTORS = "vocabulary.tsv", "vocabulary.safetensors"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """languages: of the columns, FIRST_LANGUAGE first.  words: a row a concept.  directions: (V, WIDTH), of length one."""

    languages: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    directions: Array

    def name(self, number: int) -> str:
        """Return what a concept goes under."""
        return self.words[number][0]

    def concept(self, number: int) -> Concept:
        """Return a concept of it."""
        return Concept(self.name(number), PUBLIC, self.directions[number])

    def number(self, name: str) -> int | None:
        """Return which concept goes under a name, None where none does."""
        return _numbers().get(name)

    def word(self, name: str, language: str) -> str:
        """Return a concept's name in a language, that in FIRST_LANGUAGE where it has none; other names as they are."""
        number = self.number(name)
        if number is None or language not in self.languages:
            return name
        return self.words[number][self.languages.index(language)]


@functools.cache
def shipped() -> Vocabulary:
    """Return the vocabulary that comes with the program."""
    languages, words = _table()
    return Vocabulary(languages, words, load((_FOLDER / _VECTORS).read_bytes())["directions"].astype(np.float64))


@functools.cache
def _numbers() -> dict[str, int]:
    return {row[0]: number for number, row in enumerate(_table()[1])}


def _table() -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    head, *rows = (_FOLDER / _WORDS).read_text(encoding="utf-8").splitlines()
    return tuple(head.split("\t")), tuple(tuple(row.split("\t")) for row in rows)


@dataclass(frozen=True, slots=True)
class Nearest:
    """What each of n items is about. number: (n, FEW), of concepts.  amount: (n, FEW), 0 where it is not, 1 where it is about nothing else."""

    number: npt.NDArray[np.int64]
    amount: Array

    def columns(self, numbers: Sequence[int]) -> Array:
        """Return (n, len(numbers)): how much each item is about each of these concepts."""
        found = np.zeros((len(self.number), len(numbers)))
        for column, number in enumerate(numbers):
            found[:, column] = np.where(self.number == number, self.amount, 0.0).sum(1)
        return found


def nearest(offsets: Array, known: Nearest | None = None) -> Nearest:
    """Return what texts are about that lie so (n, WIDTH) from the centre of public text. known: of the first of them."""
    start, directions = len(known.number) if known else 0, shipped().directions
    numbers = np.zeros((len(offsets), FEW), np.int64)
    amounts = np.zeros((len(offsets), FEW))
    if known:
        numbers[:start], amounts[:start] = known.number, known.amount
    for row, offset in enumerate(
        offsets[start:], start
    ):  # one by one: the last bit of a product depends on how many rows it has
        cosine = directions @ offset / max(float(np.linalg.norm(offset)), 1e-12)
        amount = np.clip((cosine - cosine.mean() - FAR) / (NEAR - FAR), 0.0, 1.0)
        numbers[row] = np.argsort(-amount, kind="stable")[:FEW]
        amounts[row] = amount[numbers[row]]
    return Nearest(numbers, amounts)


def heard(items: Iterable[int], of: Nearest, held: Iterable[int], but: Container[int]) -> tuple[int, ...]:
    """Return a person's public concepts: `held` and then, in the order of their answers, those that FEWEST answered items are about,
    and of the first AT_ONCE one.

    items: rows of what was answered, in the order of time; so a later answer takes no concept away.  held: concepts that they said
    something about.  but: concepts that have a word of their own."""
    found = dict.fromkeys(held)
    counts = Counter[int]()
    for row in dict.fromkeys(items):
        for number, amount in zip(of.number[row].tolist(), of.amount[row].tolist(), strict=True):
            counts[number] += amount > 0
            if counts[number] >= (1 if len(found) < AT_ONCE else FEWEST) and number not in but:
                found.setdefault(number)
            if len(found) >= MOST:
                return tuple(found)
    return tuple(found)


def with_own_word(own: Sequence[Concept]) -> frozenset[int]:
    """Return the concepts for which the person has a word of their own."""
    if not own:
        return frozenset()
    alike = np.array([one.vector for one in own]) @ shipped().directions.T
    return frozenset(np.flatnonzero((alike >= SAME).any(0)).tolist())


def make() -> dict[str, npt.NDArray[np.float32]]:
    """Return what the shipped file should hold: each concept's direction is what its names in all languages have in common."""
    encoder, centre = Encoder.load(), projection().centre
    made = [concept(row[0], PUBLIC, encoder.embed(list(row)), centre).vector for row in _table()[1]]
    return {"directions": np.array(made, np.float32)}


if __name__ == "__main__":
    with as_file(_FOLDER / _VECTORS) as target:
        save_file(make(), target)
