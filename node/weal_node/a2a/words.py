"""What a guest says of a deal, from the data part of an A2A message to kind and body of our own protocol's message."""

import base64
import binascii
from typing import Any

from weal_node.negotiation import space
from weal_node.negotiation.negotiation import Negotiation
from weal_protocol import deal
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import negotiation_pb2

AFTERWARDS = frozenset({"receipt", "dispute", "outcome"})  # of a deal in force, whose task has ended
MAX_REASON = 200  # characters
Params = dict[str, Any]


def said(data: Params, negotiation: Negotiation) -> tuple[str, bytes]:
    """Return kind and body of the message of our own protocol that a guest's data stands for."""
    match data.get("weal"):
        case "offer":
            option = data.get("option")
            if not isinstance(option, list) or not all(
                isinstance(value, int) and 0 <= value < 1 << 31 for value in option
            ):
                raise MalformedError("an option is a list of indexes, one for each issue")
            return "offer", negotiation_pb2.Offer(option=option).SerializeToString(deterministic=True)
        case "accept":
            if not negotiation.offers:
                raise MalformedError("there is no offer to accept")
            option = space.option(negotiation.known(), negotiation.offers[-1][1])
            return "accept", negotiation_pb2.Offer(option=option).SerializeToString(deterministic=True)
        case "decline":
            return "decline", negotiation_pb2.Decline().SerializeToString()
        case "ratify":
            digest, when = deal.terms_hash(negotiation.terms()), data.get("ratified_ms")
            if not isinstance(when, int) or not 0 < when < 1 << 62:
                raise MalformedError("a ratification says when it was made")
            ratify = negotiation_pb2.Ratify(
                terms_sha256=digest, ratified_ms=when, signature=bytes_of(data.get("signature"))
            )
            ratify.signed.CopyFrom(
                negotiation_pb2.Sign(terms_sha256=digest, signature=bytes_of(data.get("agent_signature")))
            )
            return "ratify", ratify.SerializeToString(deterministic=True)
    raise MalformedError("this is nothing that can be said in a deal; the agent card lists what can")


def said_afterwards(data: Params, negotiation: Negotiation) -> tuple[str, bytes]:
    """Return kind and body of what a guest says of a deal in force; the signature is checked where letters are heard."""
    digest, kind = deal.terms_hash(negotiation.terms()), data.get("weal")
    if kind == "outcome":
        if not isinstance(data.get("satisfied"), bool):
            raise MalformedError("an outcome says true or false: satisfied or not")
        outcome = negotiation_pb2.Outcome(terms_sha256=digest, satisfied=data["satisfied"])
        return "outcome", outcome.SerializeToString(deterministic=True)
    when, reason = data.get("at_ms"), data.get("reason", "")
    if not isinstance(when, int) or not 0 < when < 1 << 62:
        raise MalformedError("a receipt, or a dispute, says when it was made")
    if not isinstance(reason, str) or len(reason) > MAX_REASON:
        raise MalformedError(f"the reason of a dispute is a text of at most {MAX_REASON} characters")
    receipt = negotiation_pb2.Receipt(
        terms_sha256=digest,
        fulfilled=kind == "receipt",
        reason=reason if kind == "dispute" else "",
        at_ms=when,
        signature=bytes_of(data.get("signature")),
    )
    return "receipt", receipt.SerializeToString(deterministic=True)


def bytes_of(given: object) -> bytes:
    """Return the bytes of a text in base64, none where there is no text. MalformedError where it is not in base64."""
    try:
        return base64.b64decode(given, validate=True) if isinstance(given, str) else b""
    except binascii.Error as fault:
        raise MalformedError("a signature is in base64") from fault
