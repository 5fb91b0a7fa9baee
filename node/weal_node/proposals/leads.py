"""Leads: an offer that answers a need on one side only, and three people of whom each has what the next one needs.

Where both sides answer each other it is a match, and a deal (matches.py).
"""

from collections.abc import Callable, Mapping, Sequence

from weal_node.proposals.evidence import Citation, Proposal
from weal_node.proposals.matches import NeedsAndOffers
from weal_protocol.items import normalised

MOST = 5
LEAST = 0.45  # as for a deal: in the study `commons` half of what it finds is right
Similar = Callable[[str, str], float]
Cited = Callable[[NeedsAndOffers, str], Citation]  # a wish and a line of it, as a citation


def find(
    own: Sequence[NeedsAndOffers], others: Sequence[NeedsAndOffers], similar: Similar, cited: Cited
) -> tuple[Proposal, ...]:
    """Return others' offers that answer a need of this person, best first, one for each need."""
    found: list[tuple[float, str, str, Proposal]] = []
    for mine in own:
        for need in mine.needs:
            offers = [(alike(need, offer, similar), theirs, offer) for theirs in others for offer in theirs.offers]
            close = [one for one in offers if one[0] >= LEAST]
            if close:
                score, theirs, offer = max(close, key=lambda one: (one[0], one[2]))
                ends = (cited(mine, need), cited(theirs, offer))
                text = f"You need “{need}”. {ends[1].who} offers “{offer}”."
                found.append((-score, need, offer, Proposal("match", text, ends, score)))
    return tuple(row[-1] for row in sorted(found, key=lambda row: row[:3])[:MOST])


def circles(
    own: Sequence[NeedsAndOffers], others: Sequence[NeedsAndOffers], similar: Similar, cited: Cited
) -> tuple[Proposal, ...]:
    """Return circles of three people, this person first: each gives what the next one needs."""
    people: Mapping[str, list[NeedsAndOffers]] = _by_author(others)
    found: list[tuple[float, Proposal]] = []
    for second, their in people.items():
        given = _best(own, their, similar)
        for third, last in people.items() if given else ():
            passed, back = (_best(their, last, similar), _best(last, own, similar)) if third != second else (None, None)
            if given and passed and back:
                steps = (given, passed, back)
                ends = tuple(cited(giver, offer) for _, giver, offer, _, _ in steps)
                names = [ends[1].who, ends[2].who]
                text = (
                    f"Three of you could each give what the next one needs: you give {names[0]} “{given[2]}”, "
                    f"{names[0]} gives {names[1]} “{passed[2]}”, {names[1]} gives you “{back[2]}”."
                )
                found.append((min(step[0] for step in steps), Proposal("match", text, ends, min(s[0] for s in steps))))
    return tuple(one for _, one in sorted(found, key=lambda pair: (-pair[0], pair[1].text))[:MOST])


def alike(need: str, offer: str, similar: Similar) -> float:
    """Return how well an offer answers a need, at most 1."""
    return 1.0 if normalised(need) == normalised(offer) else similar(need, offer)


def _best(
    givers: Sequence[NeedsAndOffers], takers: Sequence[NeedsAndOffers], similar: Similar
) -> tuple[float, NeedsAndOffers, str, NeedsAndOffers, str] | None:
    """Return (likeness, giver, offer, taker, need) of the best gift from one to the other, None where there is none."""
    gifts = [
        (alike(need, offer, similar), giver, offer, taker, need)
        for giver in givers
        for offer in giver.offers
        for taker in takers
        for need in taker.needs
    ]
    good = [gift for gift in gifts if gift[0] >= LEAST]
    return max(good, key=lambda gift: (gift[0], gift[2], gift[4])) if good else None


def _by_author(wishes: Sequence[NeedsAndOffers]) -> dict[str, list[NeedsAndOffers]]:
    found: dict[str, list[NeedsAndOffers]] = {}
    for wish in wishes:
        found.setdefault(wish.author, []).append(wish)
    return found
