"""A person's keys, each for one purpose, each in a file of its own that only they can read."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from weal_node.errors import NodeError, NotSetUpError


@dataclass(frozen=True, slots=True)
class Keys:
    """agent: signs what the agent says.  ratification: the human's word, used for nothing else.
    seal: opens mail.  fleet: P-384, the identity in aggregation rounds, as Flower wants it."""

    agent: Ed25519PrivateKey
    ratification: Ed25519PrivateKey
    seal: X25519PrivateKey
    fleet: ec.EllipticCurvePrivateKey

    @property
    def agent_public(self) -> bytes:
        """32 bytes: this person's name on the wire."""
        return self.agent.public_key().public_bytes_raw()

    @property
    def ratification_public(self) -> bytes:
        """32 bytes."""
        return self.ratification.public_key().public_bytes_raw()

    @property
    def seal_public(self) -> bytes:
        """32 bytes."""
        return self.seal.public_key().public_bytes_raw()

    @property
    def fleet_public(self) -> bytes:
        """PEM SubjectPublicKeyInfo, as Flower's `public_key_to_bytes` writes it."""
        return self.fleet.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def new() -> Keys:
    """Make fresh keys from the operating system's randomness."""
    return Keys(
        Ed25519PrivateKey.generate(),
        Ed25519PrivateKey.generate(),
        X25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP384R1()),
    )


def create(folder: Path) -> Keys:
    """Make fresh keys and write them; NodeError when the folder already holds some."""
    if (folder / "agent.pem").exists():
        raise NodeError(f"{folder} already holds keys", "They are never overwritten; choose another home")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = new()
    for name in ("ratification", "seal", "fleet", "agent"):  # agent last: its presence says that all are there
        pem = getattr(keys, name).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        descriptor = os.open(folder / f"{name}.pem", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(descriptor)
    return keys


def load(folder: Path) -> Keys:
    """Read the keys; NotSetUpError when there are none, NodeError when one is damaged."""
    if not (folder / "agent.pem").exists():
        raise NotSetUpError(f"there is no node in {folder.parent}", "Run `weal init`")
    found = {}
    for name, kind in (
        ("agent", Ed25519PrivateKey),
        ("ratification", Ed25519PrivateKey),
        ("seal", X25519PrivateKey),
        ("fleet", ec.EllipticCurvePrivateKey),
    ):
        try:
            key = serialization.load_pem_private_key((folder / f"{name}.pem").read_bytes(), None)
        except (OSError, ValueError) as fault:
            raise NodeError(f"the key {name}.pem cannot be read", f"Restore {folder} from a backup") from fault
        if not isinstance(key, kind):
            raise NodeError(f"the key {name}.pem is of the wrong kind", f"Restore {folder} from a backup")
        found[name] = key
    return Keys(**found)  # type: ignore[arg-type]  # each was checked against its own kind just above
