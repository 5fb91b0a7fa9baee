"""Leads: an offer that answers a need on one side only, and three people of whom each has what the next one needs.

Where both sides answer each other it is a match, and a deal (matches.py).
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from operator import itemgetter

from weal_node.proposals.evidence import Citation, Proposal
from weal_node.proposals.matches import NeedsAndOffers
from weal_protocol.items import normalised

MOST = 5
LEAST = 0.4  # as for a deal (simulations/LOG.md, 2026-11-30, "Proposals under another encoder")
Similar = Callable[[str, str], float]
Gift = tuple[float, NeedsAndOffers, str, NeedsAndOffers, str]  # likeness, giver, offer, taker, need
Cited = Callable[[NeedsAndOffers, str], Citation]  # a wish and a line of it, as a citation


def find(
    own: Sequence[NeedsAndOffers], others: Sequence[NeedsAndOffers], similar: Similar, cited: Cited
) -> tuple[Proposal, ...]:
    """Return others' offers that answer a need of this person, best first, one for each need."""
    rows: list[tuple[float, str, str, Proposal]] = []
    for wish in own:
        for need in wish.needs:
            best = _best_offer(need, others, similar)
            if best is not None:
                score, giver, offer = best
                ends = (cited(wish, need), cited(giver, offer))
                text = f"You need “{need}”. {ends[1].who} offers “{offer}”."
                rows.append((-score, need, offer, Proposal("match", text, ends, score)))
    return tuple(map(itemgetter(-1), sorted(rows, key=lambda row: row[:3])[:MOST]))


def _best_offer(
    need: str, others: Sequence[NeedsAndOffers], similar: Similar
) -> tuple[float, NeedsAndOffers, str] | None:
    """Return (likeness, giver, offer) of what answers a need best, None where nothing does."""
    close: list[tuple[float, NeedsAndOffers, str]] = []
    for giver in others:
        for offer in giver.offers:
            likeness = alike(need, offer, similar)
            if likeness >= LEAST:
                close.append((likeness, giver, offer))
    return max(close, key=lambda row: (row[0], row[2]), default=None)


def circles(
    own: Sequence[NeedsAndOffers], others: Sequence[NeedsAndOffers], similar: Similar, cited: Cited
) -> tuple[Proposal, ...]:
    """Return circles of three people, this person first: each gives what the next one needs."""
    people: Mapping[str, list[NeedsAndOffers]] = _by_author(others)
    exchanges: list[tuple[float, Proposal]] = []
    for second, their in people.items():
        gift = _best(own, their, similar)
        for third, last in people.items() if gift else ():
            if third == second:
                continue
            passed_on, returned = _best(their, last, similar), _best(last, own, similar)
            if gift and passed_on and returned:
                exchanges.append(_circle((gift, passed_on, returned), cited))
    exchanges.sort(key=lambda pair: (-pair[0], pair[1].text))
    return tuple(map(itemgetter(1), exchanges[:MOST]))


def _circle(gifts: tuple[Gift, Gift, Gift], cited: Cited) -> tuple[float, Proposal]:
    """Return three gifts, each to the next person, as a proposal; it is as good as the worst of them."""
    worst, *_ = min(gifts, key=itemgetter(0))
    first, second, third = map(itemgetter(2), gifts)
    ends = tuple(cited(giver, offer) for _, giver, offer, _, _ in gifts)
    names = [ends[1].who, ends[2].who]
    text = (
        f"Three of you could each give what the next one needs: you give {names[0]} “{first}”, "
        f"{names[0]} gives {names[1]} “{second}”, {names[1]} gives you “{third}”."
    )
    return worst, Proposal("match", text, ends, worst)


def alike(need: str, offer: str, similar: Similar) -> float:
    """Return how well an offer answers a need, at most 1."""
    return 1.0 if normalised(need) == normalised(offer) else similar(need, offer)


def _best(givers: Sequence[NeedsAndOffers], takers: Sequence[NeedsAndOffers], similar: Similar) -> Gift | None:
    """Return the best gift from one to the other, None where there is none."""
    gifts: list[Gift] = []
    for giver, taker in product(givers, takers):
        for offer, need in product(giver.offers, taker.needs):
            likeness = alike(need, offer, similar)
            if likeness >= LEAST:
                gifts.append((likeness, giver, offer, taker, need))
    return max(gifts, key=lambda gift: (gift[0], gift[2], gift[4]), default=None)


def _by_author(wishes: Sequence[NeedsAndOffers]) -> dict[str, list[NeedsAndOffers]]:
    by_author: dict[str, list[NeedsAndOffers]] = {}
    for wish in wishes:
        by_author.setdefault(wish.author, []).append(wish)
    return by_author
