"""What was said in a deal, message by message, as it was said; and what only one side knows while it is."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError, Message

from weal_protocol.errors import MalformedError
from weal_protocol.v1 import negotiation_pb2

T = TypeVar("T", bound=Message)
Values = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One message of the transcript: the index of the party that said it, its kind, its serialised body."""

    party: int
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class OwnSide:
    """What only this side knows.

    party: its index.
    utilities: (n,) gains over no deal.
    secret: 32 bytes that all nonces come from.
    sign: the agent's signature over a hash of terms.
    places: the person's ranking of the menu (see ballots.settle), None before they ranked.
    reservation: the least share of its best gain that this side settles for.
    """

    party: int
    utilities: npt.NDArray[np.float64]
    secret: bytes
    sign: Callable[[bytes], bytes]
    places: Values | None = None
    reservation: float = 0.0


def digest(said: tuple[Statement, ...]) -> bytes:
    """Return the SHA-256 of all that led to the terms: every message before the first that carries a signature over them."""
    whole = hashlib.sha256()
    for statement in said:
        if _is_over_terms(statement):
            break
        whole.update(hashlib.sha256(statement.kind.encode() + b"\0" + statement.body).digest())
    return whole.digest()


def _is_over_terms(statement: Statement) -> bool:
    """Whether a message carries a signature over the terms."""
    if statement.kind == "reveal":
        return bool(negotiation_pb2.Reveal.FromString(statement.body).signed.signature)
    return statement.kind == "ratify"


def parsed(kind: type[T], body: bytes) -> T:
    """Return a message's body; MalformedError when it is none of this kind."""
    try:
        return kind.FromString(body)
    except DecodeError as fault:
        raise MalformedError("a message of a deal cannot be read") from fault
