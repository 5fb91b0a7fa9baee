"""What a person's answers ask of the community's axes: a few steps of local training, their own head held still.

Federated averaging (McMahan et al. 2017) with the head kept by the person (FedRep; Collins et al. 2021): the loss is the
logistic one of the person's yes and no, its parameters are the places of the items they answered about and the text map.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
# Chosen, not tuned. They are part of what a round asks of everybody: a study that computes many people at once uses them too.
STEPS = 4
RATE = 0.3  # of the places' and the map's units


@dataclass(frozen=True, slots=True)
class AnsweredItems:
    """One person's m answers, for training.

    rest: (m,), scores without the axes' part.  components: (m, 24).
    places: (m, AXES), what the release names for these items.
    yes: (m,), 1 or 0.  weights: (AXES,), the head's along the axes."""

    rest: Array
    components: Array
    places: Array
    yes: Array
    weights: Array


def ask(own: AnsweredItems, text_map: Array) -> tuple[Array, Array]:
    """Return how places (m, AXES) and text map (24, AXES) should move, as the sum of gradients over STEPS steps of size RATE."""
    import torch  # here: start-up counts

    if not len(own.yes):
        return np.zeros_like(own.places), np.zeros_like(text_map)
    rest, components = torch.tensor(own.rest, dtype=torch.float64), torch.tensor(own.components, dtype=torch.float64)
    yes, weights = torch.tensor(own.yes, dtype=torch.float64), torch.tensor(own.weights, dtype=torch.float64)
    places = torch.tensor(own.places, dtype=torch.float64, requires_grad=True)
    text = torch.tensor(text_map, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([places, text], lr=RATE)
    for _ in range(STEPS):
        optimiser.zero_grad()
        score = rest + (components @ text + places) @ weights
        loss = torch.nn.functional.binary_cross_entropy_with_logits(score, yes, reduction="sum")
        loss.backward()  # type: ignore[no-untyped-call]  # torch ships no types for it
        optimiser.step()
    moved = places.detach().numpy() - own.places, text.detach().numpy() - text_map
    return moved[0] / RATE, moved[1] / RATE
