"""Matches: what one person's notes need and another's offer, and the other way round."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from weal_protocol.items import normalised

SIMILAR = 0.45  # cosine from which a need and an offer speak of the same thing: at .6 a twentieth of them is found, no more of it right
MAX_MATCHES = 20
MAX_HELPS = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """A note's needs and offers. author: hex agent key.  note: hex note id.  keen: what its author told (records.Note)."""

    author: str
    note: str
    needs: tuple[str, ...]
    offers: tuple[str, ...]
    keen: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """Two notes that answer each other. mine, theirs: what either would give.  why: in plain words."""

    own: Wish
    other: Wish
    mine: str
    theirs: str
    why: str


@dataclass(frozen=True, slots=True)
class Help:
    """Another's note offers what this person's asks for, who could return it with something else."""

    own: Wish
    other: Wish
    gift: str
    why: str


def texts(wishes: Iterable[Wish]) -> tuple[str, ...]:
    """Return every different need and offer, to be embedded."""
    return tuple(dict.fromkeys(text for wish in wishes for text in (*wish.needs, *wish.offers)))


def find(own: Iterable[Wish], others: Iterable[Wish], similar: Callable[[str, str], float]) -> tuple[Match, ...]:
    """Return pairs of notes of which each offers what the other needs; `similar` is the cosine of two texts."""
    others = tuple(others)
    found = []
    for one in own:
        for other in others:
            theirs, mine = _best(one.needs, other.offers, similar), _best(other.needs, one.offers, similar)
            if theirs is not None and mine is not None:
                why = f"You need {theirs[0]!r} and they offer {theirs[1]!r}; they need {mine[0]!r} and you offer {mine[1]!r}."
                found.append((-(theirs[2] + mine[2]), one.note, other.note, Match(one, other, mine[1], theirs[1], why)))
    return tuple(match for *_, match in sorted(found, key=lambda row: row[:3])[:MAX_MATCHES])


def helps(own: Iterable[Wish], others: Iterable[Wish], similar: Callable[[str, str], float]) -> tuple[Help, ...]:
    """Return pairs of notes of which only the other's offers what this person's needs."""
    others = tuple(others)
    found = []
    for one in own:
        for other in others:
            gift = _best(one.needs, other.offers, similar)
            if gift is not None and _best(other.needs, one.offers, similar) is None:
                why = f"You need {gift[0]!r} and they offer {gift[1]!r}; what you could do in return is open."
                found.append((-gift[2], one.note, other.note, Help(one, other, gift[1], why)))
    return tuple(help_ for *_, help_ in sorted(found, key=lambda row: row[:3])[:MAX_HELPS])


def alike(need: str, offer: str, similar: Callable[[str, str], float]) -> bool:
    """Whether a need and an offer speak of the same thing."""
    return normalised(need) == normalised(offer) or similar(need, offer) >= SIMILAR


def deal_id(match: Match) -> bytes:
    """Return 16 bytes that both sides' nodes derive from the same two notes."""
    ends = sorted(f"{wish.author}/{wish.note}" for wish in (match.own, match.other))
    return hashlib.sha256(("weal/deal/" + "|".join(ends)).encode()).digest()[:16]


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
