"""The public vocabulary: few concepts an item, those first that were heard first, and none that the person has a word of their own for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.minds import about, apart
from weal_node.config import LANGUAGES
from weal_node.features import vocabulary
from weal_node.features.concepts import Concept
from weal_node.features.projection import shipped as projection
from weal_node.features.vocabulary import (
    AT_ONCE,
    FEW,
    FEWEST,
    MOST,
    Nearest,
    heard,
    make,
    nearest,
    shipped,
    with_own_word,
)
from weal_node.features.weights import WIDTH

rows = st.lists(st.integers(0, 29), max_size=120)


def drawn(seed: int, items: int = 30) -> Nearest:
    draw = np.random.default_rng(seed)
    amounts = np.clip(draw.normal(0.3, 0.4, (items, FEW)), 0, 1)
    return Nearest(np.array([draw.choice(70, FEW, replace=False) for _ in range(items)]), amounts)


def test_every_concept_has_one_name_in_every_language_and_no_two_the_same() -> None:
    known = shipped()
    assert known.languages == LANGUAGES
    assert 250 <= len(known.words) <= 400
    assert known.directions.shape == (len(known.words), WIDTH)
    np.testing.assert_allclose(np.linalg.norm(known.directions, axis=1), 1.0, atol=1e-6)
    for names in zip(*known.words, strict=True):
        assert len(set(names)) == len(names)
        assert all(0 < len(name) <= 40 and name == name.strip() for name in names)


def test_a_name_is_shown_in_the_persons_language_and_what_is_none_as_it_is() -> None:
    assert shipped().word("gardening", "de") == "Gartenarbeit"
    assert shipped().word("gardening", "xx") == "gardening"
    assert shipped().word("tag: gardening", "de") == "tag: gardening"


def test_an_item_is_about_few_and_about_none_where_it_is_near_none() -> None:
    offsets = np.array(
        [about("chess"), about("chess") + about("jazz"), -about("chess"), apart("anything"), np.zeros(WIDTH)]
    )
    found = nearest(offsets)
    chess, jazz = shipped().number("chess"), shipped().number("jazz")
    assert chess is not None
    assert jazz is not None
    columns = found.columns([chess, jazz])
    assert columns[0, 0] == 1.0
    assert (columns[1] > 0.3).all()
    assert not columns[2:].any()
    assert not found.amount[3:].any()
    assert ((found.amount > 0).sum(1) <= FEW).all()


def test_what_was_read_before_is_not_read_again_and_reads_the_same() -> None:
    offsets = np.random.default_rng(1).normal(size=(12, WIDTH)) + 30 * about("jazz")
    whole, first = nearest(offsets), nearest(offsets[:5])
    again = nearest(offsets, first)
    for one in (whole, again):
        assert one.number.tobytes() == whole.number.tobytes()
        assert one.amount.tobytes() == whole.amount.tobytes()
    changed = Nearest(first.number, first.amount + 1.0)
    assert (nearest(offsets, changed).amount[:5] > 1.0).any()  # taken as given


@given(rows, rows, st.integers(0, 9))
def test_a_later_answer_takes_no_concept_away(log: list[int], later: list[int], seed: int) -> None:
    of = drawn(seed)
    before, after = heard(log, of, (), ()), heard([*log, *later], of, (), ())
    assert after[: len(before)] == before
    assert len(set(after)) == len(after) <= MOST


@given(rows, st.integers(0, 9), st.sets(st.integers(0, 69), max_size=20), st.lists(st.integers(0, 69), max_size=3))
def test_only_what_several_answered_items_are_about_is_heard_but_what_was_said_something_about_always(
    log: list[int], seed: int, but: set[int], held: list[int]
) -> None:
    of, items = drawn(seed), set(log)
    found = heard(log, of, held, but)
    assert found[: len(set(held))] == tuple(dict.fromkeys(held))
    for place, number in enumerate(found[len(set(held)) :], len(set(held))):
        near = [row for row in items if (of.amount[row][of.number[row] == number] > 0).any()]
        assert len(near) >= (1 if place < AT_ONCE else FEWEST)
        assert number not in but


def test_a_word_of_ones_own_comes_before_the_public_one() -> None:
    number = shipped().number("chess")
    assert with_own_word([Concept("tag: chess club", "tag", about("chess"))]) >= {number}
    assert number not in with_own_word([Concept("tag: soil", "tag", about("gardening"))])
    assert with_own_word([]) == frozenset()


@pytest.mark.slow
def test_the_shipped_directions_are_the_encoders() -> None:
    np.testing.assert_allclose(make()["directions"], shipped().directions, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We should meet and play chess on Sunday", "chess"),
        ("Auf dem Markt Gemüse von hier kaufen", "street markets"),
        ("Un concierto de jazz el sábado", "jazz"),
        ("周末去湖里游泳", "swimming and water"),
    ],
)
def test_a_sentence_in_another_language_is_near_its_concept(text: str, name: str) -> None:
    from weal_node.features.encoder import Encoder

    found = nearest(Encoder.load().embed([text]).astype(np.float64) - projection().centre)
    assert name in [vocabulary.shipped().name(number) for number in found.number[0]]
