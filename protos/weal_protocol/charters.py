"""The chain of a community's charters: the SHA-256 of the first is the community's id, and every later one is signed and names the one before.

So a charter can be changed without founding anew, and nobody can be shown another past unseen: whoever holds a chain takes only what
goes on from its end. Two branches that the coordinator signed are told apart by nobody; the one that came first is kept.
"""

import difflib
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import DecodeError

from weal_protocol import signing
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import directory_pb2

MOST = 100  # charters after the first; all of them fit one message of 4 MiB
MAX_TEXT_BYTES = 32 * 1024  # of one charter; the template has 2 KiB
MAX_BYTES = MAX_TEXT_BYTES + 512  # of one as signed
MOST_LINES = 1_000  # of a text that is compared line by line, for which the work grows with their square
LATEST_MS = 250_000_000_000_000  # that is shown as a date anywhere
PAGE = 8  # sent at once to who asks for what is new


@dataclass(frozen=True, slots=True)
class Entry:
    """One charter in the chain. number: 0 for the first.  at_ms: Unix time when it was signed, 0 for the first, which is not signed.
    sha256: of the Charter as signed; of the text for the first.  raw: the serialised SignedCharter, b"" for the first."""

    number: int
    text: str
    at_ms: int
    sha256: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that was verified, or begun here. entries: the first charter first, none missing."""

    entries: tuple[Entry, ...]

    @property
    def community(self) -> bytes:
        """The community's id: SHA-256 of the first charter's text, 32 bytes."""
        return self.entries[0].sha256

    @property
    def last(self) -> Entry:
        """The charter in force."""
        return self.entries[-1]

    @property
    def current(self) -> str:
        """The text of the charter in force."""
        return self.last.text

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text, the first first."""
        return tuple(entry.text for entry in self.entries)

    @property
    def amendments(self) -> tuple[bytes, ...]:
        """Every serialised SignedCharter, oldest first: with the first text, what others verify."""
        return tuple(entry.raw for entry in self.entries[1:])


def begin(text: str) -> Chain:
    """Return the chain of a community that is founded with this charter. MalformedError for one that is empty or too long."""
    _check_text(text)
    return Chain((Entry(0, text, 0, hashlib.sha256(text.encode()).digest(), b""),))


def write(chain: Chain, text: str, at_ms: int, private: Ed25519PrivateKey) -> bytes:
    """Return the serialised SignedCharter that goes on from this chain. MalformedError for what nobody would take."""
    inner = directory_pb2.Charter(
        number=chain.last.number + 1,
        community=chain.community,
        previous_sha256=chain.last.sha256,
        text=text,
        at_ms=at_ms,
    )
    _check(chain, inner)
    charter = inner.SerializeToString(deterministic=True)
    signature = signing.sign(private, "charter", charter)
    return directory_pb2.SignedCharter(charter=charter, signature=signature).SerializeToString()


def follow(chain: Chain, raw: bytes, coordinator: bytes) -> Chain:
    """Return the chain with one more charter. ForgedError (signature), MalformedError (form, another community's, not what follows)."""
    if len(raw) > MAX_BYTES:
        raise MalformedError("a charter is too long")
    try:
        signed = directory_pb2.SignedCharter.FromString(raw)
        inner = directory_pb2.Charter.FromString(signed.charter)
    except DecodeError as fault:
        raise MalformedError("this is not a charter") from fault
    signing.verify(coordinator, "charter", signed.charter, signed.signature)
    _check(chain, inner)
    sha256 = hashlib.sha256(signed.charter).digest()
    return Chain((*chain.entries, Entry(inner.number, inner.text, inner.at_ms, sha256, raw)))


def verify(first: str, amendments: Iterable[bytes], coordinator: bytes, community: bytes) -> Chain:
    """Return the chain of these charters, which may come from anyone.

    first: text of the first.  amendments: each later one as signed, oldest first.  coordinator: raw agent key.  community: the id.
    MalformedError where the first is not what names this community, or one does not follow the one before; ForgedError (signature).
    """
    chain = begin(first)
    if chain.community != community:
        raise MalformedError("the first charter is not the one that names this community")
    for raw in amendments:
        chain = follow(chain, raw, coordinator)
    return chain


def difference(before: str, after: str) -> tuple[str, ...]:
    """Return what changed, as lines of a unified diff with one line around each change, fit for a terminal."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MOST_LINES:
        return (f"too long to compare: {len(old)} lines became {len(new)}",)
    lines = tuple(difflib.unified_diff(old, new, lineterm="", n=1))[2:]
    return tuple(map(_plain, lines)) or ("nothing but spaces at the ends of lines",)


def _plain(line: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line.expandtabs(4))


def _check(chain: Chain, inner: directory_pb2.Charter) -> None:
    """Raise MalformedError unless this charter may be the next of the chain."""
    if inner.community != chain.community:
        raise MalformedError("this charter is another community's")
    number = chain.last.number
    if (inner.number, inner.previous_sha256) != (number + 1, chain.last.sha256):
        raise MalformedError(f"charter {inner.number} does not follow charter {number}, which is known here")
    if inner.number > MOST:
        raise MalformedError(f"a charter is amended at most {MOST} times", "Found another community")
    if not 0 <= inner.at_ms <= LATEST_MS:
        raise MalformedError("a charter's date is out of range")
    _check_text(inner.text)
    if inner.text == chain.current:
        raise MalformedError(f"charter {inner.number} says what the one before it said")


def _check_text(text: str) -> None:
    if not text or len(text.encode()) > MAX_TEXT_BYTES:
        raise MalformedError(f"a charter has 1 to {MAX_TEXT_BYTES} bytes")
