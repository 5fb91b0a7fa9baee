"""What every part of deals works with, in one value; and what of other rooms is needed here."""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from weal_node.deals.approvals import Approvals
from weal_node.keys import Keys
from weal_node.mail.outbox import UnsignedLetter
from weal_node.mind.answers import Learner
from weal_node.records import Item
from weal_node.store.database import Database
from weal_protocol.cards import Member
from weal_protocol.v1 import negotiation_pb2

Logged = dict[bytes, tuple[bytes, negotiation_pb2.Stamp]]  # by agent key: a serialised Ratify, and its stamp


class Post(Protocol):
    """What of the mail is needed here (mail/outbox.py)."""

    def enclose(
        self,
        connection: sqlite3.Connection,
        unsigned: UnsignedLetter,
    ) -> None:
        """Put a signed letter into the outbox, inside the caller's transaction."""

    def wake(self) -> None:
        """Send what is in the outbox."""

    def member(self, agent_key: bytes) -> Awaitable[Member]:
        """Return a member's card, or what stands for a guest's."""

    def is_guest(self, agent_key: bytes) -> bool:
        """Say whether this key is a guest's: they look for themselves, nothing is sent to them."""


class Notary(Protocol):
    """The community's notary, asked directly (outbound/community.py)."""

    @property
    def coordinator(self) -> bytes:
        """The key by which it signs its stamps."""

    def notarise(self, ratify: bytes) -> Awaitable[negotiation_pb2.Stamp]:
        """Have a serialised Ratify logged; the caller wrote the disclosure."""

    def notarised(self, terms_sha256: bytes) -> Awaitable[tuple[Logged, int]]:
        """Return what was logged for these terms, and the notary's time before it looked (ms)."""


class Comparer(Protocol):
    """What finding deals asks of the mind."""

    async def similarity(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Cosines between texts (n, n)."""

    def vetoed(self, state: Item) -> str:
        """The veto that rules an item out, "" when none does."""


class OptionJudge(Comparer, Learner, Protocol):
    """What acts on deals ask of the mind."""

    async def utilities(self, items: Sequence[Item], /) -> npt.NDArray[np.float64]:
        """Gains over no deal (n,)."""


@dataclass(frozen=True, slots=True)
class Context:
    """What deals of one node in one community work with.

    database, keys: this node's.
    post: takes letters, and knows who is a guest.
    notary: logs and stamps ratifications.
    approvals: the off switch, the person's approvals and limits.
    clock: Unix time in milliseconds.
    name_of: what the party of an agent key is called.
    """

    database: Database
    keys: Keys
    post: Post
    notary: Notary
    approvals: Approvals
    clock: Callable[[], int]
    name_of: Callable[[bytes], str]

    @property
    def own_key(self) -> bytes:
        """This node's agent key."""
        return self.keys.agent_public

    def others(self, parties: Sequence[bytes]) -> tuple[bytes, ...]:
        """Return these parties without this node."""
        return tuple(party for party in parties if party != self.own_key)

    def names(self, parties: Sequence[bytes]) -> tuple[str, ...]:
        """Return the parties' names, this person's as "you"; a name that is not theirs alone comes with some of the key."""
        plain = ["you" if party == self.own_key else self.name_of(party) for party in parties]
        unique = [
            name if plain.count(name) == 1 else f"{name} {party.hex()[:12]}"
            for name, party in zip(plain, parties, strict=True)
        ]
        return tuple(unique)
