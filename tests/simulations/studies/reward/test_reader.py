"""The study of a reader: who has only the words of sentences, guesses by what is near to them, and is held against base and model."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest

from support.minds import about as meaning_of
from support.minds import vectors
from weal_node.features.encoder import Encoder
from weal_node.mind import reading
from weal_node.mind.feature_space import feature_space, from_centre
from weal_node.mind.reading import Strength
from weal_node.mind.sentences import Portrait, Sentence
from weal_node.mind.subjects import Kind
from weal_node.mind.wording import Sureness
from weal_node.records import Item
from weal_node.reward.residual import of_length_one
from weal_protocol.representation import empty
from weal_simulations.studies.reward import reader

ITEM = Item("a" * 64, "a garden")


class Words(reader.Words):
    """Stands for the encoder: what is read is written down. read: the words, in order."""

    def __init__(self) -> None:
        self.read = list[str]()

    def direction(self, words: str) -> np.ndarray:
        self.read.append(words)
        return np.asarray(of_length_one(meaning_of("gardening")[None])[0])


def sentence(kind: Kind, key: str, about: str, liked: bool, strength: Strength) -> Sentence:
    """One whose exact amount says the opposite of its words."""
    wrong = -9.0 if liked else 9.0
    return Sentence(kind, key, about, "", liked, strength, Sureness.SURE, wrong, 1.0, 0.0, ())


def read(*said: Sentence) -> tuple[np.ndarray, list[str]]:
    words, known = Words(), feature_space([ITEM], vectors([ITEM.text]), empty())
    texts = np.vstack([words.direction(""), -words.direction("")])
    words.read.clear()
    return reader.read_by(Portrait(said, (), 10.0), known, texts, words), words.read


def test_a_reader_goes_by_the_words_alone() -> None:
    general = sentence(Kind.GENERAL, "", "", liked=False, strength=Strength.LITTLE)
    garden = sentence(Kind.PUBLIC, "gardening", "gardening", liked=True, strength=Strength.MUCH)
    own, words = read(general, garden)
    assert words == ["gardening"]
    assert own[1] == pytest.approx(-reading.AMOUNTS[Strength.LITTLE])
    assert 0.0 < own[0] < reading.AMOUNTS[Strength.MUCH]


def test_an_example_is_read_as_the_text_that_it_quotes() -> None:
    _, words = read(sentence(Kind.EXAMPLE, ITEM.id, "things like “a garden”", liked=True, strength=Strength.PLAIN))
    assert words == ["a garden"]


def test_who_has_read_nothing_adds_nothing() -> None:
    assert read()[0].tolist() == [0.0, 0.0]


@pytest.mark.slow
def test_the_study_measures_both_ways_of_knowing_and_its_floors() -> None:
    study = reader.run(3, 4, lambda share, what: None)
    assert {row["method"] for row in study.rows} == {"beside a release", "alone"}
    assert {row["k"] for row in study.rows} == set(reader.KNOWN)
    alone = [row for row in study.rows if row["method"] == "alone"]
    assert {row["accuracy base"] for row in alone} == {0.5}
    for row in study.rows:
        assert 0.0 <= float(row["sentences"]) <= 15.0
    assert len(study.floors) == 8


def test_words_are_read_once() -> None:
    """The encoder takes seconds to load: another reads here."""
    asked = list[str]()

    class Reads:
        def embed(self, texts: Sequence[str]) -> np.ndarray:
            asked.extend(texts)
            return vectors(texts)

    words = reader.Words(cast(Encoder, Reads()))
    first, again = words.direction("tea"), words.direction("tea")
    assert asked == ["tea"]
    assert np.array_equal(first, again)
    assert np.linalg.norm(first) == pytest.approx(1.0)
    assert np.allclose(first, of_length_one(from_centre(vectors(["tea"])))[0])
