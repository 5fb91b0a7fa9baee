"""The first statements: enough to ask, each once, and their shipped embeddings are the encoder's."""

import hashlib

import numpy as np
import pytest

from weal_node.mind.seed_statements import make, starter, starter_embeddings


def test_there_are_some_two_dozen_different_ones_with_their_embeddings() -> None:
    items = starter()
    assert len(items) >= 20
    assert len({item.id for item in items}) == len(items)
    names = {hashlib.sha256(item.text.encode()).hexdigest() for item in items}
    assert set(starter_embeddings()) == names


@pytest.mark.slow
def test_the_shipped_embeddings_are_the_encoders() -> None:
    made, shipped = make(), starter_embeddings()
    assert made.keys() == shipped.keys()
    for name, vector in made.items():
        np.testing.assert_allclose(shipped[name], vector, atol=1e-5)
