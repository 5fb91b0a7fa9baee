"""A deal as an A2A task: pure functions of a session, from the guest's side."""

import base64
from typing import Any

from weal_node.negotiation import space
from weal_node.negotiation.negotiation import Negotiation, Statement
from weal_protocol import deal as life
from weal_protocol.deal import DealState
from weal_protocol.v1 import negotiation_pb2

GUEST = 0  # the guest invites, so it is the first party
STATE_OF = {
    DealState.INVITED: "TASK_STATE_SUBMITTED",  # the person has not let their agent negotiate yet
    DealState.RATIFIED: "TASK_STATE_COMPLETED",
    DealState.FULFILLED: "TASK_STATE_COMPLETED",
    DealState.DISPUTED: "TASK_STATE_COMPLETED",
    DealState.DECLINED: "TASK_STATE_REJECTED",
    DealState.CANCELLED: "TASK_STATE_CANCELED",
    DealState.NO_DEAL: "TASK_STATE_FAILED",
}


def task(deal: bytes, stands: Negotiation, now_ms: int) -> dict[str, Any]:
    """Return the task in A2A's JSON."""
    found: dict[str, Any] = {
        "id": deal.hex(),
        "contextId": deal.hex(),
        "status": {"state": state(stands, now_ms), "message": message(deal, stands, now_ms)},
    }
    if agreement := stands.agreement():
        raw = base64.b64encode(agreement.SerializeToString(deterministic=True)).decode()
        data = {"agreement": raw, "agreement_sha256": life.agreement_hash(agreement).hex()}
        found["artifacts"] = [{"artifactId": "agreement", "name": "agreement", "parts": [{"data": data}]}]
    return found


def state(stands: Negotiation, now_ms: int) -> str:
    """Return the task's state: INPUT_REQUIRED where it is the guest's turn."""
    at = stands.deal.state
    if at not in life.IN_FORCE and not stands.deal.over and 0 < stands.ratify_by() < now_ms:
        return "TASK_STATE_FAILED"
    if at in STATE_OF:
        return STATE_OF[at]
    if at in {DealState.AGREED, DealState.HALF_RATIFIED}:
        return "TASK_STATE_WORKING" if stands.ratified[GUEST] else "TASK_STATE_INPUT_REQUIRED"
    return "TASK_STATE_INPUT_REQUIRED" if stands.deal.turn == GUEST else "TASK_STATE_WORKING"


def message(deal: bytes, stands: Negotiation, now_ms: int) -> dict[str, Any]:
    """Return what the agent says of the deal now: in words, and as data."""
    at = stands.deal.state
    data: dict[str, Any] = {"state": at.value, "expires_ms": stands.expires_ms, "ratify_by_ms": stands.ratify_by()}
    if stands.offers:
        party, outcome = stands.offers[-1]
        option = [int(value) for value in space.option(stands.known(), outcome)]
        data["offer"] = {
            "by": _who(party),
            "option": option,
            "text": space.state(stands.known(), tuple(option), GUEST).text,
        }
    if stands.chosen() is not None:
        terms = stands.terms()
        data |= {"terms": base64.b64encode(terms).decode(), "terms_sha256": life.terms_hash(terms).hex()}
        data["ratified"] = ["guest"] * bool(stands.ratified[GUEST]) + ["person"] * bool(stands.ratified[1])
    if at in life.IN_FORCE:
        data["receipts"] = [_receipt(one) for one in stands.said if one.kind == "receipt"]
        data["outcomes"] = [_outcome(one) for one in stands.said if one.kind == "outcome"]
    words = f"The deal is {at.value}."
    if at in {DealState.AGREED, DealState.HALF_RATIFIED}:
        words += " Nobody is bound until both humans have ratified."
    return {
        "messageId": f"{deal.hex()}-{len(stands.said)}",
        "contextId": deal.hex(),
        "taskId": deal.hex(),
        "role": "ROLE_AGENT",
        "parts": [{"text": words}, {"data": data}],
    }


def _receipt(one: Statement) -> dict[str, Any]:
    """Return a receipt, or a dispute, so that its signature can be checked."""
    said = negotiation_pb2.Receipt.FromString(one.body)
    found = {"by": _who(one.party), "fulfilled": said.fulfilled, "reason": said.reason, "at_ms": said.at_ms}
    return found | {"signature": base64.b64encode(said.signature).decode()}


def _outcome(one: Statement) -> dict[str, Any]:
    return {"by": _who(one.party), "satisfied": negotiation_pb2.Outcome.FromString(one.body).satisfied}


def _who(party: int) -> str:
    return "guest" if party == GUEST else "person"
