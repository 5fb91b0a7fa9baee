"""The study of universes: the same luck everywhere, silence where nothing is known, and a reward that knows its person wins."""

import numpy as np
import pytest

from weal_node.reward.posterior import Posterior
from weal_simulations.studies.reward import universes
from weal_simulations.worlds.lives import KINDS, OPTIONS, WIDTH, life

pytestmark = pytest.mark.slow


def test_who_knows_the_taste_and_the_future_is_happiest() -> None:
    world = life(np.random.default_rng(1))
    best = world.happiness(world.pick(world.worth() @ world.taste)).mean()
    own = [world.happiness(world.own(kind, np.random.default_rng(2))).mean() for kind in KINDS]
    assert best >= max(own)
    assert own[-1] > own[0]  # near-optimal against impulsive
    assert (world.happiness(world.offers[:, :, 0]) == world.happiness(world.offers[:, :, 0])).all()


def test_an_agent_that_knows_nothing_is_silent_and_one_that_is_sure_acts() -> None:
    world = life(np.random.default_rng(3))
    own, chosen = world.own("impulsive", np.random.default_rng(4)), world.pick(world.worth() @ world.taste)
    nothing = Posterior(np.zeros(WIDTH), np.eye(WIDTH), 0)
    foreseen = world.worth()
    assert foreseen.shape == (OPTIONS, WIDTH)
    silent = universes.gated(world, foreseen, nothing, own, chosen, np.random.default_rng(5))
    assert (silent == own).all()
    knowing = Posterior(world.taste * 3, np.eye(WIDTH) * 1e-6, 40)
    acted = universes.gated(world, foreseen, knowing, own, chosen, np.random.default_rng(5))
    assert (acted != own).any()
    assert world.happiness(acted).mean() > world.happiness(own).mean()


def test_one_person_lives_in_all_universes_and_the_seed_decides() -> None:
    found = universes.live(9, 0)
    assert found == universes.live(9, 0)
    assert found["typical", "gated", 0] == (0.0, 0.0)
    assert {kind for kind, _, _ in found} == set(KINDS)


def test_where_most_people_win_is_a_number_with_an_interval_or_not_known() -> None:
    found = universes.run(9, 3, lambda *_: None).as_json()["rows"]
    crossing = [row for row in found if row["method"] == "crossing"]  # type: ignore[attr-defined]
    assert [row["kind"] for row in crossing] == list(KINDS)
    names = {f"{share} win from k{end}" for share in ("50%", "95%") for end in ("", "_low", "_high")}
    for row in crossing:
        assert set(row) == {"method", "kind", *names}
        assert all(row[name] is None or row[name] in universes.KNOWN for name in names)
    wins = np.array([[0, 0, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0, 1]], float)
    assert universes.first_win(0.5, wins) == 3
    assert universes.first_win(0.95, wins) == 40
    assert universes.first_win(0.95, wins[:, :-1]) == float("inf")
