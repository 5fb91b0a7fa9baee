"""Bargains of two people at their nodes: they write what they need and offer, their agents negotiate, they decide."""

from collections.abc import Callable, Iterable
from typing import Any

from weal_simulations.town.person import Person

DEAL_S = 900.0  # ends what would never end
NO_DEAL = "no deal"
WISHES = (  # for each pair of neighbours: what the first needs, and offers; the second the other way round
    (("bicycle repair", "piano lessons"), ("help with moving", "homemade bread"), ("a ladder", "dog walking")),
    (("help with tax forms", "garden work"), ("Spanish lessons", "computer help"), ("babysitting", "a van")),
)


Say = Callable[[str], None]


def pairs(nodes: int) -> list[tuple[int, int, tuple[tuple[str, str], ...]]]:
    """Return who bargains with whom about what: neighbours, as many as there are wishes."""
    return [(number, number + 1, wishes) for number, wishes in zip(range(nodes - 1), WISHES, strict=False)]


def agree(first: Person, second: Person, wishes: Iterable[tuple[str, str]], say: Say) -> dict[str, Any] | None:
    """Two people try one swap after another until their agents find one that both gain from; None where none is."""
    for wish in wishes:
        deal = make_deal(first, second, wish)
        if deal is not None:
            return deal
        say(f"{first.name} and {second.name}: no {wish[1]} for {wish[0]} is better than no deal for both")
    return None


def make_deal(first: Person, second: Person, wish: tuple[str, str]) -> dict[str, Any] | None:
    """Two people write notes that answer each other; their agents bargain; they rank, ratify and rate. None: no deal."""
    before = {str(deal["id"]) for deal in first.deals()}
    for person, (need, offer) in ((first, wish), (second, wish[::-1])):
        person.write_note(f"{offer} for {need}", f"I could use {need}.", needs=[need], offers=[offer])
    deal = first.wait("its agent had found a match", lambda: _found(first, wish, before), DEAL_S)
    first.on_deal(deal, "enter")
    _act(second, deal, "enter")
    for person in (first, second):
        found = _when(person, deal, "rank")
        if found["state"] == NO_DEAL:
            return None
        options = found["options"]
        order = sorted(options, key=lambda option: -option["gain"])
        person.on_deal(deal, "rank", order=",".join(str(option["number"]) for option in order))
    for act, fields in (("ratify", {}), ("rate", {"satisfied": "yes"})):
        for person in (first, second):
            _act(person, deal, act, **fields)
    views = [_view(person, deal) for person in (first, second)]
    return {
        "parties": views[0]["parties"],
        "messages": max(view["messages"] for view in views),
        "bits": [view["bits"] for view in views],
        "gains": [view["gain"] for view in views],
        "ratified_by": views[0]["ratified_by"],
        "agreement_sha256": same(view["agreement_sha256"] for view in views),
        "outcome_labels": [view["outcome_label"] for view in views],
    }


def _found(person: Person, wish: tuple[str, str], before: set[str]) -> str | None:
    """Return the swap of these two, among whatever else the person's agent found meanwhile: favours, chains, swaps with others."""
    person.look_for_deals()
    return swap_of(person.deals(), wish, before)


def swap_of(deals: Iterable[dict[str, Any]], wish: tuple[str, str], before: set[str]) -> str | None:
    """Return the id of the new deal in which both things of a wish are swapped and that can be entered; None while there is none."""
    subjects = {f"{one} for {other}" for one, other in (wish, wish[::-1])}
    fresh = (deal for deal in deals if deal["id"] not in before and len(deal["parties"]) == 2)
    return next((str(deal["id"]) for deal in fresh if deal["subject"] in subjects and "enter" in deal["can"]), None)


def _act(person: Person, deal: str, act: str, **fields: str) -> None:
    _when(person, deal, act)
    person.on_deal(deal, act, **fields)


def _when(person: Person, deal: str, act: str) -> dict[str, Any]:
    """Wait until the person can do this with the deal, or it came to nothing; return it as their page shows it."""

    def can() -> dict[str, Any] | None:
        one = next((one for one in person.deals() if one["id"] == deal), None)
        return one if one is not None and (act in one["can"] or one["state"] == NO_DEAL) else None

    return person.wait(f"it could {act} the deal", can, DEAL_S)


def _view(person: Person, deal: str) -> dict[str, Any]:
    return next(one for one in person.deals() if one["id"] == deal)


def same(found: Iterable[str]) -> str:
    """Return what both sides hold; nothing when they differ."""
    different = set(found)
    return different.pop() if len(different) == 1 else ""
