"""What rounds come to say of kernels is what the nodes' own code says of their answers, one round after the other."""

from dataclasses import replace

import numpy as np
import pytest

from weal_node.features.weights import WIDTH
from weal_node.mind.feature_space import feature_space
from weal_node.records import Answer, Choice, Item
from weal_node.reward import kernels
from weal_node.reward.head import rows
from weal_protocol.kernels import BESIDE_RELEASE
from weal_protocol.representation import empty
from weal_simulations.studies.federation.kernel_rounds import told

DRAW = np.random.default_rng(4)
ITEMS = [Item(f"{number:064x}", f"Thing {number}") for number in range(30)]
VECTORS = DRAW.normal(size=(30, WIDTH)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
ON = feature_space(ITEMS, VECTORS, replace(empty(), number=1))


def logs(steady: bool) -> list[list[Answer]]:
    """Six people; steady: each always says the same of a thing, else by a coin."""
    found = []
    for _ in range(6):
        likes = DRAW.random(len(ITEMS)) < 0.5
        asked = np.tile(DRAW.permutation(10), 4)
        said = [likes[row] if steady else DRAW.random() < 0.5 for row in asked]
        found.append([_answer(number, row, yes) for number, (row, yes) in enumerate(zip(asked, said, strict=True))])
    return found


def _answer(number: int, row: int, yes: bool) -> Answer:
    return Answer(f"{number:032x}", number, ITEMS[row].id, "", Choice.ACCEPT if yes else Choice.REJECT, "teach")


def test_a_round_is_the_mean_of_what_nodes_tell() -> None:
    people, members = logs(steady=True), 50
    said = [kernels.mixture(rows(log, ON.index, ON.phi, ON.bias), ON.prior, ON.space) for log in people]
    heard = members * np.mean(said, 0)
    shares = told(ON, people, members, rounds=1).kernel_shares
    assert shares is not None
    np.testing.assert_allclose(shares, (heard + 10 * BESIDE_RELEASE) / (members + 10))


def test_rounds_lead_to_large_kernels_where_people_are_steady_and_to_none_where_coins_are() -> None:
    steady, coins = (told(ON, logs(one), 500).kernel_shares for one in (True, False))
    assert steady is not None
    assert coins is not None
    assert steady[0] < BESIDE_RELEASE[0] < coins[0]
    once = told(ON, logs(True), 500, rounds=1).kernel_shares
    assert once is not None
    assert steady[0] < once[0]


def test_nobody_says_nothing() -> None:
    shares = told(ON, [], 0).kernel_shares
    assert shares is not None
    assert shares == pytest.approx(BESIDE_RELEASE)
