"""Evidence of a concept: what answers add to its weight, exactly."""

import numpy as np
import pytest

from weal_node.features.projection import shipped
from weal_node.features.weights import WIDTH
from weal_node.mind import explanations
from weal_node.mind.feature_space import feature_space
from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.records import Answer, Choice, Item
from weal_protocol.representation import empty

ITEMS = [Item(f"{number:064x}", f"Statement {number}") for number in range(12)]


def believed(count: int) -> FittedModel:
    rng = np.random.default_rng(3)
    vectors = (shipped().centre + 0.1 * rng.standard_normal((len(ITEMS), WIDTH))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    answers = [
        Answer(f"{n:032x}", n, ITEMS[n % 12].id, ITEMS[(n + 5) % 12].id if n % 3 else "", choice, "teach")
        for n in range(count)
        for choice in [(Choice.ACCEPT, Choice.FIRST, Choice.SECOND)[n % 3]]
    ]
    return learn(feature_space(ITEMS, vectors, empty()), answers)


@pytest.mark.parametrize("count", [0, 2, 40, 600])  # in its dual form, and through landmarks
def test_evidence_sums_to_the_weight(count: int) -> None:
    fitted = believed(count)
    evidence = explanations.evidence(fitted, 3)
    for name, weight in zip(fitted.features.names, fitted.posterior.mean, strict=True):
        concept = evidence[name]
        assert concept.prior + sum(amount for _, amount in concept.answers) + concept.others == pytest.approx(
            weight, abs=1e-8
        )
        assert len(concept.answers) <= 3
        assert [abs(amount) for _, amount in concept.answers] == sorted(
            (abs(a) for _, a in concept.answers), reverse=True
        )
