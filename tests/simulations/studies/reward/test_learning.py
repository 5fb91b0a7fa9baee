"""The study of learning on made-up people: it learns, compares fairly, and takes pairs of things without useful text."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from support.minds import vectors
from weal_node.features.weights import WIDTH
from weal_protocol.errors import WealError
from weal_simulations.bench.study import Row
from weal_simulations.studies.reward import learning, peers, promises
from weal_simulations.worlds.choices import ChoicePerson

pytestmark = pytest.mark.slow

ALONE = {"local", "lr", "gp"}
OTHERS = {"global", "fedrep", "lore", "centralised", "mixture"}
WIDE = {
    "weal",
    "weal, alone",
    *ALONE,
    *OTHERS,
    *(f"weal - {peer}" for peer in ALONE | OTHERS),
    *(f"weal, alone - {peer}" for peer in ALONE),
}

# Loading the true encoder takes seconds, and here texts say nothing anyway.
ENCODER = SimpleNamespace(load=lambda: SimpleNamespace(embed=vectors))


def written(folder: Path, people: int, seed: int) -> Path:
    """People with tastes over 30 things that have nothing but a number for a text."""
    draw = np.random.default_rng(seed)
    places, tastes = draw.normal(size=(30, 2)), draw.normal(size=(people, 2))
    lines = []
    for person in range(people):
        for time in range(40):
            a, b = draw.choice(30, 2, replace=False)
            better = draw.random() < 1 / (1 + np.exp(-3 * (places[a] - places[b]) @ tastes[person]))
            lines.append(f"{person},{a},{b},{int(better)},{time}")
    (folder / "items.csv").write_text("id,text\n" + "\n".join(f"{n},number {n}" for n in range(30)))
    (folder / "choices.csv").write_text("person,item,other,choice,time\n" + "\n".join(lines))
    return folder


def test_pairs_of_things_without_useful_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "Encoder", ENCODER)
    found = learning.run(3, 12, lambda *_: None, data=written(tmp_path, 70, 1), splits=1)
    at = {(row["method"], row["k"]): row for row in found.rows if row["regime"] == "seen"}
    assert {str(row["method"]) for row in found.rows} == WIDE
    assert float(at["weal", 20]["accuracy"]) > float(at["global", 0]["accuracy"]) + 0.05
    assert float(at["weal", 20]["log_loss"]) < float(at["weal", 0]["log_loss"])
    for row in found.rows:
        if row["method"] == "weal - lr":
            weal, peer = at["weal", row["k"]], at["lr", row["k"]]
            if row["regime"] == "seen":
                assert float(row["accuracy"]) == pytest.approx(float(weal["accuracy"]) - float(peer["accuracy"]))
                assert float(row["accuracy_low"]) <= float(row["accuracy"]) <= float(row["accuracy_high"])
    lacking = {promises.lacking(collection) for collection in promises.COLLECTIONS}
    assert {floor.lacking for floor in found.floors} == lacking  # they are about other collections
    assert not any(floor.met for floor in found.floors)
    again = learning.run(3, 12, lambda *_: None, data=tmp_path, splits=1)
    assert again.as_json() == found.as_json()


def test_too_few_people_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "Encoder", ENCODER)
    with pytest.raises(WealError, match="24 choices"):
        learning.run(1, 10, lambda *_: None, data=written(tmp_path, 5, 2), splits=1)


def test_auc_counts_pairs() -> None:
    assert learning.auc(np.array([2.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])) == 1
    assert learning.auc(np.array([1.0, 1.0]), np.array([1.0, 0.0])) == 0.5
    assert np.isnan(learning.auc(np.array([1.0]), np.array([1.0])))


def test_what_is_promised_is_held_against_the_collection_it_is_promised_on() -> None:
    row: Row = {"method": "weal, alone - lr", "k": 20, "regime": "seen", "accuracy": -0.02}
    held = {one.name: one for one in promises.floors([row], "/data/tastes")}
    missed = held["learning, tastes: accuracy alone over lr at k = 20"]
    assert (missed.value, missed.met, missed.lacking) == (-0.02, False, "")
    elsewhere = held["learning: accuracy at k = 5"]
    assert elsewhere.lacking == promises.lacking(promises.VOTES)
    assert np.isnan(elsewhere.value)  # no figure of one collection stands for another's
    row["accuracy"] = 0.01
    figures: Row = {"method": "weal", "k": 5, "regime": "seen", "accuracy": 0.7, "log_loss": 0.5}
    votes = {one.name: one for one in promises.floors([figures], "/data/tastes")}["learning: accuracy at k = 5"]
    assert votes.as_json()["value"] is None
    kept = {one.name: one for one in promises.floors([row], "/data/tastes")}
    assert kept["learning, tastes: accuracy alone over lr at k = 20"].met


def test_logistic_regression_alone_learns_what_texts_tell() -> None:
    texts = np.random.default_rng(1).normal(size=(60, WIDTH)).astype(np.float32)
    along = peers.centred(texts) @ np.random.default_rng(2).normal(size=WIDTH)
    item = np.arange(60)
    said = ChoicePerson(item, np.full(60, -1), (along > 0).astype(float))
    known, asked = said.at(item[:40]), said.at(item[:40])
    for peer in (peers.logistic_regression(texts), peers.gaussian_process(texts)):
        mean, variance = peer.predict(known, asked)
        assert ((mean > 0) == (asked.yes > 0.5)).mean() > 0.95
        before = peer.predict(said.at(item[:0]), asked)
        assert (variance < before[1]).all()
        assert not before[0].any()


def test_latent_classes_find_two_kinds_of_people() -> None:
    draw, item = np.random.default_rng(3), np.arange(20)
    kinds = [np.where(item < 10, 1.0, 0.0), np.where(item < 10, 0.0, 1.0)]
    people = [ChoicePerson(item, np.full(20, -1), kinds[int(draw.integers(2))]) for _ in range(40)]
    found = peers.mixture(people, np.ones(20, bool), draw.normal(size=(20, 24)), 1)
    known = ChoicePerson(item[:3], np.full(3, -1), kinds[0][:3])
    mean, _ = found.predict(known, ChoicePerson(item, np.full(20, -1), kinds[0]))
    assert ((mean > 0) == (kinds[0] > 0.5)).all()
