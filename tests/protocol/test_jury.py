"""A quorum of the jurors whom the charter names takes a record back; fewer, others, or the same one twice do not."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_protocol import jury, lineage, record
from weal_protocol.errors import ForgedError, MalformedError
from weal_protocol.jury import NONE, Jury
from weal_protocol.lineage import Kin
from weal_protocol.record import Record

ADA, BO, CY, DI = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"a", b"b", b"c", b"d"))
NOTE, COMMUNITY, WHY = b"n" * 16, b"c" * 32, "It tells where somebody lives."


def key(one: Ed25519PrivateKey) -> str:
    return one.public_key().public_bytes_raw().hex()


JURY = Jury(COMMUNITY, frozenset(bytes.fromhex(key(one)) for one in (BO, CY, DI)), 2)
BAD = record.make("note", b"Rosa lives at 3 Elm Street.", author=ADA, salt=b"s" * 16, written_ms=1, note=NOTE)


def verdict(body: bytes) -> Record:
    """By Bo, who collected the votes; whoever does makes no difference."""
    return record.make(
        "verdict", body, author=BO, salt=b"s" * 16, written_ms=2, note=NOTE, parents=(BAD.id,)
    )  # fmt: skip


def check(one: Record, court: Jury = JURY) -> None:
    lineage.check(one, {BAD.id: Kin("note", BAD.author, NOTE)}, court)


def test_a_quorum_takes_back_what_its_author_leaves_standing() -> None:
    votes = [JURY.vote(one, BAD.id, WHY) for one in (CY, BO)]
    check(verdict(jury.body(WHY, JURY.counted(BAD.id, WHY, votes))))
    assert jury.reason_of(jury.body(WHY, votes).decode()) == WHY


@pytest.mark.parametrize(
    ("votes", "fault", "what"),
    [
        ([], ForgedError, "fewer votes"),
        ([JURY.vote(BO, BAD.id, WHY)], ForgedError, "fewer votes"),
        ([JURY.vote(BO, BAD.id, WHY)] * 2, ForgedError, "fewer votes"),
        ([JURY.vote(BO, BAD.id, WHY), JURY.vote(ADA, BAD.id, WHY)], ForgedError, "does not name"),
        ([JURY.vote(BO, BAD.id, WHY), JURY.vote(CY, BAD.id, "Another reason.")], ForgedError, "does not fit"),
        ([JURY.vote(BO, BAD.id, WHY), JURY.vote(CY, "0" * 64, WHY)], ForgedError, "does not fit"),
        ([JURY.vote(BO, BAD.id, WHY), Jury(b"x" * 32, JURY.jurors, 2).vote(CY, BAD.id, WHY)], ForgedError, "fit"),
        ([JURY.vote(BO, BAD.id, WHY), "yes"], MalformedError, "a juror's key"),
    ],
)
def test_anything_less_is_refused_by_name(votes: list[str], fault: type[Exception], what: str) -> None:
    with pytest.raises(fault, match=what):
        check(verdict(jury.body(WHY, votes)))


def test_where_no_jury_is_named_nobody_judges_and_a_verdict_cannot_be_taken_back() -> None:
    good = verdict(jury.body(WHY, [JURY.vote(one, BAD.id, WHY) for one in (BO, CY)]))
    with pytest.raises(ForgedError, match="names no jury"):
        check(good, NONE)
    again = record.make("tombstone", b"", author=BO, salt=b"s" * 16, written_ms=3, note=NOTE, parents=(good.id,))
    with pytest.raises(MalformedError, match="cannot be taken back"):
        lineage.check(again, {good.id: Kin("verdict", good.author, NOTE)}, JURY)


def test_a_charter_names_its_jury_or_is_refused() -> None:
    named = f'[jury]\nquorum = 2\njurors = ["{key(BO)}", "{key(CY)}", "{key(DI)}"]\n'
    assert jury.of_charter(named, COMMUNITY) == JURY
    assert jury.of_charter('[community]\nname = "x"\n', COMMUNITY) == NONE
    for bad in (
        "[jury]\nquorum = 2\n",
        "jury = 3\n",
        f'[jury]\nquorum = 2\njurors = ["{key(BO)}", "{key(BO)}"]\n',
        '[jury]\nquorum = 1\njurors = ["Bo"]\n',
        named.replace("quorum = 2", "quorum = 0"),
        named.replace("quorum = 2", "quorum = true"),
    ):
        with pytest.raises(MalformedError):
            jury.of_charter(bad, COMMUNITY)


def test_a_verdict_of_a_former_jury_holds_and_a_quorum_of_neither_does_not() -> None:
    now = Jury(COMMUNITY, frozenset({bytes.fromhex(key(ADA))}), 1, former=(JURY,))
    for court, voters in ((JURY, (BO, CY)), (now, (ADA,))):
        check(verdict(jury.body(WHY, [court.vote(one, BAD.id, WHY) for one in voters])), now)
    with pytest.raises(ForgedError, match="does not name"):
        check(verdict(jury.body(WHY, [JURY.vote(BO, BAD.id, WHY)])), now)
    none = Jury(COMMUNITY, former=(JURY,))  # the jury was done away with; what it took back stays so
    check(verdict(jury.body(WHY, [JURY.vote(one, BAD.id, WHY) for one in (BO, CY)])), none)
    with pytest.raises(ForgedError, match="names no jury"):
        check(verdict(jury.body(WHY, [none.vote(ADA, BAD.id, WHY)])), none)
