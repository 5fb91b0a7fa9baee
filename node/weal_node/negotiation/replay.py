"""Replay: from what was said to where a deal stands. What was replayed lately is remembered, so that one message more is one step."""

import functools

from weal_node.negotiation.negotiation import Negotiation
from weal_node.negotiation.transcript import Statement

REMEMBERED = 200  # sessions, and messages of one


def replay(said: tuple[Statement, ...]) -> Negotiation:
    """Return the session after these messages; a PeerError names what is wrong with the last."""
    if 0 < len(said) <= REMEMBERED:
        return _one_more(said)
    session = Negotiation()
    for one in said:
        session = session.after(one)
    return session


@functools.lru_cache(maxsize=REMEMBERED)
def _one_more(said: tuple[Statement, ...]) -> Negotiation:
    return replay(said[:-1]).after(said[-1])
