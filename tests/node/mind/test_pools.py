"""What is asked about, by where it comes from: two things the person means to do, from two notes, about equally long."""

import random

import numpy as np

from weal_node.features.weights import WIDTH
from weal_node.mind.feature_space import feature_space
from weal_node.mind.fitted_model import learn
from weal_node.mind.pools import ENOUGH, pool
from weal_node.mind.questions import Closed, choose
from weal_node.records import Answer, Choice, Item
from weal_node.store.own_statements import OwnStatement
from weal_protocol.items import item_id
from weal_protocol.representation import empty

ACTS = [Item(item_id(text), text, "own") for text in (f"plant tree number {n} in the yard" for n in range(ENOUGH))]
LIKES = [Item(item_id(text), text, "own") for text in ("long walks", "writing the same code twice")]
BUILT_IN = [Item(item_id(text), text) for text in ("Quiet Sundays", "A big street festival", "Free buses and trains")]
SHARED = [
    Item(item_id(text), text) for text in ("A tax on parking", "Longer library hours", "A new stadium by the river")
]
STARTER = frozenset(item.id for item in BUILT_IN)


def said(item: Item, says: int, note: str) -> OwnStatement:
    return OwnStatement(item.id, says, note, note.title(), f"I said: {item.text}", 0)


OWN = {item.id: said(item, 0, f"note {n // 2}") for n, item in enumerate(ACTS)} | {
    LIKES[0].id: said(LIKES[0], 1, "walks"),
    LIKES[1].id: said(LIKES[1], -1, "code"),
}


def test_built_in_statements_are_for_those_with_nothing_else() -> None:
    few, many = [*ACTS[:3], *BUILT_IN], [*ACTS, *BUILT_IN]
    assert len(pool(few, range(len(few)), OWN, STARTER).rows) == len(few)
    assert [many[row].id in STARTER for row in pool(many, range(len(many)), OWN, STARTER).rows] == [False] * len(ACTS)


def test_what_was_written_as_liked_is_confirmed_and_never_compared() -> None:
    items = [*ACTS, *LIKES]
    found = pool(items, range(len(items)), OWN, STARTER)
    assert [items[row] for row in found.confirmable] == LIKES
    assert all(items[row] in ACTS for row in found.rows)


def test_two_of_one_note_or_of_other_sources_or_of_uneven_length_are_no_question() -> None:
    long = Item(item_id("x"), "plant a row of apple trees along the whole of the western wall", "own")
    items = [ACTS[0], ACTS[1], ACTS[2], SHARED[0], long]
    own = OWN | {long.id: said(long, 0, "orchard")}
    unfit = pool(items, range(5), own, STARTER).unfit
    assert unfit[0, 1]
    assert not unfit[0, 2]
    assert unfit[0, 3]
    assert unfit[0, 4]
    assert not pool(SHARED, range(3), {}, STARTER).unfit[~np.eye(3, dtype=bool)].any()


def test_questions_are_made_of_what_fits_while_there_is_any_and_what_was_refused_is_never_asked() -> None:
    items = [*ACTS[:6], *SHARED]
    vectors = np.random.default_rng(3).normal(size=(len(items), WIDTH)).astype(np.float32)
    on = feature_space(items, vectors, empty())
    fitted, source = learn(on, ()), {item.id: item.kind for item in items}
    for seed in range(30):
        question = choose(fitted, random.Random(seed), own=OWN)
        assert question is not None
        assert question.other is not None
        assert source[question.first.id] == source[question.other.id]
    every = frozenset(frozenset((a.id, b.id)) for n, a in enumerate(items) for b in items[:n])
    assert choose(fitted, random.Random(1), Closed(refused=every), OWN) is None


def test_every_third_question_confirms_what_was_written_until_all_is_said() -> None:
    items = [*ACTS, *LIKES]
    vectors = np.random.default_rng(3).normal(size=(len(items), WIDTH)).astype(np.float32)
    on = feature_space(items, vectors, empty())
    log = [Answer(f"{n:032x}", n, ACTS[n].id, ACTS[n + 2].id, Choice.FIRST, "teach") for n in range(1)]
    asked = choose(learn(on, log), random.Random(1), own=OWN)
    assert asked is not None
    assert asked.kind == "confirm"
    assert asked.first in LIKES
    both = [Answer(f"{9 + n:032x}", n, item.id, "", Choice.ACCEPT, "teach") for n, item in enumerate(LIKES)]
    later = choose(learn(on, [*both, *log, *log[:1]]), random.Random(1), own=OWN)
    assert later is not None
    assert later.kind != "confirm"


def test_every_second_question_is_of_ones_own_words_while_two_of_them_make_one() -> None:
    items = [*ACTS[:4], *BUILT_IN, *SHARED]
    vectors = np.random.default_rng(3).normal(size=(len(items), WIDTH)).astype(np.float32)
    on = feature_space(items, vectors, empty())
    mine = {item.id for item in ACTS}
    for seed in range(20):
        question = choose(learn(on, ()), random.Random(seed), own=OWN)
        assert question is not None
        assert question.other is not None
        assert {question.first.id, question.other.id} <= mine
    fit = [(0, 2), (0, 3), (1, 2), (1, 3)]  # of different notes
    every = [Answer(f"{n:032x}", n, ACTS[a].id, ACTS[b].id, Choice.FIRST, "teach") for n, (a, b) in enumerate(fit)]
    asked = [choose(learn(on, every), random.Random(seed), own=OWN) for seed in range(20)]
    assert any(one is not None and one.first.id not in mine for one in asked)
