"""The certificate that a node shows to other nodes: self-signed P-256 (gRPC refuses Ed25519), pinned on the member's card."""

import datetime as dt
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from weal_node.errors import NodeError

VALID = dt.timedelta(days=3_650)


@dataclass(frozen=True, slots=True)
class Certificate:
    """private, public: PEM.  sha256: of the DER certificate, 32 bytes."""

    private: bytes
    public: bytes
    sha256: bytes


def at(folder: Path, now_ms: int) -> Certificate:
    """Return the certificate kept in this folder of keys; made when there is none."""
    place = folder / "peer.pem"
    if not place.exists():
        _write(place, _made(dt.datetime.fromtimestamp(now_ms / 1_000, dt.UTC)))
    try:
        pem = place.read_bytes()
        key = serialization.load_pem_private_key(pem, None)
        certificate = x509.load_pem_x509_certificate(pem)
    except (OSError, ValueError) as fault:
        raise NodeError(
            f"{place} cannot be read", "Delete it: another is made, and your card names it from then on"
        ) from fault
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    der = certificate.public_bytes(serialization.Encoding.DER)
    return Certificate(private, certificate.public_bytes(serialization.Encoding.PEM), hashlib.sha256(der).digest())


def _made(now: dt.datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "weal")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def _write(place: Path, pem: bytes) -> None:
    part = place.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    part.replace(place)
