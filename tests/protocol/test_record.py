"""Records: what was signed is what is read; an item is named by its text."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol import record, signing
from weal_protocol.errors import ForgedError, MalformedError, PeerError
from weal_protocol.items import item_id
from weal_protocol.v1 import commons_pb2

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
AUTHOR = KEY.public_key().public_bytes_raw()


def note(body: bytes = b"Piano", path: str = "piano.md") -> record.Record:
    return record.make("note", body, author=KEY, salt=b"s" * 16, written_ms=5, note=b"n" * 16, path=path)


@given(st.text(max_size=500), st.integers(0, 2**63 - 1), st.sampled_from(record.VISIBILITIES))
def test_what_was_made_is_read(text: str, written_ms: int, visibility: str) -> None:
    made = record.make(
        "note",
        text.encode(),
        author=KEY,
        salt=b"s" * 16,
        written_ms=written_ms,
        note=b"n" * 16,
        visibility=visibility,
        parents=("ab" * 32,),
    )
    assert record.read(made.raw) == made
    assert made.body.decode() == text
    assert made.author == AUTHOR
    assert made.id == hashlib.sha256(commons_pb2.Record.FromString(made.raw).header).hexdigest()


@given(st.binary(max_size=2_000))
def test_any_bytes_are_a_named_fault(data: bytes) -> None:
    with pytest.raises(PeerError):
        record.read(data)


def test_an_item_is_named_by_its_text_however_it_is_written() -> None:
    one = record.make("item", b"More  bicycle LANES", author=KEY, salt=b"s" * 16, written_ms=1)
    other = record.make("item", b"more bicycle lanes", author=KEY, salt=b"t" * 16, written_ms=2)
    assert one.note == other.note == bytes.fromhex(item_id("more bicycle lanes"))[:16]
    assert one.id != other.id


@pytest.mark.parametrize("body", [b"", b"  \n ", b"x" * 2_001])
def test_an_item_must_be_some_text_and_not_too_much(body: bytes) -> None:
    with pytest.raises(MalformedError, match="an item must be"):
        record.make("item", body, author=KEY, salt=b"s" * 16, written_ms=1)


def resigned(**changes: object) -> bytes:
    """A record whose header says something else, signed again by its author."""
    made = commons_pb2.Record.FromString(note().raw)
    header = commons_pb2.RecordHeader.FromString(made.header)
    for field, value in changes.items():
        setattr(header, field, value)
    made.header = header.SerializeToString()
    made.signature = signing.sign(KEY, "record", made.header)
    return made.SerializeToString()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "gossip"},
        {"kind": "item"},
        {"visibility": "private"},
        {"visibility": ""},
        {"note": b""},
        {"size": 4},
        {"body_sha256": bytes(32)},
        {"path": "x" * 5_000},
    ],
)
def test_a_well_signed_header_of_wrong_form_is_malformed(change: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        record.read(resigned(**change))


def test_another_author_is_forged() -> None:
    with pytest.raises(ForgedError):
        record.read(resigned(author=b"x" * 32))


@pytest.mark.parametrize("change", [{"salt": b"t" * 16}, {"body": b"Organ"}, {"path": "organ.md"}, {"path": ""}])
def test_a_changed_body_salt_or_path_is_refused(change: dict[str, bytes | str]) -> None:
    made = commons_pb2.Record.FromString(note().raw)
    for part, other in change.items():
        setattr(made, part, other)
    with pytest.raises(MalformedError, match="not the one that was signed"):
        record.read(made.SerializeToString())


def test_too_large_and_not_text_are_refused() -> None:
    with pytest.raises(MalformedError):
        note(b"x" * (record.MAX_BODY_BYTES + 1))
    with pytest.raises(MalformedError, match="Split the note"):
        record.read(bytes(record.MAX_BODY_BYTES * 2))
    with pytest.raises(MalformedError, match="not a record"):
        note(b"\xff\xfe")


def test_what_was_taken_back_still_verifies_and_says_nothing() -> None:
    made = note(b"Piano lessons", "My diary.md")
    bare = record.redacted(made.raw)
    assert b"Piano" not in bare
    assert b"diary" not in bare
    with pytest.raises(MalformedError):
        record.read(bare)
    found = record.read(bare, bodiless=True)
    assert (found.id, found.author, found.redacted, found.body, found.path) == (made.id, made.author, True, b"", "")
    assert record.redacted(bare) == bare
    assert record.id_of(bare) == record.id_of(made.raw) == made.id


def test_a_record_of_before_names_its_path_until_it_is_taken_back() -> None:
    made = commons_pb2.Record.FromString(
        record.make("note", b"Piano", author=KEY, salt=b"s" * 16, written_ms=5, note=b"n" * 16).raw
    )
    header = commons_pb2.RecordHeader.FromString(made.header)
    header.path = "music/piano.md"
    made.header = header.SerializeToString(deterministic=True)
    made.signature = signing.sign(KEY, "record", made.header)
    raw = made.SerializeToString()
    assert record.read(raw).path == record.lasting(raw) == "music/piano.md"
    assert record.read(record.redacted(raw), bodiless=True).path == ""
    assert record.lasting(note().raw) == ""


def test_a_licence_is_an_identifier_and_no_text() -> None:
    for said in ("Call me at +49 170 1234567", "x" * 65, "a\nb"):
        with pytest.raises(MalformedError, match="SPDX"):
            record.make("note", b"P", author=KEY, salt=b"s" * 16, written_ms=5, note=b"n" * 16, licence=said)


@pytest.mark.parametrize("change", [{"salt": b""}, {"body": b""}, {"salt": b"", "body": b""}])
def test_half_of_it_taken_away_is_malformed(change: dict[str, bytes]) -> None:
    halved = commons_pb2.Record.FromString(note().raw)
    for part, nothing in change.items():
        setattr(halved, part, nothing)
    with pytest.raises(MalformedError):
        record.read(halved.SerializeToString(), bodiless=True)


@pytest.mark.parametrize(
    "path",
    ["../x.md", "a/../b.md", "/etc/x.md", "a//b.md", "a\\b.md", "a\nb.md", "a\x1b[2J.md", "x" * 401, "a\u2028b.md"],
)
def test_a_path_that_leads_out_or_breaks_a_line_is_malformed(path: str) -> None:
    with pytest.raises(MalformedError, match="path"):
        note(path=path)


@pytest.mark.parametrize("change", [{"parents": [b"short"]}, {"forked_from": b"short"}])
def test_ids_of_a_wrong_size_are_malformed(change: dict[str, object]) -> None:
    made = commons_pb2.Record.FromString(note().raw)
    header = commons_pb2.RecordHeader.FromString(made.header)
    header.MergeFrom(commons_pb2.RecordHeader(**change))  # type: ignore[arg-type]
    made.header = header.SerializeToString()
    made.signature = signing.sign(KEY, "record", made.header)
    with pytest.raises(MalformedError, match="32 bytes"):
        record.read(made.SerializeToString())
