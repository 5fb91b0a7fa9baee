"""Faults of a coordinator, in the words of whoever runs it."""

from weal_protocol.errors import WealError


class CoordinatorError(WealError):
    """The coordinator cannot do what was asked; the message says why, the hint what to do."""


class DatabaseError(CoordinatorError):
    """The database cannot be reached, or stopped answering; the same may work later."""


class InviteError(CoordinatorError):
    """An invite is unknown, or was used before."""


class NobodyError(CoordinatorError):
    """Whoever was named is nobody here, more than one, or cannot be meant."""


class MailboxFullError(CoordinatorError):
    """The receiver has too much mail waiting."""


class BudgetError(CoordinatorError):
    """The next round would pass the charter's cap on epsilon."""


class FloorError(CoordinatorError):
    """So few people take part that nothing would be released."""


class RoundError(CoordinatorError):
    """A round could not be run."""
