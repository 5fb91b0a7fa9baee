"""How much may be at stake in all deals together: a few numbers that the person sets (weal.toml).

No model reads or writes them, so nothing that an agent learns, is told or is talked into moves a limit. Which act needs whose word: acts.py.
"""

from dataclasses import dataclass

from weal_node.errors import RefusedError


@dataclass(frozen=True, slots=True)
class ActionLimits:
    """The most that may be at stake.

    bits_peer: disclosed to one peer in all.
    bits_week: disclosed to everyone in seven days. Both count what bargains under way may still disclose.
    hours_open: promised in deals and not given yet (deals/obligations.py).
    hours_stranger: promised to a peer before any deal with them was fulfilled.
    deals_week: ratified in seven days.
    offers_only_first: whether a first deal with a member is negotiated as with a stranger.
    """

    bits_peer: float = 2_000.0
    bits_week: float = 10_000.0
    hours_open: float = 40.0
    hours_stranger: float = 6.0
    deals_week: int = 20
    offers_only_first: bool = False


@dataclass(frozen=True, slots=True)
class AtStake:
    """What is at stake already, in the same units. known: whether a deal with every party of this one was fulfilled."""

    bits_peer: float = 0.0
    bits_week: float = 0.0
    hours_open: float = 0.0
    hours_stranger: float = 0.0
    deals_week: int = 0
    known: bool = False


def check_disclosure(bits: float, spent: AtStake, limits: ActionLimits, peers: int = 1) -> None:
    """Refuse what could disclose more than the person allows; bits: the most that it can disclose to each of so many peers."""
    if spent.bits_peer + bits > limits.bits_peer:
        raise RefusedError(
            f"this could tell them more than {limits.bits_peer:.0f} bits about you in all, what is under way counted",
            "End a bargain with them that is under way, or raise peer_bits_cap in weal.toml if you want to",
        )
    if spent.bits_week + peers * bits > limits.bits_week:
        raise RefusedError(
            f"this could tell others more than {limits.bits_week:.0f} bits about you in a week, what is under way counted",
            "Wait, end a bargain that is under way, or raise week_bits_cap in weal.toml if you want to",
        )


def check_promise(hours: float, spent: AtStake, limits: ActionLimits) -> None:
    """Refuse a ratification that would promise more than the person allows; hours: that they would give."""
    if spent.hours_open + hours > limits.hours_open:
        raise RefusedError(
            f"you would owe {spent.hours_open + hours:g} hours in deals not yet fulfilled, and allow {limits.hours_open:g}",
            "Say on the page of a deal that you did your part, once you have, or raise open_hours_cap in weal.toml",
        )
    if not spent.known and spent.hours_stranger + hours > limits.hours_stranger:
        raise RefusedError(
            f"that is more than the {limits.hours_stranger:g} hours you allow with someone who has fulfilled no deal with you yet",
            "Begin with something smaller, give them a receipt for what they did and say what you did, or raise stranger_hours_cap in weal.toml",
        )
    if spent.deals_week >= limits.deals_week:
        raise RefusedError(
            f"you have ratified {spent.deals_week} deals in seven days",
            "Wait, or raise week_deals_cap in weal.toml",
        )
