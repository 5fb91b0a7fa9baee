"""The door of a server: who is asking. The coordinator has one, and so has a node that answers other nodes.

A member signs a fresh challenge together with the SHA-256 of this server's certificate, so that a man in the
middle with another certificate gains nothing; they get a session token for a limited time.

A challenge is made of the time and a keyed hash, and nothing of it is kept: whoever asks for a million of them fills no table
and pushes out no one else's. What was signed is remembered until it is too old, so that each is good for one sign-in.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from typing import Protocol

from weal_protocol import signing
from weal_protocol.errors import ForgedError

CHALLENGE_S = 60.0
MOST_SESSIONS = 16  # of one member; with one more the oldest of theirs ends, and nobody else's
_STAMP = 16  # bytes of a challenge before its keyed hash: 8 of time, 8 random
METADATA = "weal-session"


class Call(Protocol):
    """What a door sees of a call."""

    def invocation_metadata(self) -> Iterable[tuple[str, str | bytes]] | None:
        """Return names and values that came with the call."""

    def peer(self) -> str:
        """Return from where the server was called, as gRPC names it."""


class Door:
    """Sessions of members who signed in. Kept in memory: after a restart they sign in again. seen: is told whose connection it is.

    secret: what challenges are hashed with, made here unless given.  used: challenges that were signed, until they are too old."""

    def __init__(
        self,
        certificate_sha256: bytes,
        session_s: int,
        monotonic: Callable[[], float],
        seen: Callable[[str, bytes], None] = lambda _peer, _agent_key: None,
        secret: bytes | None = None,
    ) -> None:
        self._certificate = certificate_sha256
        self._session_s = session_s
        self._now = monotonic
        self._seen = seen
        self._secret = secret or secrets.token_bytes(32)
        self.used: dict[bytes, float] = {}
        self._sessions: dict[str, tuple[bytes, float]] = {}
        self._endings: list[Callable[[bytes], int]] = []

    def challenge(self, agent_key: bytes) -> bytes:
        """Return 32 bytes that this member may sign once, soon."""
        stamp = int(self._now() * 1_000).to_bytes(8, "big") + secrets.token_bytes(8)
        return stamp + self._seal(agent_key, stamp)

    def check(self, agent_key: bytes, challenge: bytes, signature: bytes) -> None:
        """Raise ForgedError unless the owner of this key signed a challenge that was made for it, not long ago."""
        stamp, seal = challenge[:_STAMP], challenge[_STAMP:]
        age = self._now() - int.from_bytes(stamp[:8], "big") / 1_000
        if not hmac.compare_digest(seal, self._seal(agent_key, stamp)) or age > CHALLENGE_S or challenge in self.used:
            raise ForgedError("this challenge is not good any more", "Ask for a new one")
        signing.verify(agent_key, "sign-in", challenge + self._certificate, signature)

    def admit(self, agent_key: bytes, challenge: bytes) -> str:
        """Return a session token for a member whose signature was checked. ForgedError for a second time."""
        now = self._now()
        self.used = {used: until for used, until in self.used.items() if until > now}
        if challenge in self.used:
            raise ForgedError("this challenge is not good any more", "Ask for a new one")
        self.used[challenge] = now + CHALLENGE_S + 1  # its time was cut to milliseconds
        token = secrets.token_urlsafe(32)
        self._sessions = {old: session for old, session in self._sessions.items() if session[1] > now}
        theirs = [old for old, session in self._sessions.items() if session[0] == agent_key]
        for old in theirs[: max(0, len(theirs) - MOST_SESSIONS + 1)]:
            del self._sessions[old]
        self._sessions[token] = (agent_key, now + self._session_s)
        return token

    def _seal(self, agent_key: bytes, stamp: bytes) -> bytes:
        return hmac.digest(self._secret, stamp + agent_key, hashlib.sha256)[:16]

    def member(self, call: Call) -> bytes | None:
        """Return the agent key of whoever asks, or None without a session."""
        metadata = {str(key): value for key, value in call.invocation_metadata() or ()}
        token = metadata.get(METADATA, "")
        agent_key, until = self._sessions.get(str(token), (None, 0.0))
        if agent_key is None or until <= self._now():
            return None
        self._seen(call.peer(), agent_key)
        return agent_key

    def at_end(self, act: Callable[[bytes], int]) -> None:
        """Let a service end what it holds open for a member whose sessions end; it returns how many that were."""
        self._endings.append(act)

    def end(self, agent_key: bytes) -> int:
        """End every session of this member, and whatever services hold open for them; return how many that were."""
        before = len(self._sessions)
        self._sessions = {t: s for t, s in self._sessions.items() if s[0] != agent_key}
        return before - len(self._sessions) + sum(act(agent_key) for act in self._endings)
