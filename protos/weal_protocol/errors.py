"""Faults of the wire: which side did wrong, and what to do next."""


class WealError(Exception):
    """Any fault that Weal names. `hint` is the next step for the person who reads it."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what}. {self.hint}" if self.hint else self.what


class PeerError(WealError):
    """The other side sent something that the protocol does not allow."""


class ReplayedError(PeerError):
    """An envelope came again, or out of order."""


class EarlyError(ReplayedError):
    """An envelope came before the one that precedes it: it is kept until then."""


class EquivocatedError(PeerError):
    """The sender signed two envelopes for one place of a session: both together prove it."""


class ForgedError(PeerError):
    """A signature does not fit its bytes, its domain or its sender."""


class ExpiredError(PeerError):
    """An envelope came after its deadline."""


class MalformedError(PeerError):
    """Bytes that are not what they claim to be: size, shape, type or range."""


class UnlawfulMoveError(PeerError):
    """The move is not in the table for this state."""


class UnknownParentError(PeerError):
    """A record names others (`missing`: hex ids) that are not known; it may be taken once they are."""

    def __init__(self, what: str, hint: str = "", missing: tuple[str, ...] = ()) -> None:
        super().__init__(what, hint)
        self.missing = missing


class QuotaError(PeerError):
    """Someone's records would take more room than they are given."""
