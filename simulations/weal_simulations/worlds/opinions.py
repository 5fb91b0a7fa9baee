"""Opinions: statements, and what people said of them. And who of these people plays which part in a study."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from weal_protocol.errors import WealError
from weal_protocol.items import item_id

Votes = Mapping[str, int]  # item id to +1 (yes) or -1 (no)


@dataclass(frozen=True, slots=True)
class Opinions:
    """source: where they come from, for a reader.  texts: item id to text.  people: each person's votes."""

    source: str
    texts: Mapping[str, str]
    people: tuple[Votes, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Someone who gets a node: the votes they give as labels, in this order, and those kept back for scoring."""

    answers: tuple[tuple[str, int], ...]
    held_out: Votes


@dataclass(frozen=True, slots=True)
class Cast:
    """subjects: who gets a node.  crowd: votes of other people.  texts: the statements put into the commons."""

    subjects: tuple[Subject, ...]
    crowd: tuple[Votes, ...]
    texts: Mapping[str, str]


def named(texts: tuple[str, ...]) -> dict[str, str]:
    """Return item id to text; of texts that have the same name the first stays."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(item_id(text), text)
    return found


def cast(
    opinions: Opinions, seed: int, *, subjects: int, answers: int, fewest: int, crowd: int, fewest_in_crowd: int
) -> Cast:
    """Draw, by the seed alone: `subjects` people with at least `fewest` votes, `labels` votes of each, and at most
    `crowd` others with at least `fewest_in_crowd` votes. Nobody is in both. WealError when there are too few."""
    draw = random.Random(f"cast {seed}")
    able = [number for number, votes in enumerate(opinions.people) if len(votes) >= fewest]
    if len(able) < subjects:
        raise WealError(
            f"{opinions.source}: only {len(able)} people have {fewest} votes or more, and {subjects} are needed",
            "Take a larger conversation",
        )
    chosen = draw.sample(able, subjects)
    others = [
        votes for number, votes in enumerate(opinions.people) if number not in chosen and len(votes) >= fewest_in_crowd
    ]
    return Cast(
        tuple(_subject(opinions.people[number], answers, draw) for number in chosen),
        tuple(draw.sample(others, min(crowd, len(others)))),
        opinions.texts,
    )


def _subject(votes: Votes, answers: int, draw: random.Random) -> Subject:
    given = draw.sample(sorted(votes), answers)
    return Subject(
        tuple((item, votes[item]) for item in given),
        {item: vote for item, vote in votes.items() if item not in set(given)},
    )
