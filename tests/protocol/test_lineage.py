"""What a record may follow, case by case; everything else is refused by name."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_protocol import lineage, record
from weal_protocol.errors import ForgedError, MalformedError, PeerError, UnknownParentError
from weal_protocol.lineage import Kin
from weal_protocol.record import Record

ADA, BO = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"a", b"b"))
NOTE, OTHER = b"n" * 16, b"o" * 16


def made(kind: str, author: Ed25519PrivateKey, *parents: Record, note: bytes = NOTE, forked_from: str = "") -> Record:
    body = f"{kind} by {author.public_key().public_bytes_raw().hex()[:4]} after {len(parents)}".encode()
    return record.make(
        kind, body, author=author, salt=b"s" * 16, written_ms=1, note=note, path="n.md",
        parents=tuple(one.id for one in parents), forked_from=forked_from,
    )  # fmt: skip


def check(one: Record, *known: Record) -> None:
    lineage.check(one, {other.id: Kin(other.kind, other.author, other.note) for other in known})


FIRST = made("note", ADA)
THEIRS = made("suggestion", BO, FIRST)


def test_what_may_follow_what() -> None:
    accepted = made("note", ADA, FIRST, THEIRS)
    for one, known in (
        (FIRST, ()),
        (made("item", BO), ()),
        (made("note", ADA, FIRST), (FIRST,)),
        (THEIRS, (FIRST,)),
        (accepted, (FIRST, THEIRS)),
        (made("note", BO, note=OTHER, forked_from=FIRST.id), (FIRST,)),
        (made("tombstone", ADA, FIRST), (FIRST,)),
        (made("tombstone", BO, THEIRS), (THEIRS,)),
    ):
        check(one, *known)


@pytest.mark.parametrize(
    ("one", "known", "fault", "what"),
    [
        (made("note", ADA, FIRST), (), UnknownParentError, "not known here"),
        (made("note", BO, note=OTHER, forked_from=FIRST.id), (), UnknownParentError, "not known here"),
        (made("note", BO, FIRST), (FIRST,), ForgedError, "only its author writes"),
        (made("note", ADA, FIRST, note=OTHER), (FIRST,), MalformedError, "of that note"),
        (made("note", ADA, THEIRS), (THEIRS,), MalformedError, "follow both"),
        (made("note", BO, forked_from=FIRST.id), (FIRST,), MalformedError, "a fork is a new note"),
        (made("note", BO, note=OTHER, forked_from=THEIRS.id), (THEIRS,), MalformedError, "a fork is a new note"),
        (made("item", ADA, FIRST), (FIRST,), MalformedError, "an item follows nothing"),
        (made("suggestion", BO), (), MalformedError, "the one version"),
        (made("suggestion", BO, FIRST, note=OTHER), (FIRST,), MalformedError, "a version of its note"),
        (made("suggestion", BO, THEIRS), (THEIRS,), MalformedError, "a version of its note"),
        (made("tombstone", BO, FIRST), (FIRST,), ForgedError, "only its author can take"),
        (made("tombstone", ADA), (), MalformedError, "that record alone"),
        (made("tombstone", ADA, FIRST, note=OTHER), (FIRST,), MalformedError, "cannot be taken back"),
        (made("tombstone", ADA, made("tombstone", ADA, FIRST)), (made("tombstone", ADA, FIRST),), MalformedError, "cannot be taken back"),
    ],
)  # fmt: skip
def test_everything_else_is_refused_by_name(
    one: Record, known: tuple[Record, ...], fault: type[PeerError], what: str
) -> None:
    with pytest.raises(fault, match=what):
        check(one, *known)


def test_too_many_parents_and_the_same_twice() -> None:
    versions = [record.make("note", b"%d" % n, author=ADA, salt=b"s" * 16, written_ms=1, note=NOTE) for n in range(17)]
    with pytest.raises(MalformedError, match="at most 16"):
        check(made("note", ADA, *versions), *versions)
    with pytest.raises(MalformedError, match="each once"):
        check(made("note", ADA, FIRST, FIRST), FIRST)


def test_what_is_missing_is_said() -> None:
    with pytest.raises(UnknownParentError) as fault:
        check(made("note", ADA, FIRST, THEIRS), FIRST)
    assert fault.value.missing == (THEIRS.id,)
