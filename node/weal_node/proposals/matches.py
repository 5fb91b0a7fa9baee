"""Matches: what one person's notes need and another's offer, and the other way round."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from operator import itemgetter

from weal_protocol.items import normalised

SIMILAR = 0.4  # cosine from which a need and an offer speak of the same thing: above it less is found, no more of it right (simulations/LOG.md, 2026-11-30, "Proposals under another encoder")
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
    lines: dict[str, None] = {}
    for wish in wishes:
        lines |= dict.fromkeys((*wish.needs, *wish.offers))
    return tuple(lines)


def find(
    own: Iterable[NeedsAndOffers], others: Iterable[NeedsAndOffers], similar: Callable[[str, str], float]
) -> tuple[Match, ...]:
    """Return pairs of notes of which each offers what the other needs; of two people without such a pair, what their notes
    answer all together, once. `similar` is the cosine of two texts."""
    own, others = tuple(own), tuple(others)
    swaps: list[Ranked] = []
    for wish in own:
        for other in others:
            gets, gives = _best(wish.needs, other.offers, similar), _best(other.needs, wish.offers, similar)
            if gets is not None and gives is not None:
                why = f"You need {gets[0]!r} and they offer {gets[1]!r}; they need {gives[0]!r} and you offer {gives[1]!r}."
                swap = Match(wish, other, gives[1], gets[1], why)
                swaps.append((-(gets[2] + gives[2]), wish.note, other.note, swap))
    alone = _by_author(others)
    for *_, match in swaps:
        alone.pop(match.other.author, None)
    for _, wishes in sorted(alone.items()):
        across = _across(own, wishes, similar)
        if across is not None:
            swaps.append(across)
    return tuple(map(itemgetter(-1), sorted(swaps, key=lambda row: row[:3])[:MAX_MATCHES]))


def _by_author(wishes: Iterable[NeedsAndOffers]) -> dict[str, list[NeedsAndOffers]]:
    by_author: dict[str, list[NeedsAndOffers]] = {}
    for wish in wishes:
        by_author.setdefault(wish.author, []).append(wish)
    return by_author


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
    favours = []
    for wish in own:
        for other in others:
            gift = _best(wish.needs, other.offers, similar)
            if gift is not None and _best(other.needs, wish.offers, similar) is None:
                why = f"You need {gift[0]!r} and they offer {gift[1]!r}; what you could do in return is open."
                favours.append((-gift[2], wish.note, other.note, Help(wish, other, gift[1], why)))
    return tuple(map(itemgetter(-1), sorted(favours, key=lambda row: row[:3])[:MAX_HELPS]))


def deal_id(match: Match) -> bytes:
    """Return 16 bytes that both sides' nodes derive from the same notes."""
    ends = sorted(map("/".join, match.ends))
    return hashlib.sha256(("weal/deal/" + "|".join(ends)).encode()).digest()[:16]


def _across(
    own: Sequence[NeedsAndOffers], others: Sequence[NeedsAndOffers], similar: Callable[[str, str], float]
) -> Ranked | None:
    """Return the best swap of two people of whom a need stands in one note and an offer in another; both find the same."""
    gets, gives = _strongest(own, others, similar), _strongest(others, own, similar)
    if gets is None or gives is None:
        return None
    (closeness, own_need, offer, need_text, gift) = gets
    (nearness, their_need, their_offer, their_need_text, own_gift) = gives
    first, second = _joined(own_need, their_offer), _joined(their_need, offer)
    more: list[tuple[str, str]] = []
    for offer_note, need_note in ((their_offer, first), (offer, second)):
        if offer_note.note != need_note.note:
            more.append((offer_note.author, offer_note.note))
    why = f"You need {need_text!r} and they offer {gift!r}; they need {their_need_text!r} and you offer {own_gift!r}."
    return -(closeness + nearness), first.note, second.note, Match(first, second, own_gift, gift, why, tuple(more))


def _joined(need: NeedsAndOffers, offer: NeedsAndOffers) -> NeedsAndOffers:
    """Return what one person needs by one note and offers by another, as one note, named by the first."""
    if need.note == offer.note:
        return need
    return NeedsAndOffers(need.author, need.note, need.needs, offer.offers, need.keen)


def _strongest(
    takers: Sequence[NeedsAndOffers], givers: Sequence[NeedsAndOffers], similar: Callable[[str, str], float]
) -> tuple[float, NeedsAndOffers, NeedsAndOffers, str, str] | None:
    pairs: list[tuple[float, NeedsAndOffers, NeedsAndOffers, str, str]] = []
    for taker, giver in product(takers, givers):
        best = _best(taker.needs, giver.offers, similar)
        if best is not None:
            need, offer, closeness = best
            pairs.append((closeness, taker, giver, need, offer))
    return min(pairs, key=lambda pair: (-pair[0], pair[1].note, pair[2].note), default=None)


def _best(
    needs: tuple[str, ...], offers: tuple[str, ...], similar: Callable[[str, str], float]
) -> tuple[str, str, float] | None:
    pairs: list[tuple[str, str, float]] = []
    for need, offer in product(needs, offers):
        closeness = 1.0 if normalised(need) == normalised(offer) else similar(need, offer)
        if closeness >= SIMILAR:
            pairs.append((need, offer, closeness))
    return max(pairs, key=lambda pair: pair[2], default=None)
