"""Matches: what one person's notes need and another's offer, and the other way round."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from weal_protocol.items import normalised

SIMILAR = 0.45  # cosine from which a need and an offer speak of the same thing: at .6 a twentieth of them is found, no more of it right
MAX_MATCHES = 20
MAX_HELPS = 5


@dataclass(frozen=True, slots=True)
class NeedsAndOffers:
    """A note's needs and offers. author: hex agent key.  note: hex note id.  keen: what its author told (records.Note)."""

    author: str
    note: str
    needs: tuple[str, ...]
    offers: tuple[str, ...]
    keen: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """Two people's notes that answer each other. own, other: what their notes need and offer.  mine, theirs: what either would
    give.  why: in plain words.  more: further notes it follows from, (author, note), where a need stands in one and an offer in another."""

    own: NeedsAndOffers
    other: NeedsAndOffers
    mine: str
    theirs: str
    why: str
    more: tuple[tuple[str, str], ...] = ()

    @property
    def ends(self) -> tuple[tuple[str, str], ...]:
        """Return (author, note) of all that it follows from, this person's first."""
        return ((self.own.author, self.own.note), (self.other.author, self.other.note), *self.more)


@dataclass(frozen=True, slots=True)
class Help:
    """Another's note offers what this person's asks for, who could return it with something else."""

    own: NeedsAndOffers
    other: NeedsAndOffers
    gift: str
    why: str


Ranked = tuple[float, str, str, Match]


def texts(wishes: Iterable[NeedsAndOffers]) -> tuple[str, ...]:
    """Return every different need and offer, to be embedded."""
    return tuple(dict.fromkeys(text for wish in wishes for text in (*wish.needs, *wish.offers)))


def find(
    own: Iterable[NeedsAndOffers], others: Iterable[NeedsAndOffers], similar: Callable[[str, str], float]
) -> tuple[Match, ...]:
    """Return pairs of notes of which each offers what the other needs; of two people without such a pair, what their notes
    answer all together, once. `similar` is the cosine of two texts."""
    own, others = tuple(own), tuple(others)
    found: list[Ranked] = []
    for one in own:
        for other in others:
            theirs, mine = _best(one.needs, other.offers, similar), _best(other.needs, one.offers, similar)
            if theirs is not None and mine is not None:
                why = f"You need {theirs[0]!r} and they offer {theirs[1]!r}; they need {mine[0]!r} and you offer {mine[1]!r}."
                found.append((-(theirs[2] + mine[2]), one.note, other.note, Match(one, other, mine[1], theirs[1], why)))
    paired = {match.other.author for *_, match in found}
    alone = sorted({other.author for other in others} - paired)
    answers = (_across(own, [one for one in others if one.author == author], similar) for author in alone)
    found += [one for one in answers if one is not None]
    return tuple(match for *_, match in sorted(found, key=lambda row: row[:3])[:MAX_MATCHES])


def helps(
    own: Iterable[NeedsAndOffers],
    others: Iterable[NeedsAndOffers],
    similar: Callable[[str, str], float],
    swaps: Iterable[Match] = (),
) -> tuple[Help, ...]:
    """Return pairs of notes of which only the other's offers what this person's needs. swaps: those found; with whom one is
    made of several notes, the same help is no favour."""
    across = {match.other.author for match in swaps if match.more}
    own, others = tuple(own), tuple(other for other in others if other.author not in across)
    found = []
    for one in own:
        for other in others:
            gift = _best(one.needs, other.offers, similar)
            if gift is not None and _best(other.needs, one.offers, similar) is None:
                why = f"You need {gift[0]!r} and they offer {gift[1]!r}; what you could do in return is open."
                found.append((-gift[2], one.note, other.note, Help(one, other, gift[1], why)))
    return tuple(help_ for *_, help_ in sorted(found, key=lambda row: row[:3])[:MAX_HELPS])


def deal_id(match: Match) -> bytes:
    """Return 16 bytes that both sides' nodes derive from the same notes."""
    ends = sorted(f"{author}/{note}" for author, note in match.ends)
    return hashlib.sha256(("weal/deal/" + "|".join(ends)).encode()).digest()[:16]


def _across(
    own: Sequence[NeedsAndOffers], theirs: Sequence[NeedsAndOffers], similar: Callable[[str, str], float]
) -> Ranked | None:
    """Return the best swap of two people of whom a need stands in one note and an offer in another; both find the same."""
    gets, gives = _strongest(own, theirs, similar), _strongest(theirs, own, similar)
    if gets is None or gives is None:
        return None
    (close, need, offer, wanted, theirs_) = gets
    (near, asked, given, needed, mine) = gives
    one, other = _joined(need, given), _joined(asked, offer)
    more = tuple((end.author, end.note) for end, first in ((given, one), (offer, other)) if end.note != first.note)
    why = f"You need {wanted!r} and they offer {theirs_!r}; they need {needed!r} and you offer {mine!r}."
    return -(close + near), one.note, other.note, Match(one, other, mine, theirs_, why, more)


def _joined(need: NeedsAndOffers, offer: NeedsAndOffers) -> NeedsAndOffers:
    """Return what one person needs by one note and offers by another, as one note, named by the first."""
    return (
        need if need.note == offer.note else NeedsAndOffers(need.author, need.note, need.needs, offer.offers, need.keen)
    )


def _strongest(
    takers: Sequence[NeedsAndOffers], givers: Sequence[NeedsAndOffers], similar: Callable[[str, str], float]
) -> tuple[float, NeedsAndOffers, NeedsAndOffers, str, str] | None:
    pairs = [
        (best[2], taker, giver, best[0], best[1])
        for taker in takers
        for giver in givers
        if (best := _best(taker.needs, giver.offers, similar)) is not None
    ]
    return min(pairs, key=lambda one: (-one[0], one[1].note, one[2].note)) if pairs else None


def _best(
    needs: tuple[str, ...], offers: tuple[str, ...], similar: Callable[[str, str], float]
) -> tuple[str, str, float] | None:
    pairs = [
        (need, offer, 1.0 if normalised(need) == normalised(offer) else similar(need, offer))
        for need in needs
        for offer in offers
    ]
    good = [pair for pair in pairs if pair[2] >= SIMILAR]
    return max(good, key=lambda pair: pair[2]) if good else None
