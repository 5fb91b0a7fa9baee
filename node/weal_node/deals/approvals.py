"""Approvals: what stands between an agent and an effect. The off switch, approvals, and what may be at stake in all.

An approval is a keyed hash over one act on one deal as the person saw it, with an end; it is used up in the very transaction
that has the effect. Only a page makes one (tests/architecture): no work in the background, no peer and no model has a way to.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Callable

from weal_node.deals.stakes import ActionLimits
from weal_node.errors import RefusedError, SwitchedOffError
from weal_node.store import approvals, disclosures

VALID_MS = 15 * 60 * 1_000  # of a page that somebody reads before they decide
WEEK_MS = 7 * 24 * 3_600 * 1_000
RATIFY = "ratify"  # the act that binds, by its name in the store of used approvals
_STAMP = 24  # bytes: when it ends, 8, and 16 random ones


class Approvals:
    """One node's. off: says whether the person has switched everything off; it is asked before every effect."""

    def __init__(self, clock: Callable[[], int], off: Callable[[], bool], limits: ActionLimits | None = None) -> None:
        self.limits = limits or ActionLimits()
        self._clock = clock
        self._off = off
        self._key = secrets.token_bytes(32)  # never written down: a restart ends every approval that was not used

    def check_on(self) -> None:
        """Raise SwitchedOffError when everything is switched off."""
        if self._off():
            raise SwitchedOffError("everything is switched off: nothing leaves this node", "Resume on the Privacy page")

    def approve(self, act: str, deal: bytes, about: bytes) -> str:
        """Return an approval for a form of the page that shows this deal as it is now. about: its SHA-256."""
        stamp = (self._clock() + VALID_MS).to_bytes(8, "big") + secrets.token_bytes(16)
        return base64.urlsafe_b64encode(stamp + self._seal(stamp, act, deal, about)).decode()

    def use(self, connection: sqlite3.Connection, approval: str, act: str, deal: bytes, about: bytes) -> None:
        """Use an approval up in the transaction that has the effect; RefusedError, and no effect, without a good one."""
        self.check_on()
        try:
            token = base64.urlsafe_b64decode(approval.encode())
        except (binascii.Error, ValueError) as fault:
            raise RefusedError("this was not approved", "Load the page again") from fault
        stamp, seal = token[:_STAMP], token[_STAMP:]
        if not hmac.compare_digest(seal, self._seal(stamp, act, deal, about)):
            raise RefusedError("this is not what you approved: the deal has moved on", "Load the page again")
        if int.from_bytes(stamp[:8], "big") < self._clock():
            raise RefusedError("your approval has expired", "Load the page again")
        if not approvals.use(connection, hashlib.sha256(token).digest(), act, deal, about, self._clock()):
            raise RefusedError("this was done already", "Load the page again")

    def disclosed_this_week(self, connection: sqlite3.Connection) -> float:
        """Return the bits about the person's wishes that were disclosed to everyone in seven days."""
        return disclosures.bits_since(connection, self._clock() - WEEK_MS)

    def ratified_this_week(self, connection: sqlite3.Connection) -> int:
        """Return how many deals the person ratified in seven days."""
        return approvals.used_since(connection, RATIFY, self._clock() - WEEK_MS)

    def _seal(self, stamp: bytes, act: str, deal: bytes, about: bytes) -> bytes:
        parts = (stamp, act.encode(), deal, about)
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hmac.digest(self._key, b"weal/1/approval\0" + message, hashlib.sha256)
