"""From what was said in a deal to its negotiation. What was replayed lately is remembered, so that one message more is one step."""

import functools

from weal_node.negotiation.negotiation import Negotiation
from weal_node.negotiation.transcript import Statement

REMEMBERED = 200  # negotiations, and messages of one


def replay(said: tuple[Statement, ...]) -> Negotiation:
    """Return the negotiation after these messages; a PeerError names what is wrong with the last."""
    if 0 < len(said) <= REMEMBERED:
        return _one_more(said)
    negotiation = Negotiation()
    for statement in said:
        negotiation = negotiation.after(statement)
    return negotiation


@functools.lru_cache(maxsize=REMEMBERED)
def _one_more(said: tuple[Statement, ...]) -> Negotiation:
    return replay(said[:-1]).after(said[-1])
