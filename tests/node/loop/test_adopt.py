"""A release is used when it is the coordinator's, newer, and over the same features as this node's."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_node.features.projection import shipped
from weal_node.loop.adopt import adopt_latest
from weal_node.loop.judge import Mind
from weal_node.store.database import Database
from weal_node.worker import TorchWorker
from weal_protocol import release
from weal_protocol.errors import ForgedError, MalformedError
from weal_protocol.representation import AXES, ENCODER_SHA256, PROJECTION_SHA256, SHARED, Representation
from weal_protocol.v1 import release_pb2 as pb

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
DIGEST = b"m" * 32


class Community:
    """Stands for the coordinator, which shows one release."""

    id = DIGEST.hex()
    coordinator = KEY.public_key().public_bytes_raw()
    shown: pb.Release | None = None

    async def release(self) -> pb.Release | None:
        return self.shown


def made(number: int, projection: str = PROJECTION_SHA256, key: Ed25519PrivateKey = KEY) -> pb.Release:
    mean, covariance = np.full(SHARED, number * 0.1), np.eye(SHARED)
    content = Representation((), np.zeros(0), np.zeros(0), np.zeros((0, AXES)), mean, covariance, number)
    said = release.Manifest(number, DIGEST, number, 300, 1.0, 1e-5, 1, ENCODER_SHA256, projection)
    return release.write(content, said, key)


async def test_the_newest_release_is_adopted_and_kept_over_a_restart(tmp_path: Path) -> None:
    database, worker, community = Database(tmp_path / "node.db"), TorchWorker(), Community()
    mind, there = Mind(database, worker, lambda: 1), cast(Any, community)
    await mind.start()
    assert await adopt_latest(there, mind) == 0
    for number, used in ((2, 2), (1, 2), (3, 3)):
        community.shown = made(number)
        assert await adopt_latest(there, mind) == used
    again = Mind(database, worker, lambda: 1)
    await again.start()
    assert again.release == 3
    assert again.head()[0].tolist() == mind.head()[0].tolist() == [0.1 * 3] * SHARED
    for wrong, fault in ((made(4, projection="0" * 64), MalformedError), (made(4, key=OTHER), ForgedError)):
        community.shown = wrong
        with pytest.raises(fault):
            await adopt_latest(there, mind)
    assert mind.release == 3
    worker.close()
    database.close()


def test_the_protocol_names_the_projection_that_is_shipped() -> None:
    assert shipped().digest == PROJECTION_SHA256


OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
