"""The certificate of a node: made once, kept, its digest on the card."""

import hashlib
import ssl
from pathlib import Path

import pytest

from weal_node import certificate
from weal_node.errors import NodeError

NOW = 1_764_000_000_000


def test_it_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = certificate.at(tmp_path, NOW)
    assert certificate.at(tmp_path, NOW + 1) == first
    assert hashlib.sha256(ssl.PEM_cert_to_DER_cert(first.public.decode())).digest() == first.sha256
    assert (tmp_path / "peer.pem").stat().st_mode & 0o777 == 0o600


def test_a_damaged_one_is_a_named_fault(tmp_path: Path) -> None:
    (tmp_path / "peer.pem").write_text("nothing")
    with pytest.raises(NodeError, match="cannot be read"):
        certificate.at(tmp_path, NOW)
