"""One commit as git's fast-import reads it: whole files as bytes, under the paths that they have. Pure.

Nothing on this way looks at a working folder, so no attribute, filter, ignored name or nested repository can have a say. A stream
that was cut off lacks its last line, and is then committed in no part.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_WHO = b"weal <weal@localhost>"


@dataclass(frozen=True, slots=True)
class CommitChange:
    """branch: full name.  before: the commit that it follows, "" for none.  contents: by path.  gone: paths that it takes out."""

    branch: str
    before: str
    message: str
    contents: Mapping[str, bytes]
    gone: Sequence[str] = ()


def stream(change: CommitChange, at_s: int | None = None) -> bytes:
    """Return what fast-import reads; it prints the new commit's id. at_s: Unix time, now by default."""
    return b"".join(_pieces(change, int(time.time()) if at_s is None else at_s))


def _pieces(change: CommitChange, at_s: int) -> Iterable[bytes]:
    yield b"commit %s\nmark :1\ncommitter %s %d +0000\n" % (change.branch.encode(), _WHO, at_s)
    yield _data(change.message.encode(errors="replace"))
    if change.before:
        yield b"from %s\n" % change.before.encode()
    for path in change.gone:
        yield b"D %s\n" % _quoted(path)
    for path, content in change.contents.items():
        yield b"M 100644 inline %s\n" % _quoted(path)
        yield _data(content)
    yield b"get-mark :1\ndone\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    raw = path.encode(errors="surrogateescape")
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
