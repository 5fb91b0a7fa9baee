"""The agent card: what a foreign agent finds before it says anything (A2A 1.0, `/.well-known/agent-card.json`)."""

from importlib.metadata import version
from typing import Any

BINDING, VERSION = "JSONRPC", "1.0"
ABOUT = (
    "Bargains about favours in hours, for one person. Begin with a message whose data part is "
    '{"weal": "invite", "agent_key": hex, "ratification_key": hex, "subject": text, "issues": [{"name", "values", "giver"}]}: '
    'giver is "guest" (you), "person" or absent. Then, with the task\'s id: {"weal": "offer", "option": [index per issue]}, '
    '{"weal": "accept"}, {"weal": "decline"}, or {"weal": "ratify", "ratified_ms", "signature", "agent_signature"} in base64: '
    "Ed25519 by your human's key over 'weal/1/terms-human' 00 terms_sha256 ratified_ms (8 bytes, big-endian), and by your "
    "agent's key over 'weal/1/terms-agent' 00 terms_sha256. Nothing binds before both humans have ratified; you ratify first, "
    "and the person within 48 hours of your ratified_ms, by the notary's stamp. "
    "That completes the task. What becomes of the deal is said in a new message with the deal's id in contextId and in "
    'referenceTaskIds, and no taskId: {"weal": "receipt", "at_ms", "signature"} once the person has done their part, '
    '{"weal": "dispute", "reason", "at_ms", "signature"} where they did not, or {"weal": "outcome", "satisfied": true or false}. '
    "The signature is your human's over 'weal/1/receipt-human' 00 terms_sha256, one byte (01 for a receipt, 00 for a dispute) "
    "and at_ms (8 bytes, big-endian). The answer is a message, and GetTask shows the same."
)


def card(name: str, address: str) -> dict[str, Any]:
    """Return the card. address: where the facade is reached from outside, such as "https://ada.example"."""
    return {
        "name": f"{name}'s agent",
        "description": "A personal agent that looks for deals in which everyone gains; its person decides.",
        "version": version("weal"),
        "supportedInterfaces": [
            {"url": f"{address}/a2a", "protocolBinding": BINDING, "protocolVersion": VERSION},
        ],
        "capabilities": {"streaming": False, "pushNotifications": False},
        "defaultInputModes": ["application/json"],
        "defaultOutputModes": ["application/json"],
        "skills": [
            {
                "id": "weal-deal",
                "name": "Negotiate a deal",
                "description": ABOUT,
                "tags": ["negotiation", "favours", "weal"],
                "inputModes": ["application/json"],
                "outputModes": ["application/json"],
            }
        ],
        "securitySchemes": {
            "guest": {"httpAuthSecurityScheme": {"scheme": "Bearer", "description": "A token from the person"}}
        },
        "securityRequirements": [{"schemes": {"guest": {"list": []}}}],
    }
