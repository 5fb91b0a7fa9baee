"""Signed records of the commons: a header whose bytes are signed as sent, and a body that can be taken away.

The header holds the SHA-256 of salt and body and of salt and path, so that a redaction that drops all three leaves a header that
still verifies, and in it no word of its author.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import DecodeError

from weal_protocol import items, licences, signing
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import commons_pb2

MAX_BODY_BYTES = 256 * 1024
MAX_HEADER_BYTES = 4_096
MAX_PATH = 400  # characters
MAX_BESIDE_BYTES = 2_048  # path, salt, signature and what protobuf adds
KINDS = ("note", "item", "suggestion", "tombstone", "verdict", "answer")
ANSWERS = ("yes", "no")  # the body of an answer: that a chain of help stands, or that it is out (chains.py)
TAKERS = ("tombstone", "verdict")  # kinds that take back the one record they name: its author's word, and a jury's
VISIBILITIES = ("public", "community")
DEFAULT_LICENCE = licences.DEFAULT
_LICENCE = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}"
)  # what any SPDX identifier looks like, also one of later lists


@dataclass(frozen=True, slots=True)
class Record:
    """A verified record. id: hex SHA-256 of the header's bytes.  note: 16 bytes.  raw: the serialised Record.

    path: the file's name; of records of before decisions/0005 with its folders.  parents, forked_from: ids in hex.
    redacted: body, salt and path were taken away; `body` and `path` are then empty.
    """

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
    parents: tuple[str, ...] = ()
    forked_from: str = ""
    redacted: bool = False


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
    forked_from: str = "",
) -> Record:
    """Return a signed record. An item's `note` is made from its id; any other's must be the note's 16 bytes."""
    if kind == "item":
        note = bytes.fromhex(items.item_id(body.decode()))[:16]
    header = commons_pb2.RecordHeader(
        kind=kind,
        author=author.public_key().public_bytes_raw(),
        note=note,
        parents=sorted(bytes.fromhex(parent) for parent in parents),
        visibility=visibility,
        licence=licence,
        body_sha256=hashlib.sha256(salt + body).digest(),
        size=len(body),
        written_ms=written_ms,
        forked_from=bytes.fromhex(forked_from),
        path_sha256=_path_sha256(salt, path),
    ).SerializeToString(deterministic=True)
    signature = signing.sign(author, "record", header)
    return read(
        commons_pb2.Record(header=header, signature=signature, salt=salt, body=body, path=path).SerializeToString()
    )


def redacted(raw: bytes) -> bytes:
    """Return a serialised Record without body, path and salt: nobody can try texts against its hashes, and it still verifies."""
    record = commons_pb2.Record.FromString(raw)
    return commons_pb2.Record(header=record.header, signature=record.signature).SerializeToString()


def lasting(raw: bytes) -> str:
    """Return the words of its author that this record's header holds, and taking it back would leave: a path, as before
    decisions/0005; "" for none."""
    return commons_pb2.RecordHeader.FromString(commons_pb2.Record.FromString(raw).header).path


def id_of(raw: bytes) -> str:
    """Return the id that a serialised Record claims, unverified: of bytes that are no record, of an empty header."""
    try:
        header = commons_pb2.Record.FromString(raw).header
    except DecodeError:
        header = b""
    return hashlib.sha256(header).hexdigest()


def parents_of(raw: bytes) -> tuple[str, ...]:
    """Return the parents of a record that was verified when it came; much cheaper than `read`."""
    header = commons_pb2.RecordHeader.FromString(commons_pb2.Record.FromString(raw).header)
    return tuple(parent.hex() for parent in header.parents)


def read(raw: bytes, bodiless: bool = False) -> Record:
    """Verify a serialised Record. MalformedError for a wrong form, ForgedError for a wrong signature.

    bodiless: also take one whose body, path and salt were taken away; the caller looks for what took them away.
    """
    if len(raw) > MAX_BODY_BYTES + MAX_HEADER_BYTES + MAX_BESIDE_BYTES:
        raise MalformedError(f"a record is larger than {MAX_BODY_BYTES // 1024} KiB", "Split the note")
    try:
        record = commons_pb2.Record.FromString(raw)
        header = commons_pb2.RecordHeader.FromString(record.header)
        body = record.body.decode()
    except (DecodeError, UnicodeDecodeError) as fault:
        raise MalformedError("this is not a record") from fault
    gone = bodiless and not record.salt and not record.body and not record.path
    if (
        len(record.header) > MAX_HEADER_BYTES
        or len(record.body) > MAX_BODY_BYTES
        or len(record.salt) != 16 * (not gone)
    ):
        raise MalformedError("a part of a record has the wrong size")
    if header.kind not in KINDS or header.visibility not in VISIBILITIES or len(header.note) != 16:
        raise MalformedError("a record's header does not say what it is")
    path = record.path or header.path
    _check_names(header, path)
    whole = header.size == len(record.body) and hashlib.sha256(record.salt + record.body).digest() == header.body_sha256
    if not (whole or gone):
        raise MalformedError("a record's body is not the one that was signed")
    if not gone and header.path_sha256 != _path_sha256(record.salt, record.path):
        raise MalformedError("a record's path is not the one that was signed")
    signing.verify(header.author, "record", record.header, record.signature)
    if header.kind == "item" and not gone:
        _check_item(body, header.note)
    if header.kind == "answer" and not gone and body not in ANSWERS:
        raise MalformedError("an answer to a chain of help is yes or no")
    return Record(
        hashlib.sha256(record.header).hexdigest(),
        header.kind,
        header.author,
        header.note,
        header.visibility,
        header.licence,
        "" if gone else path,
        header.written_ms,
        record.body,
        raw,
        tuple(parent.hex() for parent in header.parents),
        header.forked_from.hex(),
        gone,
    )


def _path_sha256(salt: bytes, path: str) -> bytes:
    return hashlib.sha256(salt + path.encode()).digest() if path else b""


def _check_names(header: commons_pb2.RecordHeader, path: str) -> None:
    """Refuse ids of a wrong size, a licence that is no identifier, and a path that could lead out of a folder or break a line."""
    if header.licence and not _LICENCE.fullmatch(header.licence):
        raise MalformedError("a record's licence is no SPDX identifier")
    if any(len(one) != 32 for one in (*header.parents, *filter(None, [header.forked_from]))):
        raise MalformedError("a record's parents must be 32 bytes each")
    parts = path.split("/") if path else []
    if len(path) > MAX_PATH or any(part in {"", ".", ".."} or "\\" in part for part in parts):
        raise MalformedError("a record's path leads out of its vault")
    if not path.isprintable() and any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in path):
        raise MalformedError("a record's path holds control characters")


def _check_item(body: str, note: bytes) -> None:
    if len(body) > items.MAX_ITEM_CHARACTERS or not items.normalised(body):
        raise MalformedError(f"an item must be 1 to {items.MAX_ITEM_CHARACTERS} characters of text")
    if bytes.fromhex(items.item_id(body))[:16] != note:
        raise MalformedError("an item's name does not fit its text")
