"""Replay: from what was said to where a deal stands. What was replayed lately is remembered, so that one message more is one step."""

import functools

from weal_node.negotiation.negotiation import Session
from weal_node.negotiation.transcript import Said

REMEMBERED = 200  # sessions, and messages of one


def replay(said: tuple[Said, ...]) -> Session:
    """Return the session after these messages; a PeerError names what is wrong with the last."""
    if 0 < len(said) <= REMEMBERED:
        return _one_more(said)
    session = Session()
    for one in said:
        session = session.after(one)
    return session


@functools.lru_cache(maxsize=REMEMBERED)
def _one_more(said: tuple[Said, ...]) -> Session:
    return replay(said[:-1]).after(said[-1])
