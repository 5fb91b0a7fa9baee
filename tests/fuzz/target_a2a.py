"""What foreign agents say: JSON, and the issues of a deal in it."""

import json

from weal_node.a2a import server, words
from weal_node.deals.guests import issues
from weal_protocol.errors import WealError

SEEDS = (
    b'{"issues": [{"name": "a", "values": ["1", "2"], "giver": 0}]}',
    b'{"message": {"parts": [{"data": {"weal": "offer"}}]}}',
    b'{"agent_key": "00"}',
)


def fuzz_one(data: bytes) -> None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(found, dict):
        return
    for act in (
        lambda: issues(found.get("issues")),
        lambda: server.data_of(message if isinstance(message := found.get("message"), dict) else {}),
        lambda: server.bytes_of_hex(found.get("agent_key")),
        lambda: words.bytes_of(found.get("signature")),
    ):
        try:
            act()
        except (WealError, server.RpcError):
            continue
