"""Faults of a node, in the words of its person."""

from typing import Any

from weal_protocol.errors import WealError


class NodeError(WealError):
    """The node cannot do what was asked; the message says why, the hint what to do."""


class NotSetUpError(NodeError):
    """There is no node in this home yet."""


class FolderError(NodeError):
    """A folder or file cannot be made, read or written there."""


class AlreadyRunningError(NodeError):
    """Another process holds this home."""


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
