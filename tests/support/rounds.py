"""A node that is called to rounds, without the mind and the community, which need an encoder and a server, and without the process that answers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from weal_node.features.weights import WIDTH
from weal_node.federation.participant import Participant
from weal_node.mind.feature_space import feature_space
from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.outbound.membership import Membership
from weal_protocol.representation import SHARED, empty
from weal_protocol.v1 import release_pb2

COORDINATOR = bytes([7]) * 32


class Known:
    """Stands for the mind and the community at once. catalogue: the items of a round.  answers: (item, 1 or -1).
    learnt: what is believed."""

    certificate_path = None
    membership = Membership("c" * 64, "commons", "", "", "", "", "")  # of a charter that says nothing of rounds

    def __init__(
        self,
        catalogue: Sequence[str] = ("0" * 64,),
        answers: Sequence[tuple[str, int]] = (),
        coordinator: bytes = COORDINATOR,
        *,
        learnt: FittedModel | None = None,
    ) -> None:
        self.coordinator, self._learnt = coordinator, learnt
        self._catalogue, self._answers = tuple(catalogue), tuple(answers)

    def head(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Mean (SHARED,) and covariance (SHARED, SHARED) of what rounds may ask about."""
        return np.full(SHARED, 0.1), np.eye(SHARED)

    def fitted(self) -> FittedModel:
        """What was learnt: nothing yet, where nothing was given."""
        return self._learnt or learn(feature_space((), np.zeros((0, WIDTH), np.float32), empty()), ())

    def answers_on_items(self) -> tuple[tuple[str, int], ...]:
        """What the person answered."""
        return self._answers

    async def catalogue(self, digest: bytes) -> tuple[str, ...]:
        """Every round is about the same items."""
        return self._catalogue


class NotingParticipant(Participant):
    """Notes which rounds it would answer; the process that does so is left to tests/together."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.answered: list[int] = []

    async def answer(self, notice: release_pb2.RoundNotice, statistics: str) -> None:
        """Note it."""
        self.answered.append(notice.number)
