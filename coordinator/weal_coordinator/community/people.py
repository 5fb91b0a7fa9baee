"""People behind member cards: one person may have several devices, and counts once.

Who holds a ratification key is the person: it is the human's, never an agent's. A second device comes in with the same one, and proves at
joining that it holds it, so that nobody can become part of someone else.
"""

from collections.abc import Iterable

from weal_protocol.cards import Member


def people(cards: Iterable[Member]) -> dict[str, tuple[Member, ...]]:
    """Return everyone who gives something to aggregation: a name, which is the first of their devices' agent keys in hex, to
    those devices that give."""
    found: dict[bytes, list[Member]] = {}
    for card in sorted(cards, key=lambda one: one.agent_key):
        if card.tier != "none":
            found.setdefault(card.ratification_key, []).append(card)
    return {devices[0].agent_key.hex(): tuple(devices) for devices in found.values()}
