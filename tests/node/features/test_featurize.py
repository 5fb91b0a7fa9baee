"""phi(x): constant, axes where the release knows the item, components, hours."""

import math

import numpy as np

from weal_node.features.featurize import featurize
from weal_node.features.layout import DIMENSIONS, HOURS_GIVEN, HOURS_RECEIVED, NAMES
from weal_node.records import Item
from weal_protocol.representation import AXES, COMPONENTS, SHARED, Representation


def test_a_state_becomes_its_features() -> None:
    item = "a" * 64
    axes = np.array([[0.1, 0.2, 0.3]])
    release = Representation((item,), np.zeros(1), np.ones(1), axes, np.zeros(SHARED), np.eye(SHARED), 1)
    option = Item("b" * 64, "You give 2 hours.", "option", 2.0, 3.0)
    phi = featurize([Item(item, "text"), option], np.ones((2, COMPONENTS)), release)
    assert phi.shape == (2, DIMENSIONS) == (2, len(NAMES))
    assert (phi[:, 0] == 1).all()
    assert phi[0, 1 : 1 + AXES].tolist() == [0.1, 0.2, 0.3]
    assert not phi[1, 1 : 1 + AXES].any()
    assert phi[1, HOURS_GIVEN] == 2.0
    assert phi[1, HOURS_RECEIVED] == math.log1p(3.0)
