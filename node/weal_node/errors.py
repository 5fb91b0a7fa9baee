"""Faults of a node, in the words of its person."""

import errno
import sqlite3
from typing import Any

from weal_protocol.errors import WealError

OWN_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,  # a value that no column takes
)  # what somebody's bytes can bring about: never the disk's, never the wire's


class NodeError(WealError):
    """The node cannot do what was asked; the message says why, the hint what to do."""


class NotSetUpError(NodeError):
    """There is no node in this home yet."""


class FolderError(NodeError):
    """A folder or file cannot be made, read or written there."""


class NoRoomError(NodeError):
    """The disk, or what this person may use of it, is full, or cannot be written. Nothing that was there has changed."""


class AlreadyRunningError(NodeError):
    """Another process holds this home."""


class SilentError(NodeError):
    """A node runs in this home and does not answer its own command line."""


class VaultError(NodeError):
    """A note cannot be read or written."""


class StaysHereError(VaultError):
    """A note was saved, but it cannot leave as it is."""


class NotFoundError(NodeError):
    """There is no such item, note or deal."""


class RefusedError(NodeError):
    """The person, a rule or a cap says no."""


class HeldError(RefusedError):
    """What would leave at once seems to give something away. findings: what (`vault.sensitive.Finding`); nothing has left."""

    def __init__(self, what: str, hint: str, findings: tuple[Any, ...]) -> None:
        super().__init__(what, hint)
        self.findings = findings


class TypedError(RefusedError):
    """What the person typed is not of the form that is asked for; nothing was changed."""


class SwitchedOffError(RefusedError):
    """The person has switched everything off; what was asked says nothing wrong, and may be asked again after."""


class CommunityError(NodeError):
    """The community's coordinator cannot be reached, or refused."""


class NoMemberError(CommunityError):
    """A key that belongs to no member: whoever names it is mistaken, not the community."""


class UnreachableError(CommunityError):
    """No answer came that says anything about what was asked: the same may be asked again."""


class UnknownParentsError(CommunityError):
    """A record names others that the commons does not have."""


class ChangedMeanwhileError(VaultError):
    """Another program changed the note since the person last saw it; nothing was overwritten."""


def reason(fault: OSError) -> str:
    """Return why the system refused a file or folder, in words that follow a colon."""
    if isinstance(fault, FileExistsError | NotADirectoryError):
        return "a file is in the way"
    return (fault.strerror or type(fault).__name__).lower()


_ROOM = "Free some room on it and do the same again. What was saved before is as it was"
_FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "your share of the disk is full"}
_OTHER = {
    errno.EFBIG: ("a file would grow larger than this system lets it", "See `ulimit -f`, then do the same again"),
    errno.EROFS: ("the disk can only be read", "See whether it is mounted read-only, or damaged"),
    errno.EIO: ("the disk reports a fault of its own", "Make a backup elsewhere now, and look after the disk"),
    errno.EMFILE: ("this process may open no more files", "See `ulimit -n`, then start the node again"),
    errno.ENFILE: ("this system can open no more files", "End other programs, then do the same again"),
}


def hardship(fault: BaseException) -> NodeError | None:
    """Return what the machine could not do, in words with a next step; None for a fault of another kind."""
    if isinstance(fault, sqlite3.Error):
        said = str(fault)
        if "disk is full" in said:
            return NoRoomError(_FULL[errno.ENOSPC], _ROOM)
        if "readonly" in said or "disk I/O" in said:
            return NoRoomError(f"the database cannot be written: {said}", "See whether its disk is full or read-only")
        if "is locked" in said:
            return NodeError("the node has much to write just now", "Try again in a minute")
        return None
    if not isinstance(fault, OSError):
        return None
    if fault.errno in _FULL:
        return NoRoomError(_FULL[fault.errno], _ROOM)
    return NoRoomError(*_OTHER[fault.errno]) if fault.errno in _OTHER else None
