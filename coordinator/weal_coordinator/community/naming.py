"""Who is meant by a name or a key, among everybody who is or was a member: a person, with all their devices."""

from collections.abc import Iterable
from dataclasses import dataclass

from weal_coordinator.errors import NobodyError
from weal_protocol.cards import Member
from weal_protocol.likeness import skeletons

LEAST_DIGITS = 8  # hex digits by which a key can be named
NAMED = 8  # members that an error names


@dataclass(frozen=True, slots=True)
class Device:
    """A member's card, and whether they have left."""

    card: Member
    left: bool


def chosen(every: Iterable[Device], who: str, own: bytes) -> tuple[Device, ...]:
    """Return all devices of the person whom a name, or the first hex digits of an agent key, means; NobodyError names a next step."""
    found = [one for one in every if one.card.agent_key != own]
    wanted = who.strip()
    by_name = [one for one in found if one.card.name == wanted]
    alike = by_name or [one for one in found if one.card.name.casefold() == wanted.casefold()]
    looks = {
        bone for one in alike for bone in skeletons(one.card.name)
    }  # who reads one name may mean another that looks so
    named = [one for one in found if not one.left and looks & set(skeletons(one.card.name))] or alike
    meant = named or [one for one in found if _is_key(wanted) and one.card.agent_key.hex().startswith(wanted.lower())]
    people = {one.card.ratification_key for one in meant}
    if _is_key(wanted) and own.hex().startswith(wanted.lower()):
        raise NobodyError("the coordinator cannot be expelled from its own community", "Name a member")
    if not people:
        raise NobodyError(
            f"nobody here is called {wanted[:80]!r}, nor has a key that begins so",
            f"`weal-coordinator members` lists them; a key is named by {LEAST_DIGITS} of its digits, or more",
        )
    if len(people) > 1:
        listed = sorted(f"{one.card.name} {one.card.agent_key.hex()[:16]}" for one in meant)
        more = f", and {len(listed) - NAMED} more" if len(listed) > NAMED else ""
        raise NobodyError(
            f"{wanted[:80]!r} may be any of {len(people)} people: {', '.join(listed[:NAMED])}{more}",
            "Name one by the key",
        )
    return tuple(one for one in found if one.card.ratification_key in people)


def _is_key(text: str) -> bool:
    return len(text) >= LEAST_DIGITS and all(letter in "0123456789abcdefABCDEF" for letter in text)
