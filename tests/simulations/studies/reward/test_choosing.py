"""The studies of choice and of questions: worlds are as described, and what is learnt helps."""

import numpy as np
import pytest

from weal_simulations.studies.reward import botorch_peer, goodhart, queries


def test_hazards_and_proxies_are_only_in_proposals() -> None:
    for name in goodhart.WORLDS:
        world = goodhart.World(name, np.random.default_rng(1))
        met, proposed = world.met(2_000), world.proposed(2_000)
        assert abs(float(world.utility(met).mean())) < 0.2
        assert np.abs(proposed).max() > np.abs(met).max()
    proxy = goodhart.World("proxy", np.random.default_rng(2))
    met, proposed = proxy.met(3_000), proxy.proposed(3_000)
    there, here = (np.corrcoef(x[:, goodhart.SEEN], x[:, : goodhart.SEEN] @ proxy.taste)[0, 1] for x in (met, proposed))
    assert there > 0.6 > 0.15 > abs(here)


@pytest.mark.slow
def test_the_supported_choice_does_not_fall_where_the_mean_does() -> None:
    found = [goodhart.live(5, person, "proxy") for person in range(12)]
    last = goodhart.SIZES[-1]
    mean, weal = (np.mean([one[method, last] for one in found]) for method in ("mean", "weal"))
    assert mean < 0 < weal


@pytest.mark.slow
def test_chosen_questions_beat_random_ones() -> None:
    random, weal = (
        np.mean([queries.question(5, person, method)[20][0] for person in range(12)]) for method in ("random", "weal")
    )
    assert weal < random
    assert queries.question(5, 1, "weal") == queries.question(5, 1, "weal")


def test_the_peer_asks_as_the_product_did_until_its_relevance() -> None:
    early = ["best", "learn", "random"] * 3
    assert [queries.as_before(count) for count in range(9)] == early
    assert [queries.as_before(count) for count in (9, 10, 11, 12, 13, 14)] == [
        "best",
        "best",
        "random",
        "best",
        "learn",
        "random",
    ]
    assert [queries.as_before(count) for count in (21, 22, 23)] == ["best", "best", "random"]


@pytest.mark.slow
def test_methods_are_compared_on_the_same_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botorch_peer, "installed", lambda: False)  # which is a matter of the machine
    monkeypatch.setattr(queries, "AT", (5,))
    monkeypatch.setattr(queries, "ASKED", 5)
    monkeypatch.setattr(queries, "PROMISED", {5: 0.36})
    study = queries.run(5, 3, lambda share, what: None)
    means = {(row["taste"], row["method"]): float(row["regret"]) for row in study.rows}
    assert len(means) == 2 * (2 * len(queries.METHODS) - 1)
    for taste in queries.TASTES:
        paired = means[taste, "weal"] - means[taste, "before"]
        assert means[taste, "weal - before"] == pytest.approx(paired)
    assert [floor.name for floor in study.floors] == [
        "queries: regret at 5",
        "queries: dense tastes, regret at 5 over that of before",
    ]


@pytest.mark.slow
def test_botorch_asks_new_pairs_and_learns_from_them() -> None:
    pytest.importorskip("botorch", reason="BoTorch is not installed: pip install botorch")
    phi = np.random.default_rng(1).standard_normal((60, 4))
    peer, asked = botorch_peer.Peer(phi, np.random.default_rng(2)), set()
    for _ in range(12):
        first, second = peer.ask()
        asked.add((first, second))
        peer.learn(first, second, bool(phi[first, 0] > phi[second, 0]))
    assert len(asked) == 12
    assert np.corrcoef(peer.scores(), phi[:, 0])[0, 1] > 0.6
    chances = peer.chances(np.array([int(phi[:, 0].argmax())]), np.array([int(phi[:, 0].argmin())]))
    assert 0.5 < chances[0] < 1
