"""Catalogues (what a round asked about), by digest; and the log of releases (what came out), by number: each manifest holds the hash of the one before."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

SCHEMA = """
CREATE TABLE catalogues (digest VARCHAR(64) PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE releases (number INTEGER PRIMARY KEY, manifest BLOB NOT NULL, signature BLOB NOT NULL, tensors BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Release:
    """As served: serialised Manifest, the coordinator's signature over it, safetensors."""

    number: int
    manifest: bytes
    signature: bytes
    tensors: bytes


def put_release(connection: Connection, number: int, manifest: bytes, signature: bytes, tensors: bytes) -> None:
    """Keep a release; a number is given once and never changed."""
    connection.execute(
        text(
            "INSERT INTO releases (number, manifest, signature, tensors) VALUES (:number, :manifest, :signature, :tensors)"
        ),
        {"number": number, "manifest": manifest, "signature": signature, "tensors": tensors},
    )


def get(connection: Connection, number: int) -> Release | None:
    """Return the release of this number, or the latest for 0; None when there is none."""
    row = connection.execute(
        text(
            "SELECT number, manifest, signature, tensors FROM releases WHERE :number = 0 OR number = :number "
            "ORDER BY number DESC LIMIT 1"
        ),
        {"number": number},
    ).first()
    return Release(int(row[0]), bytes(row[1]), bytes(row[2]), bytes(row[3])) if row else None


def latest(connection: Connection) -> Release | None:
    """Return the newest release, or None."""
    return get(connection, 0)


def latest_manifest(connection: Connection) -> bytes | None:
    """Return the newest release's serialised Manifest without its tensors, or None."""
    row = connection.execute(text("SELECT manifest FROM releases ORDER BY number DESC LIMIT 1")).first()
    return bytes(row[0]) if row else None


def manifests(connection: Connection, after: int, limit: int) -> tuple[tuple[bytes, bytes], ...]:
    """Return manifest and signature of the releases after this number, oldest first."""
    rows = connection.execute(
        text("SELECT manifest, signature FROM releases WHERE number > :after ORDER BY number LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return tuple((bytes(manifest), bytes(signature)) for manifest, signature in rows)


def put_catalogue(connection: Connection, digest: bytes, content: bytes) -> None:
    """Keep a catalogue, serialised, under its SHA-256."""
    known = connection.execute(
        text("SELECT 1 FROM catalogues WHERE digest = :digest"), {"digest": digest.hex()}
    ).first()
    if known is None:
        connection.execute(
            text("INSERT INTO catalogues (digest, content) VALUES (:digest, :content)"),
            {"digest": digest.hex(), "content": content},
        )


def get_catalogue(connection: Connection, digest: bytes) -> bytes | None:
    """Return the catalogue of this digest, or None."""
    row = connection.execute(
        text("SELECT content FROM catalogues WHERE digest = :digest"), {"digest": digest.hex()}
    ).first()
    return bytes(row[0]) if row else None
