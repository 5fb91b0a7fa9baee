"""Who may see the page: a link that works once, then a session. Tokens are kept hashed and never logged.

A link proves that one can read this terminal; using it starts a session, which a restart of the node keeps. A new
link made with `end_sessions` (`weal login --end-sessions`) ends every session and every older link.

A browser sends a session's cookie to every port of the name where it was set. So the page has a name of its own that nobody can
guess, `<random>.localhost`, and a session holds under the name where it began: who is to be sent its cookie must know that name.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

LINK_LIFE_MS = 24 * 3_600_000
SESSION_LIFE_MS = 30 * 24 * 3_600_000
MAX_SESSIONS = 16  # the oldest ends first
_NAME = re.compile(r"[a-z2-7]{32}\.localhost", re.ASCII)  # browsers lead .localhost to this machine by themselves


def _digest(purpose: str, token: str) -> str:
    return hashlib.sha256(f"weal/login/{purpose}/{token}".encode()).hexdigest()


class Login:
    """Links and sessions of one home. `file` holds hashes of sessions with their end, mode 0600; `now_ms` is the
    clock. The command line's own token is in `control`, mode 0600, and lives as long as this process. `name_file`, mode
    0600, holds the page's name, and is made where there is none."""

    def __init__(self, file: Path, control: Path, name_file: Path, now_ms: Callable[[], int]) -> None:
        self._file = file
        self._now_ms = now_ms
        self._name_file = name_file
        self._name = _kept_name(name_file) or self._named_anew()
        self._links: dict[str, int] = {}  # hash of a link's token: when it ends
        self._sessions = self._kept()
        self._control = secrets.token_urlsafe(32)
        write_private(control, self._control)

    @property
    def name(self) -> str:
        """The page's name, `<random>.localhost`, without a port."""
        return self._name

    def new_link(self, end_sessions: bool = False, new_name: bool = False) -> str:
        """Return the token of a new login link; it works once, for a day. Older links end. A new name ends every session too."""
        self._links.clear()
        if new_name:
            self._name = self._named_anew()
        if end_sessions or new_name:
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
        self._sessions[self._of(session)] = self._now_ms() + SESSION_LIFE_MS
        while len(self._sessions) > MAX_SESSIONS:
            self._sessions.pop(min(self._sessions, key=lambda key: self._sessions[key]))
        self._keep()
        return session

    def csrf_of(self, session: str) -> str | None:
        """Return the csrf token of a live session, None where there is none."""
        end = self._sessions.get(self._of(session))
        return _digest("csrf", session) if end is not None and end >= self._now_ms() else None

    def end_session(self, session: str) -> None:
        """Log one browser out."""
        self._sessions.pop(self._of(session), None)
        self._keep()

    def is_command_line(self, token: str) -> bool:
        """Say whether this is the token of this machine's own command line."""
        return hmac.compare_digest(token.encode(), self._control.encode())

    def _of(self, session: str) -> str:
        """What is kept of a session. With the page's name: one that began under another name, or before there were names, holds nowhere."""
        return _digest("session", f"{self._name}/{session}")

    def _named_anew(self) -> str:
        name = base64.b32encode(secrets.token_bytes(20)).decode().lower() + ".localhost"
        write_private(self._name_file, name)
        return name

    def _kept(self) -> dict[str, int]:
        try:
            sessions = json.loads(self._file.read_text())
            return {str(key): int(end) for key, end in sessions.items() if int(end) >= self._now_ms()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}  # none yet, or damaged: log in again

    def _keep(self) -> None:
        write_private(self._file, json.dumps(self._sessions))


def _kept_name(file: Path) -> str:
    """Return the name in this file; "" where there is none, or what is there is none."""
    try:
        name = file.read_text()
    except (OSError, ValueError):
        return ""
    return name if _NAME.fullmatch(name) else ""


def write_private(file: Path, text: str) -> None:
    """Replace the file in one step; nobody else could read it at any time."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
