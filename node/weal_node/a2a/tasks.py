"""A deal as an A2A task: pure functions of a negotiation, from the guest's side."""

import base64
from typing import Any

from weal_node.deals.states import EXPIRED_ROW, STATES, DealPhase
from weal_node.negotiation import space
from weal_node.negotiation.negotiation import Negotiation, Statement
from weal_protocol import deal as life
from weal_protocol.deal import Move
from weal_protocol.v1 import negotiation_pb2

GUEST = 0  # the guest invites, so it is the first party


def task(deal: bytes, negotiation: Negotiation, now_ms: int) -> dict[str, Any]:
    """Return the task in A2A's JSON."""
    listed: dict[str, Any] = {
        "id": deal.hex(),
        "contextId": deal.hex(),
        "status": {"state": state(negotiation, now_ms), "message": message(deal, negotiation, now_ms)},
    }
    if agreement := negotiation.agreement():
        raw = base64.b64encode(agreement.SerializeToString(deterministic=True)).decode()
        data = {"agreement": raw, "agreement_sha256": life.agreement_hash(agreement).hex()}
        listed["artifacts"] = [{"artifactId": "agreement", "name": "agreement", "parts": [{"data": data}]}]
    return listed


def state(negotiation: Negotiation, now_ms: int) -> str:
    """Return the task's state: INPUT_REQUIRED where it is the guest's turn."""
    row = STATES[negotiation.deal.state]
    if not has_ended(negotiation) and 0 < negotiation.ratify_by() < now_ms:
        return EXPIRED_ROW.task
    if row.task:
        return row.task
    may_ratify = row.phase is DealPhase.RATIFYING and negotiation.ratified[GUEST] is None
    return "TASK_STATE_INPUT_REQUIRED" if may_ratify or negotiation.deal.turn == GUEST else "TASK_STATE_WORKING"


def has_ended(negotiation: Negotiation) -> bool:
    """Whether the task has: the deal is in force, or came to nothing. What became of a deal in force is said in its context."""
    return STATES[negotiation.deal.state].phase in {DealPhase.IN_FORCE, DealPhase.OVER}


def can_cancel(negotiation: Negotiation) -> bool:
    """Whether the guest may: it has not given its word, and nothing has ended."""
    return negotiation.ratified[GUEST] is None and Move.CANCEL in life.MOVES[negotiation.deal.state]


def message(deal: bytes, negotiation: Negotiation, now_ms: int) -> dict[str, Any]:
    """Return what the agent says of the deal now: in words, and as data."""
    now = STATES[negotiation.deal.state].phase
    called = negotiation.deal.state.value
    data: dict[str, Any] = {
        "state": called,
        "expires_ms": negotiation.expires_ms,
        "ratify_by_ms": negotiation.ratify_by(),
    }
    if negotiation.offers:
        party, outcome = negotiation.offers[-1]
        option = [int(value) for value in space.option(negotiation.known(), outcome)]
        data["offer"] = {
            "by": _who(party),
            "option": option,
            "text": space.state(negotiation.known(), tuple(option), GUEST).text,
        }
    if negotiation.chosen() is not None:
        terms = negotiation.terms()
        data |= {"terms": base64.b64encode(terms).decode(), "terms_sha256": life.terms_hash(terms).hex()}
        data["ratified"] = ["guest"] * bool(negotiation.ratified[GUEST]) + ["person"] * bool(negotiation.ratified[1])
    if now is DealPhase.IN_FORCE:
        statements = negotiation.said
        data["receipts"] = [_receipt(statement) for statement in statements if statement.kind == "receipt"]
        data["outcomes"] = [_outcome(statement) for statement in statements if statement.kind == "outcome"]
    words = f"The deal is {called}."
    if now is DealPhase.RATIFYING:
        words += " Nobody is bound until both humans have ratified."
    return {
        "messageId": f"{deal.hex()}-{len(negotiation.said)}",
        "contextId": deal.hex(),
        "taskId": deal.hex(),
        "role": "ROLE_AGENT",
        "parts": [{"text": words}, {"data": data}],
    }


def _receipt(statement: Statement) -> dict[str, Any]:
    """Return a receipt, or a dispute, so that its signature can be checked."""
    receipt = negotiation_pb2.Receipt.FromString(statement.body)
    signature = base64.b64encode(receipt.signature).decode()
    words = {"by": _who(statement.party), "fulfilled": receipt.fulfilled, "reason": receipt.reason}
    return words | {"at_ms": receipt.at_ms, "signature": signature}


def _outcome(statement: Statement) -> dict[str, Any]:
    word = negotiation_pb2.Outcome.FromString(statement.body)
    return {"by": _who(statement.party), "satisfied": word.satisfied}


def _who(party: int) -> str:
    return "guest" if party == GUEST else "person"
