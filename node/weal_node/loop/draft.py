"""Draft: what could be agreed on, before any agent has said anything."""

from weal_node.negotiation import space
from weal_node.store import deals as stored
from weal_protocol.v1 import negotiation_pb2 as pb


def drafted(row: stored.Row, own_key: bytes) -> space.Space:
    """Return the space that a deal would have, before there is an invitation."""
    if row.space is None:
        parties = (own_key, row.other) if row.party == 0 else (row.other, own_key)
        return space.swap(parties, (row.mine, row.theirs), row.sources)
    return space.read(pb.DealSpace.FromString(row.space))
