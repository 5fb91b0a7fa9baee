"""From sums to a representation: without noise the truth comes back; with it, the error says how large it is."""

import numpy as np
import pytest

from weal_coordinator.federation.build import (
    LARGEST_BIAS,
    VARIANCE_CEILING,
    VARIANCE_FLOOR,
    Sum,
    accuracy,
    build,
    kernel_shares,
    overall,
)
from weal_protocol.contribution import BEFORE, FACTORS, LIGHT, contribute, length, units
from weal_protocol.kernels import BESIDE_RELEASE, KERNELS
from weal_protocol.representation import AXES, COMPONENTS, SHARED, SHARED_BEFORE, Representation

ITEMS = tuple(f"{n:064x}" for n in range(6))
ZERO = np.zeros(SHARED)


def summed(yes: list[float], no: list[float], catalogue: tuple[str, ...] = ITEMS, sigma: float = 1.0) -> Sum:
    unit = units(1.0).answer
    total = np.zeros(length(len(catalogue)))
    total[: len(catalogue)], total[len(catalogue) : 2 * len(catalogue)] = np.array(yes) * unit, np.array(no) * unit
    return Sum(catalogue, 100, total, 1.0, sigma, 1.0)


def built(*sums: Sum) -> Representation:
    return build(sums, minimum_judges=10, number=4)


def test_items_that_too_few_judged_are_left_out() -> None:
    made = built(summed([30, 4, 9.9, 10, 0, -3], [20, 5, 0, 0, 10, 20]))
    assert made.items == (ITEMS[0], ITEMS[3], ITEMS[4], ITEMS[5])
    assert made.number == 4
    assert not made.axes.any()
    assert made.axes.shape == (4, AXES)


def test_a_liked_item_is_above_a_disliked_one_and_both_are_bounded() -> None:
    made = built(summed([50, 25, 0, 1e9, 0, 20], [0, 25, 50, 0, 1e9, 20]))
    liked, even, disliked = made.bias[:3]
    assert liked > even > disliked
    assert np.abs(made.bias).max() <= LARGEST_BIAS


def test_more_noise_and_fewer_judges_make_a_larger_error() -> None:
    judged = [200.0, 20, 20, 20, 20, 20]
    quiet, loud = built(summed(judged, judged, sigma=0.1)), built(summed(judged, judged, sigma=5.0))
    assert (loud.bias_sd > quiet.bias_sd).all()
    assert quiet.bias_sd[0] < quiet.bias_sd[1]


def test_where_nobody_answers_noise_names_no_item() -> None:
    catalogue = tuple(f"{n:064x}" for n in range(500))
    deviation = units(1.0).answer ** -1
    yes, no = np.random.default_rng(3).normal(0.0, deviation, (2, 500)).tolist()
    assert sum(a + b >= 10 for a, b in zip(yes, no, strict=True)) > 50
    assert not built(summed(yes, no, catalogue)).items


def test_rounds_with_different_catalogues_are_counted_together() -> None:
    first = summed([6, 6, 6], [0, 0, 0], ITEMS[:3], sigma=0.01)
    second = summed([6, 6, 6, 6], [0, 0, 0, 0], ITEMS[2:], sigma=0.01)
    assert built(first, second).items == (ITEMS[2],)


def test_heads_come_back_as_they_were_said() -> None:
    heads = [np.linspace(-0.2, 0.2, SHARED), np.linspace(0.1, 0.3, SHARED)]
    variance = np.full(SHARED, 0.05)
    total = sum((contribute(ITEMS, (), head, variance, 1.0) for head in heads), np.zeros(length(len(ITEMS))))
    made = built(Sum(ITEMS, 2, total, 1.0, 1.0, 1.0))
    np.testing.assert_allclose(made.prior_mean, (heads[0] + heads[1]) / 2, atol=1e-9)
    expected = np.clip((heads[0] ** 2 + heads[1] ** 2) / 2 + variance - made.prior_mean**2, VARIANCE_FLOOR, None)
    np.testing.assert_allclose(np.diag(made.prior_covariance), expected, atol=1e-9)


def test_the_denominator_is_what_was_expected_not_who_came() -> None:
    head = np.full(SHARED, 0.2)
    total = contribute(ITEMS, (), head, ZERO, 1.0)
    made = built(Sum(ITEMS, 10, total, 0.5, 1.0, 1.0))
    np.testing.assert_allclose(made.prior_mean, head / 5, atol=1e-9)


@pytest.mark.parametrize("size", [1e3, -1e3])
def test_whatever_the_noise_did_the_result_is_a_representation(size: float) -> None:
    noise = np.random.default_rng(1).normal(0.0, abs(size), length(len(ITEMS))) * np.sign(size)
    made = built(Sum(ITEMS, 5, noise, 1.0, 1.0, 1.0))  # Representation itself refuses NaN and a covariance that is none
    assert (np.diag(made.prior_covariance) <= VARIANCE_CEILING).all()


def test_an_empty_catalogue_is_a_release_without_items() -> None:
    assert built(Sum((), 3, np.zeros(length(0)), 1.0, 1.0, 1.0)).items == ()


def asking(places: float, rounds: int = 1, sigma: float = 0.01) -> tuple[Sum, ...]:
    """Forty people who all like the first three items and ask them, and them alone, along the first axis."""
    of_items = np.zeros((len(ITEMS), AXES))
    of_items[:3, 0] = places
    said = [(item, 1) for item in ITEMS[:3]] + [(item, -1) for item in ITEMS[3:]]
    asked = (of_items, np.zeros((COMPONENTS, AXES)))
    one = contribute(ITEMS, said, ZERO, ZERO, 1.0, report=0.8, layout=FACTORS, asked=asked)
    return (Sum(ITEMS, 40, 40 * one, 1.0, sigma, 1.0, FACTORS),) * rounds


def test_items_move_where_they_are_asked_to_and_no_others() -> None:
    made = built(*asking(0.2))
    assert (made.axes[:3, 0] > 0.01).all()
    assert not made.axes[3:].any()
    assert not made.axes[:, 1:].any()
    assert (built(*asking(0.2, rounds=3)).axes[:3, 0] > made.axes[:3, 0]).all()
    assert (built(*asking(-0.2)).axes[:3, 0] < 0).all()


def test_noise_slows_items_down() -> None:
    loud, quiet = built(*asking(0.2, sigma=5.0)), built(*asking(0.2, sigma=0.01))
    assert (np.abs(loud.axes[:3, 0]) < np.abs(quiet.axes[:3, 0])).all()


def test_a_text_map_stands_from_the_first_round_of_factors_on_and_never_without() -> None:
    assert built(*asking(0.0)).text_map.any()
    light = summed([30] * 6, [20] * 6)
    assert not built(light).text_map.any()
    assert not built(light).axes.any()


def test_accuracy_comes_back_with_its_error_and_not_from_noise_alone() -> None:
    share, error = accuracy(asking(0.0, rounds=4, sigma=0.1))
    assert share == pytest.approx(0.8)
    assert 0 < error < 0.1
    empty = Sum(ITEMS, 40, np.zeros(length(len(ITEMS))), 1.0, 1.0, 1.0, LIGHT)
    assert accuracy((empty,)) == (0.0, 0.0)
    assert accuracy(asking(0.0, sigma=3.0)) == (0.0, 0.0)


def test_a_margin_is_an_items_bias_over_the_share_of_yes_of_all() -> None:
    sums = [summed([50, 25, 30, 0, 0, 0], [10, 25, 20, 0, 0, 0], sigma=0.01)]
    made = build(sums, minimum_judges=10, number=1)
    assert made.margin is not None
    np.testing.assert_allclose(made.margin, made.bias + overall(sums))
    assert overall(sums) == pytest.approx(np.log(105 / 55), abs=0.05)
    assert 1 / (1 + np.exp(-made.margin[1])) == pytest.approx(0.5, abs=0.05)


def before(sigma: float = 0.01) -> Sum:
    """A round of an earlier version, whose heads were over components too: everybody liked the first three items."""
    scale, n = units(1.0, LIGHT, BEFORE), len(ITEMS)
    said = np.repeat([40.0, 0.0, 0.0, 40.0], 3)  # yes of the first three, no of the others
    heads = [np.full(SHARED_BEFORE, 8.0) * scale.head, np.full(SHARED_BEFORE, 4.0) * scale.square]
    total = np.concatenate([said * scale.answer, *heads, np.zeros(2)])
    assert len(total) == length(n, LIGHT, BEFORE)
    return Sum(ITEMS, 40, total, 1.0, sigma, 1.0, LIGHT, BEFORE)


def test_rounds_of_an_earlier_version_go_on_counting_by_item_and_for_the_shared_moments() -> None:
    made = built(before())
    assert made.items == ITEMS
    assert (made.bias[:3] > 1).all()
    np.testing.assert_allclose(made.prior_mean, np.full(SHARED, 0.2))
    both = built(before(), summed([20.0] * 6, [20.0] * 6, sigma=0.01))
    assert (both.bias_sd < made.bias_sd).all()


def speaking(people: int, sigma: float, place: int = 11) -> Sum:
    """A round of so many people whose answers all speak for one kernel."""
    one = contribute(ITEMS, (), ZERO, ZERO, 1.0, kernels=np.eye(KERNELS)[place])
    noise = np.random.default_rng(5).normal(0.0, sigma, length(len(ITEMS)))
    return Sum(ITEMS, people, people * one + noise, 1.0, sigma, 1.0)


def test_kernels_are_expected_as_members_answers_speak_for_them() -> None:
    many, few = kernel_shares((speaking(500, 1e-6),)), kernel_shares((speaking(10, 1e-6),))
    assert many is not None
    assert few is not None
    assert many[11] > 0.95
    np.testing.assert_allclose(few, (10 * np.eye(KERNELS)[11] + 10 * BESIDE_RELEASE) / 20, atol=1e-4)
    assert built(speaking(500, 1e-3)).kernel_shares is not None


def test_noise_draws_kernels_to_what_ships_and_noise_alone_says_nothing_of_them() -> None:
    quiet, loud = (kernel_shares((speaking(3000, sigma),)) for sigma in (1.0, 12.0))
    assert quiet is not None
    assert loud is not None
    assert BESIDE_RELEASE[11] < loud[11] < quiet[11]
    assert loud.min() >= 0.0
    assert loud.sum() == pytest.approx(1.0)
    assert kernel_shares((speaking(0, 1.0),)) is None
    assert kernel_shares((speaking(20, 5.0),)) is None
    assert kernel_shares((before(),)) is None
    assert built(before()).kernel_shares is None
