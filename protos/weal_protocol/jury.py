"""A jury: people whom the charter names, a quorum of whom takes back what its author leaves standing.

    [jury]
    quorum = 2
    jurors = ["<hex ratification key>", ...]

A juror's vote is a signature by their ratification key, the human's, over the community, the record and the reason. A verdict is a
record that names the one taken back; its body is the reason in the first line and a vote in each line after it. Votes
go from juror to juror as lines of text; whoever has a quorum of them publishes, and every copy of the commons checks for itself.

A charter that is amended may name another jury. A vote is by the jury in force; a verdict holds that satisfies the jury of any charter
in the chain, since what was taken back stays so, and no copy can tell when a verdict was given: dates are its author's word. So a quorum
of a former jury can still take records back.
"""

import contextlib
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_protocol import signing
from weal_protocol.errors import ForgedError, MalformedError, WealError
from weal_protocol.public_keys import check_ed25519
from weal_protocol.record import Record

MOST = 64  # jurors
LONGEST = 300  # characters of a reason
_KEY = re.compile(r"[0-9a-f]{64}")
_VOTE = re.compile(r"([0-9a-f]{64}) ([0-9a-f]{128})")


@dataclass(frozen=True, slots=True)
class Jury:
    """community: its id, 32 bytes.  jurors: raw ratification keys.  quorum: 0 where there is no jury.  former: juries of the charters
    before, whose verdicts hold."""

    community: bytes = b""
    jurors: frozenset[bytes] = frozenset()
    quorum: int = 0
    former: tuple["Jury", ...] = ()

    def message(self, record: str, reason: str) -> bytes:
        """The bytes that a juror signs."""
        return self.community + bytes.fromhex(record) + reason.encode()

    def vote(self, ratification: Ed25519PrivateKey, record: str, reason: str) -> str:
        """Return a juror's vote as a line. record: hex id of what shall be taken back."""
        signature = signing.sign(ratification, "verdict", self.message(record, _line(reason)))
        return f"{ratification.public_key().public_bytes_raw().hex()} {signature.hex()}"

    def counted(self, record: str, reason: str, votes: Iterable[str]) -> tuple[str, ...]:
        """Return the votes that stand, one a juror, by key. MalformedError for what is no vote, ForgedError for one that is not
        a juror's over this record and this reason."""
        found: dict[str, str] = {}
        for vote in votes:
            match = _VOTE.fullmatch(vote)
            if match is None or len(found) >= MOST:
                raise MalformedError("a vote is a juror's key and their signature, in hex")
            if bytes.fromhex(match[1]) not in self.jurors:
                raise ForgedError("a vote is by somebody whom the charter does not name as a juror")
            signing.verify(bytes.fromhex(match[1]), "verdict", self.message(record, reason), bytes.fromhex(match[2]))
            found[match[1]] = vote
        return tuple(found[key] for key in sorted(found))

    def check(self, verdict: Record) -> None:
        """Raise ForgedError unless this verdict, which names one record, holds a quorum of the votes of this jury, or of a former one."""
        for former in self.former:
            with contextlib.suppress(WealError):
                former.check(verdict)
                return
        if not self.quorum:
            raise ForgedError("this community's charter names no jury")
        reason, *votes = verdict.body.decode().split("\n")
        if len(self.counted(verdict.parents[0], _line(reason), votes)) < self.quorum:
            raise ForgedError("a verdict has fewer votes than the charter asks for")


NONE = Jury()


def body(reason: str, votes: Iterable[str]) -> bytes:
    """Return a verdict's body."""
    return "\n".join([_line(reason), *votes]).encode()


def reason_of(verdict: str) -> str:
    """Return why, from the body of a verdict that was checked."""
    return verdict.partition("\n")[0]


def of_charter(text: str, community: bytes) -> Jury:
    """Return the jury that a charter names, NONE where it names none; MalformedError where it cannot be one."""
    try:
        given = tomllib.loads(text).get("jury")
    except tomllib.TOMLDecodeError as fault:
        raise MalformedError("the charter cannot be read") from fault
    if given is None:
        return NONE
    hint = "[jury] in the charter needs quorum and jurors, a list of ratification keys in hex"
    if not isinstance(given, dict) or set(given) != {"quorum", "jurors"}:
        raise MalformedError("the charter's jury cannot be read", hint)
    quorum, jurors = given["quorum"], given["jurors"]
    if not isinstance(jurors, list) or not all(isinstance(one, str) and _KEY.fullmatch(one) for one in jurors):
        raise MalformedError("a juror is named by a ratification key, 64 hex letters", hint)
    keys = frozenset(check_ed25519(bytes.fromhex(one), "a juror's key in the charter") for one in jurors)
    if isinstance(quorum, bool) or not isinstance(quorum, int) or not 1 <= quorum <= len(keys) <= MOST:
        raise MalformedError(f"the quorum must be 1 to the number of different jurors, at most {MOST}", hint)
    return Jury(community, keys, quorum)


def of_charters(texts: Sequence[str], community: bytes) -> Jury:
    """Return the jury of the last of these charters, with those of the charters before it as former ones; MalformedError as above."""
    *former, now = (of_charter(text, community) for text in texts)
    different = {named: None for named in former if named.quorum and named != now}
    return replace(now, former=tuple(different))


def _line(reason: str) -> str:
    if not reason.strip() or len(reason) > LONGEST or not reason.isprintable():
        raise MalformedError(f"say why in one line of at most {LONGEST} characters")
    return reason
