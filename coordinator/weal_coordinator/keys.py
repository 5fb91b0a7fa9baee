"""The coordinator's keys and its certificate.

It is a member among members: the same kinds of key, the same card, so that its letters are checked like anyone's.
TLS uses a self-signed P-256 certificate (gRPC refuses Ed25519 ones), pinned by its SHA-256 in every invite.
"""

import datetime as dt
import hashlib
import ipaddress
import os
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from weal_coordinator.config import Home
from weal_coordinator.errors import CoordinatorError
from weal_protocol import cards

VALID = dt.timedelta(days=3_650)
PrivateKey = Ed25519PrivateKey | X25519PrivateKey | ec.EllipticCurvePrivateKey
_NAMES = ("agent", "ratification", "seal", "fleet", "tls")


@dataclass(frozen=True, slots=True)
class Keys:
    """agent signs letters, releases and the card; seal opens mail; tls belongs to the certificate."""

    agent: Ed25519PrivateKey
    ratification: Ed25519PrivateKey
    seal: X25519PrivateKey
    fleet: ec.EllipticCurvePrivateKey
    tls: ec.EllipticCurvePrivateKey

    @property
    def agent_public(self) -> bytes:
        """32 bytes: the coordinator's name on the wire."""
        return self.agent.public_key().public_bytes_raw()


def create(place: Home, host: str, now: dt.datetime) -> Keys:
    """Make keys and certificate and write them, mode 0600."""
    keys = Keys(
        Ed25519PrivateKey.generate(),
        Ed25519PrivateKey.generate(),
        X25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    place.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in _NAMES:
        _write(place, name, getattr(keys, name))
    place.certificate.write_bytes(_certificate(keys.tls, host, now).public_bytes(serialization.Encoding.PEM))
    return keys


def _write(place: Home, name: str, key: PrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    descriptor = os.open(place.keys / f"{name}.pem", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(descriptor)


def load(place: Home) -> Keys:
    """Read the keys; CoordinatorError when one is missing or damaged."""
    found = {}
    for name in _NAMES:
        try:
            found[name] = serialization.load_pem_private_key((place.keys / f"{name}.pem").read_bytes(), None)
        except (OSError, ValueError) as fault:
            raise CoordinatorError(
                f"the key {name}.pem cannot be read", "Run `weal-coordinator init`, or restore a backup"
            ) from fault
    return Keys(**found)  # type: ignore[arg-type]  # written by `create`, each of its own kind


def fingerprint(place: Home) -> bytes:
    """Return the SHA-256 of the DER certificate, 32 bytes."""
    certificate = x509.load_pem_x509_certificate(place.certificate.read_bytes())
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()


def card(keys: Keys, name: str, issued_ms: int) -> bytes:
    """Return the coordinator's own signed member card. Its tier is "none": it contributes nothing."""
    member = cards.Member(
        keys.agent_public,
        keys.ratification.public_key().public_bytes_raw(),
        keys.seal.public_key().public_bytes_raw(),
        keys.fleet.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        name,
        "none",
        issued_ms,
    )
    return cards.issue(member, keys.agent)


def _certificate(key: ec.EllipticCurvePrivateKey, host: str, now: dt.datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "weal-coordinator")])
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    try:
        names.append(x509.IPAddress(ipaddress.ip_address(host)))
    except ValueError:
        names.append(x509.DNSName(host))
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName(list(dict.fromkeys(names))), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
