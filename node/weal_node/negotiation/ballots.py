"""People's ballots over the options of a menu, and the option that they choose together (node/decisions/0013)."""

import math

from weal_node.negotiation.transcript import Values

GRID = 1e-6  # values closer than this are equal, so that rounding cannot part the sides


def settle(options: Values, ballots: tuple[Values, ...], gains: tuple[tuple[float, ...], ...]) -> int | None:
    """Return the option that people's ballots choose; None when somebody said no to each.

    ballots: per party, the place of each option in the menu's order: 0 is best, the number of options is "no".
    gains: per option, everyone's, as agents told them. Each party's gains are put into the order of its person's ballot, and
    the largest product is chosen: where model and person agree it is the model's choice, where not the person's order
    holds.
    """
    if not options:
        return None
    columns = []
    for ballot, of_party in zip(ballots, zip(*gains, strict=True), strict=True):
        columns.append(in_order(ballot, of_party))
    best: tuple[int, int] | None = None
    for number, row in enumerate(zip(*columns, strict=True)):
        refused = max(ballot[number] for ballot in ballots) >= len(options)
        value = (round(math.prod(row) / GRID), -number)  # the first of equals
        if not refused and (best is None or value > best):
            best = value
    return None if best is None else options[-best[1]]


def in_order(ballot: Values, gains: tuple[float, ...]) -> list[float]:
    """Return the same gains, the largest for the option that the ballot puts first, and so on."""
    order = sorted(range(len(ballot)), key=lambda number: (ballot[number], -gains[number]))
    placed = [0.0] * len(gains)
    for number, gain in zip(order, sorted(gains, reverse=True), strict=True):
        placed[number] = gain
    return placed


def is_ballot(places: Values) -> bool:
    """Whether the options that are not refused have the places from 0 on, each once."""
    given = sorted(place for place in places if place != len(places))
    return given == list(range(len(given)))


def count(options: int) -> int:
    """How many different ballots there are."""
    return sum(math.perm(options, ranked) for ranked in range(options + 1))
