"""The public projection: its shape, and rows that do not depend on their company."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from weal_node.features.fit_projection import statements
from weal_node.features.projection import SPREAD, fit, shipped
from weal_node.features.weights import WIDTH
from weal_protocol.representation import COMPONENTS

EMBEDDINGS = np.random.default_rng(1).normal(size=(300, WIDTH)).astype(np.float32)
TOGETHER = shipped().apply(EMBEDDINGS)


@given(st.integers(0, 299), st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_a_texts_components_are_the_same_bits_in_any_company(first: int, length: int) -> None:
    part = shipped().apply(EMBEDDINGS[first : first + length])
    assert part.tobytes() == TOGETHER[first : first + length].tobytes()


def test_a_fit_is_centred_and_spread_as_promised() -> None:
    fitted = fit(EMBEDDINGS)
    components = (EMBEDDINGS - fitted["centre"]) @ fitted["directions"]
    assert components.shape == (300, COMPONENTS)
    assert abs(components.std() - SPREAD) < 1e-6
    assert np.abs(components.mean(0)).max() < 1e-5
    again = fit(EMBEDDINGS[::-1])
    assert np.abs(again["directions"] - fitted["directions"]).max() < 1e-6


def test_the_statements_are_many_and_each_there_once() -> None:
    texts = statements()
    assert len(texts) >= 250
    assert len(set(texts)) == len(texts)
