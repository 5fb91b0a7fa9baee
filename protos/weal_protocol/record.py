"""Signed records of the commons: a header whose bytes are signed as sent, and a body that can be taken away.

The header holds the SHA-256 of salt and body, so that a redaction that drops both leaves a header that still verifies.
"""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import DecodeError

from weal_protocol import items, signing
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import commons_pb2 as pb

MAX_BODY_BYTES = 256 * 1024
MAX_HEADER_BYTES = 4_096
KINDS = ("note", "item")
VISIBILITIES = ("public", "community")
DEFAULT_LICENCE = "CC-BY-4.0"


@dataclass(frozen=True, slots=True)
class Record:
    """A verified record. id: hex SHA-256 of the header's bytes.  note: 16 bytes.  raw: the serialised Record."""

    id: str
    kind: str
    author: bytes
    note: bytes
    visibility: str
    licence: str
    path: str
    written_ms: int
    body: bytes
    raw: bytes


def make(
    kind: str,
    body: bytes,
    *,
    author: Ed25519PrivateKey,
    salt: bytes,
    written_ms: int,
    note: bytes = b"",
    path: str = "",
    visibility: str = "public",
    licence: str = DEFAULT_LICENCE,
    parents: tuple[str, ...] = (),
) -> Record:
    """Return a signed record. An item's `note` is made from its id; a note's must be its 16 bytes."""
    if kind == "item":
        note = bytes.fromhex(items.item_id(body.decode()))[:16]
    header = pb.RecordHeader(
        kind=kind,
        author=author.public_key().public_bytes_raw(),
        note=note,
        parents=sorted(bytes.fromhex(parent) for parent in parents),
        visibility=visibility,
        licence=licence,
        body_sha256=hashlib.sha256(salt + body).digest(),
        size=len(body),
        written_ms=written_ms,
        path=path,
    ).SerializeToString(deterministic=True)
    signature = signing.sign(author, "record", header)
    return read(pb.Record(header=header, signature=signature, salt=salt, body=body).SerializeToString())


def read(raw: bytes) -> Record:
    """Verify a serialised Record. MalformedError for a wrong form, ForgedError for a wrong signature."""
    if len(raw) > MAX_BODY_BYTES + MAX_HEADER_BYTES + 256:
        raise MalformedError(f"a record is larger than {MAX_BODY_BYTES // 1024} KiB", "Split the note")
    try:
        record = pb.Record.FromString(raw)
        header = pb.RecordHeader.FromString(record.header)
        body = record.body.decode()
    except (DecodeError, UnicodeDecodeError) as fault:
        raise MalformedError("this is not a record") from fault
    if len(record.header) > MAX_HEADER_BYTES or len(record.body) > MAX_BODY_BYTES or len(record.salt) != 16:
        raise MalformedError("a part of a record has the wrong size")
    if header.kind not in KINDS or header.visibility not in VISIBILITIES or len(header.note) != 16:
        raise MalformedError("a record's header does not say what it is")
    if header.size != len(record.body) or header.body_sha256 != hashlib.sha256(record.salt + record.body).digest():
        raise MalformedError("a record's body is not the one that was signed")
    signing.verify(header.author, "record", record.header, record.signature)
    if header.kind == "item":
        _check_item(body, header.note)
    return Record(
        hashlib.sha256(record.header).hexdigest(),
        header.kind,
        header.author,
        header.note,
        header.visibility,
        header.licence,
        header.path,
        header.written_ms,
        record.body,
        raw,
    )


def _check_item(body: str, note: bytes) -> None:
    if not items.normalised(body) or len(body) > items.MAX_ITEM_CHARACTERS:
        raise MalformedError(f"an item must be 1 to {items.MAX_ITEM_CHARACTERS} characters of text")
    if bytes.fromhex(items.item_id(body))[:16] != note:
        raise MalformedError("an item's name does not fit its text")
