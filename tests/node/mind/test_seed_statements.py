"""The first statements: enough to ask, each once, and their shipped embeddings are the encoder's."""

import hashlib

import numpy as np
import pytest

from weal_node.mind.seed_statements import make, starter, starter_embeddings


def test_there_are_some_two_dozen_different_ones_with_their_embeddings() -> None:
    states = starter()
    assert len(states) >= 20
    assert len({state.id for state in states}) == len(states)
    names = {hashlib.sha256(state.text.encode()).hexdigest() for state in states}
    assert set(starter_embeddings()) == names


@pytest.mark.slow
def test_the_shipped_embeddings_are_the_encoders() -> None:
    made, shipped = make(), starter_embeddings()
    assert made.keys() == shipped.keys()
    for name, vector in made.items():
        np.testing.assert_allclose(shipped[name], vector, atol=1e-5)
