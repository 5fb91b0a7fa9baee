"""The notary logs nobody long after the first, by its own clock, and answers with what it logged before all the same."""

from pathlib import Path
from typing import cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_coordinator.errors import CoordinatorError
from weal_coordinator.rpc.authentication import Door
from weal_coordinator.rpc.notary import NotaryService
from weal_coordinator.store.database import Database
from weal_protocol.deal import LONGEST_TO_RATIFY_MS
from weal_protocol.v1 import negotiation_pb2

TERMS = b"t" * 32


def ratification(person: bytes) -> bytes:
    return negotiation_pb2.Ratify(terms_sha256=TERMS, signature=person * 64, ratified_ms=1).SerializeToString()


def test_too_long_after_the_first_nothing_is_logged(tmp_path: Path) -> None:
    now = [5_000]
    database = Database(f"sqlite:///{tmp_path}/notary.db")
    service = NotaryService(database, cast(Door, None), Ed25519PrivateKey.generate(), lambda: now[0])
    first = service.enter(TERMS, b"a" * 32, ratification(b"a"))
    now[0] += LONGEST_TO_RATIFY_MS
    assert service.enter(TERMS, b"b" * 32, ratification(b"b")).logged_ms == now[0]
    now[0] += 1
    with pytest.raises(CoordinatorError, match="time to ratify"):
        service.enter(TERMS, b"c" * 32, ratification(b"c"))
    assert service.enter(TERMS, b"a" * 32, ratification(b"a")) == first
    assert service.enter(b"u" * 32, b"c" * 32, ratification(b"c")).logged_ms == now[0]
    database.close()
