"""What was believed as answers came in: from before any of them to what is believed now."""

import numpy as np

from support.minds import about
from weal_node.features.projection import shipped
from weal_node.features.weights import WIDTH
from weal_node.mind.feature_space import feature_space
from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.mind.trajectory import learn_trajectory, most_moved
from weal_node.records import Answer, Choice, Item
from weal_node.reward import relevance
from weal_protocol.representation import empty

ITEMS = [Item(f"{number:064x}", f"Statement {number}") for number in range(24)]


def taught(count: int) -> FittedModel:
    vectors = (shipped().centre + 0.1 * np.random.default_rng(4).standard_normal((len(ITEMS), WIDTH))).astype(
        np.float32
    )
    topics = np.array([about(name) for name in ("gardening", "chess", "jazz")])
    vectors += 2.0 * topics[np.arange(len(ITEMS)) % len(topics)].astype(np.float32)
    liked = shipped().apply(vectors)[:, 0] > 0
    choices = [Choice.ACCEPT if yes else Choice.REJECT for yes in liked]
    log = [Answer(f"{n:032x}", n, ITEMS[n].id, "", choices[n], "teach") for n in range(count)]
    return learn(feature_space(ITEMS, vectors, empty()), log)


def test_a_trajectory_begins_before_any_answer_and_ends_at_what_is_believed() -> None:
    fitted = taught(24)
    trajectory = learn_trajectory(fitted, 4)
    assert trajectory.counts == (0, 6, 12, 18, 24)
    assert trajectory.mean[0].tobytes() == fitted.features.prior.mean.tobytes()
    assert trajectory.mean[-1].tobytes() == fitted.posterior.mean.tobytes()
    # A feature that matters more than was thought may be less sure than before: by no more than relevance lets it.
    assert (trajectory.sd[-1] <= np.sqrt(relevance.MOST) * trajectory.sd[0] + 1e-12).all()
    assert np.log(trajectory.sd[-1]).sum() < np.log(trajectory.sd[0]).sum()


def test_what_moved_most_comes_first_and_what_stood_still_not_at_all() -> None:
    trajectory = learn_trajectory(taught(24))
    columns = most_moved(trajectory, 3)
    assert trajectory.mean.shape[1] > len(columns) == 3
    far = np.ptp(trajectory.mean, axis=0) / trajectory.sd[0]
    assert columns[0] == int(np.argmax(far))
    assert list(far[columns]) == sorted(far[columns], reverse=True)
    assert most_moved(learn_trajectory(taught(0)), 3) == []
