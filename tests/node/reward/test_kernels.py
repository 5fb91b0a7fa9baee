"""Which kernels a taste wants: the evidence is the integral it stands for, few answers move little, and a log decides it alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.features.layout import DIMENSIONS
from weal_node.features.weights import WIDTH
from weal_node.records import Answer, Choice
from weal_node.reward import kernels
from weal_node.reward.head import Rows, rows
from weal_node.reward.posterior import log_likelihood, slopes
from weal_node.reward.prior import Prior, built_in
from weal_node.reward.residual import ALONE, before_answers, landmarks, of_length_one, space
from weal_protocol.kernels import BESIDE_RELEASE, GRID, KERNELS
from weal_protocol.representation import empty

COUNT = 40
DRAW = np.random.default_rng(8)
DIRECTIONS = of_length_one(DRAW.normal(size=(COUNT, WIDTH)))
THERE = space(DIRECTIONS, landmarks(DIRECTIONS[:12]))
ITEMS = [f"{number:064x}" for number in range(COUNT)]
INDEX = {item: row for row, item in enumerate(ITEMS)}
NOTHING = np.zeros((COUNT, DIMENSIONS))


def read(answers: list[Answer]) -> Rows:
    return rows(answers, INDEX, NOTHING, np.zeros(COUNT))


def pairs(scores: np.ndarray, n: int) -> list[Answer]:
    """Comparisons among the first twelve items, decided by these scores."""
    draw = np.random.default_rng(n)
    found = []
    for number in range(n):
        a, b = draw.choice(12, 2, replace=False)
        choice = Choice.FIRST if scores[a] > scores[b] else Choice.SECOND
        found.append(Answer(f"{number:032x}", number, ITEMS[a], ITEMS[b], choice, "teach"))
    return found


def test_the_evidence_of_one_answer_is_the_integral() -> None:
    one = read([Answer("a", 1, ITEMS[0], "", Choice.ACCEPT, "teach")])
    for variance in (0.1, 1.0, 4.0):
        said = kernels.evidence(one, np.array([0.3]), np.full((1, 1, 1), variance))[0]
        drawn = 0.3 + np.sqrt(variance) * np.linspace(-8, 8, 4001)
        density = np.exp(-0.5 * np.linspace(-8, 8, 4001) ** 2)
        whole = float((density / (1 + np.exp(-drawn))).sum() / density.sum())
        assert np.exp(said) == pytest.approx(whole, abs=0.02)  # Laplace's approximation of it


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=6), st.sampled_from(list(Choice)))
def test_the_likelihood_has_the_slopes_it_is_climbed_by(scores: list[float], choice: Choice) -> None:
    if choice in {Choice.FIRST, Choice.SECOND}:
        log = [Answer(f"{n}", n, ITEMS[n], ITEMS[n + 1], choice, "teach") for n in range(len(scores))]
    else:
        log = [Answer(f"{n}", n, ITEMS[n], "", choice, "teach") for n in range(len(scores))]
    known, z, step = read(log), np.array(scores), 1e-4
    pull, _ = slopes(known, z)
    for place in range(len(z)):
        up, down = z.copy(), z.copy()
        up[place] += step
        down[place] -= step
        climbed = (log_likelihood(known, up) - log_likelihood(known, down)) / (2 * step)
        assert climbed == pytest.approx(pull[place], abs=1e-4)


def test_nothing_said_leaves_what_was_believed() -> None:
    assert kernels.mixture(read([]), built_in(), THERE).tobytes() == BESIDE_RELEASE.tobytes()


def test_a_strong_taste_among_few_things_takes_large_kernels_and_noise_takes_small_ones() -> None:
    sizes = np.array([one.variance for one in GRID])
    strong = kernels.mixture(read(pairs(DRAW.normal(size=12), 40)), built_in(), THERE)
    noise = [
        Answer(f"{n:032x}", n, one.item, one.other, Choice.FIRST if n % 2 else Choice.SECOND, "teach")
        for n, one in enumerate(pairs(np.zeros(12), 40))
    ]
    random = kernels.mixture(read(noise), built_in(), THERE)
    assert strong @ sizes > 2 * (BESIDE_RELEASE @ sizes)
    assert random @ sizes < BESIDE_RELEASE @ sizes
    assert strong.sum() == pytest.approx(1.0)


def test_only_the_log_decides_in_whatever_order_it_comes() -> None:
    log = pairs(DRAW.normal(size=12), 90)
    extra = Answer("f" * 32, 99, ITEMS[0], "", Choice.ACCEPT, "teach")
    never = kernels.mixture(read(log), built_in(), THERE)
    after = kernels.mixture(read([one for one in [extra, *reversed(log)] if one != extra]), built_in(), THERE)
    assert after.tobytes() == never.tobytes()
    assert kernels.mixture(read([extra, *log]), built_in(), THERE).tobytes() != never.tobytes()


def test_answers_before_the_newest_are_not_asked_again() -> None:
    log = pairs(DRAW.normal(size=12), kernels.HEARD + 30)
    heard, all_of_it = read(log).newest(kernels.HEARD), read(log)
    assert len(heard.outcome) == kernels.HEARD
    assert (
        kernels.mixture(all_of_it, built_in(), THERE).tobytes() == kernels.mixture(heard, built_in(), THERE).tobytes()
    )


def test_alone_a_text_is_all_there_is() -> None:
    sizes = np.array([one.variance for one in GRID])
    assert ALONE @ sizes > 3 * (BESIDE_RELEASE @ sizes)
    assert ALONE.sum() == pytest.approx(1.0)


def test_the_head_has_its_part_in_the_evidence() -> None:
    phi = NOTHING.copy()
    phi[:, 1] = np.linspace(-3, 3, COUNT)
    log = [
        Answer(f"{n:032x}", n, ITEMS[n], "", Choice.ACCEPT if n > COUNT // 2 else Choice.REJECT, "teach")
        for n in range(COUNT)
    ]
    by_head = rows(log, INDEX, phi, np.zeros(COUNT))
    none = list(GRID).index(GRID[0])
    assert kernels.mixture(by_head, built_in(), THERE)[none] > kernels.mixture(read(log), built_in(), THERE)[none]


def test_a_prior_that_forbids_a_kernel_is_kept_to() -> None:
    only = np.zeros(len(GRID))
    only[1] = 1.0
    there = space(DIRECTIONS, landmarks(DIRECTIONS[:12]), only)
    prior = Prior(np.zeros(DIMENSIONS), np.eye(DIMENSIONS), "test")
    assert kernels.mixture(read(pairs(DRAW.normal(size=12), 40)), prior, there)[1] == pytest.approx(1.0)


def test_what_a_community_says_of_kernels_comes_before_what_ships_and_that_before_a_node_alone() -> None:
    released = replace(empty(), number=3)
    told = np.full(KERNELS, 1.0 / KERNELS)
    assert before_answers(empty()).tobytes() == ALONE.tobytes()
    assert before_answers(released).tobytes() == BESIDE_RELEASE.tobytes()
    assert before_answers(replace(released, kernel_shares=told)).tobytes() == told.tobytes()
