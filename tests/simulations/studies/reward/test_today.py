"""The study of Today: its people like classes of things and some of their own, nothing comes twice, few things are one card a day, and the same seed gives the same week."""

from collections import Counter

import numpy as np
import pytest

from support.minds import by_first_word, vectors
from weal_simulations.studies.reward import today
from weal_simulations.worlds.acts import ACTS

# Sentences of a class near each other, which the encoder is not needed for.
VECTORS = vectors([f"{name} {text}" for name, texts in ACTS.items() for text in texts], by_first_word)


def test_there_are_seven_classes_and_no_sentence_twice() -> None:
    assert len(ACTS) == len(set(today.CLASSES)) == 7
    assert len(set(today.TEXTS)) == len(today.TEXTS) >= max(today.SIZES)


@pytest.mark.slow
def test_what_is_likely_is_welcome_more_often_than_what_is_drawn() -> None:
    lives = [today.live(7, number, 50, VECTORS) for number in range(4)]
    share = {method: np.nanmean([life[method]["accepted"] for life in lives]) for method in today.METHODS}
    assert share["weal"] > share["random"] + 0.15
    assert all(life["weal"]["cards"] == life["weal"]["days"] for life in lives)  # one a day of fifty
    assert all(life["likeliest"]["cards"] == life["weal"]["cards"] for life in lives)


@pytest.mark.slow
def test_the_seed_decides_everything() -> None:
    one, again, other = (today.live(seed, 0, 20, VECTORS) for seed in (7, 7, 8))
    assert str(one) == str(again)  # NaN is not equal to itself
    assert str(one) != str(other)


@pytest.mark.slow
def test_every_floor_is_measured_and_no_sentence_comes_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    weeks: list[today.Week] = []
    lived = today.week

    def week(*arguments: object) -> today.Week:
        weeks.append(lived(*arguments))  # type: ignore[arg-type]
        return weeks[-1]

    monkeypatch.setattr(today, "week", week)
    monkeypatch.setattr(today, "SIZES", (20, 30))
    monkeypatch.setattr("weal_simulations.studies.reward.today.Encoder.load", _Known)
    study = today.run(3, 2, lambda *_: None)
    assert [floor.floor for floor in study.floors] == [1.0, 0.7, 0.2, 0.3]
    assert {row["method"] for row in study.rows} == set(today.METHODS)
    for one in weeks:
        assert max(Counter(place for _, place, *_ in one.brought).values(), default=0) <= 1


class _Known:
    """Stands for the encoder, which takes a second to load."""

    def embed(self, texts: list[str]) -> object:
        """Return what is known of these."""
        assert texts == list(today.TEXTS)
        return VECTORS
