"""Who may see the page: a link that works once, then a session. Tokens are kept hashed and never logged.

A link proves that one can read this terminal; using it starts a session, which a restart of the node keeps. A new
link made with `end_sessions` (`weal login --end-sessions`) ends every session and every older link.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

LINK_LIFE_MS = 24 * 3_600_000
SESSION_LIFE_MS = 30 * 24 * 3_600_000
MAX_SESSIONS = 16  # the oldest ends first


def _digest(purpose: str, token: str) -> str:
    return hashlib.sha256(f"weal/login/{purpose}/{token}".encode()).hexdigest()


class Login:
    """Links and sessions of one home. `file` holds hashes of sessions with their end, mode 0600; `now_ms` is the
    clock. The command line's own token is in `control`, mode 0600, and lives as long as this process."""

    def __init__(self, file: Path, control: Path, now_ms: Callable[[], int]) -> None:
        self._file = file
        self._now_ms = now_ms
        self._links: dict[str, int] = {}  # hash of a link's token: when it ends
        self._sessions = self._kept()
        self._control = secrets.token_urlsafe(32)
        _write_private(control, self._control)

    def new_link(self, end_sessions: bool = False) -> str:
        """Return the token of a new login link; it works once, for a day. Older links end."""
        self._links.clear()
        if end_sessions:
            self._sessions.clear()
            self._keep()
        token = secrets.token_urlsafe(32)
        self._links[_digest("link", token)] = self._now_ms() + LINK_LIFE_MS
        return token

    def use_link(self, token: str) -> str | None:
        """Return a new session for a link that was not used before; None for any other token."""
        end = self._links.pop(_digest("link", token), None)  # found by its hash: no comparison to time
        if end is None or end < self._now_ms():
            return None
        session = secrets.token_urlsafe(32)
        self._sessions[_digest("session", session)] = self._now_ms() + SESSION_LIFE_MS
        while len(self._sessions) > MAX_SESSIONS:
            self._sessions.pop(min(self._sessions, key=lambda key: self._sessions[key]))
        self._keep()
        return session

    def csrf_of(self, session: str) -> str | None:
        """Return the csrf token of a live session, None where there is none."""
        end = self._sessions.get(_digest("session", session))
        return _digest("csrf", session) if end is not None and end >= self._now_ms() else None

    def end_session(self, session: str) -> None:
        """Log one browser out."""
        self._sessions.pop(_digest("session", session), None)
        self._keep()

    def is_command_line(self, token: str) -> bool:
        """Say whether this is the token of this machine's own command line."""
        return hmac.compare_digest(token.encode(), self._control.encode())

    def _kept(self) -> dict[str, int]:
        try:
            found = json.loads(self._file.read_text())
            return {str(key): int(end) for key, end in found.items() if int(end) >= self._now_ms()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}  # none yet, or damaged: log in again

    def _keep(self) -> None:
        _write_private(self._file, json.dumps(self._sessions))


def _write_private(file: Path, text: str) -> None:
    """Replace the file in one step; nobody else could read it at any time."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
