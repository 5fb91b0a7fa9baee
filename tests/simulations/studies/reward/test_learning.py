"""The study of learning on made-up people: it learns, compares fairly, and takes pairs of things without useful text."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from support.minds import vectors
from weal_protocol.errors import WealError
from weal_simulations.studies.reward import learning

pytestmark = pytest.mark.slow

WIDE = {"global", "local", "fedrep", "lore", "centralised", "weal"}

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
    assert {(floor.lacking, floor.met) for floor in found.floors} == {
        (learning.LACKING, False)
    }  # about another collection
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
