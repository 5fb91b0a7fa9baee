"""What the community says of a text: the table first, a map for the rest, nothing before a release."""

import numpy as np
import pytest

from weal_node.records import Item
from weal_node.reward.bias import bias, fit_map
from weal_protocol.representation import AXES, COMPONENTS, SHARED, Representation, empty


def released(n: int, slope: float) -> tuple[Representation, dict[str, np.ndarray]]:
    generator = np.random.default_rng(5)
    items = tuple(sorted(f"{number:064x}" for number in range(n)))
    components = {item: generator.normal(size=COMPONENTS) * 0.5 for item in items}
    values = np.array([0.3 + slope * components[item][0] for item in items])
    return Representation(
        items, values, np.full(n, 0.1), np.zeros((n, AXES)), np.zeros(SHARED), np.eye(SHARED), 1
    ), components


def test_the_map_speaks_for_statements_and_the_table_draws_its_items_by_how_well_it_knows_them() -> None:
    representation, components = released(200, slope=2.0)
    text = fit_map(representation, components)
    direction = np.zeros((2, COMPONENTS))
    direction[1, 0] = 1.0
    known = Item(representation.items[0], "known")
    fresh = Item("f" * 64, "fresh")
    biases = bias([known, fresh], direction, representation, text)
    trust = 0.7**2 / (0.7**2 + 0.1**2)  # the bias's own error is 0.1
    assert biases[0] == pytest.approx(trust * representation.bias[0] + (1 - trust) * text.constant)
    assert 1.2 < biases[1] < 2.6  # 0.3 + 2.0, shrunk


def test_a_small_release_makes_no_map_and_deals_have_no_bias() -> None:
    representation, components = released(10, slope=2.0)
    text = fit_map(representation, components)
    assert text.constant == 0.0
    assert not text.slopes.any()
    option = Item("e" * 64, "You give nothing.", "option")
    assert bias([option], np.ones((1, COMPONENTS)), *released(200, 2.0)[:1], fit_map(*released(200, 2.0)))[0] == 0.0


def test_before_any_release_everything_is_zero() -> None:
    text = fit_map(empty(), {})
    assert bias([Item("a" * 64, "a")], np.ones((1, COMPONENTS)), empty(), text)[0] == 0.0
