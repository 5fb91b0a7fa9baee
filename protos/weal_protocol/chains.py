"""Which chains of help to propose: one plan and one name for a chain, for the coordinator and for every member who plans.

A chain is three members who help each other all round (barter.py); what comes of it is a deal between them. Each of them tells
everyone who plans one word about it, in a record of kind "answer" whose note is the chain's id: "no", it is out, or "yes", it
stands. A no is heard from any member of the chain, a yes counts once it is everyone's; from others neither is (decisions/0004).
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from weal_protocol import barter
from weal_protocol.barter import LONGEST, Link, MemberWish


@dataclass(frozen=True, slots=True)
class CycleAnswer:
    """What one member told of a chain. member: hex agent key.  chain: 16 bytes.  yes: whether it stands, else it is out."""

    member: str
    chain: bytes
    yes: bool


@dataclass(frozen=True, slots=True)
class ExchangeCycle:
    """A circle of a plan. id: 16 bytes.  links: who could help whom, in order.  stands: its members have made the deal."""

    id: bytes
    links: tuple[Link, ...]
    stands: bool = False


def chain_id(ends: Sequence[tuple[str, str]]) -> bytes:
    """Return a chain's 16 bytes. ends: hex agent key and hex note id of each giver, in the order of giving, from anyone on."""
    start = ends.index(min(ends))
    told = "|".join(f"{member}/{note}" for member, note in (*ends[start:], *ends[:start]))
    return hashlib.sha256(f"weal/chain/{told}".encode()).digest()[:16]


def id_of(circle: Sequence[Link]) -> bytes:
    """Return the id of a circle of links."""
    return chain_id([(link.giver.member, link.giver.note) for link in circle])


def plan(
    wishes: Sequence[MemberWish],
    answers: Iterable[CycleAnswer] = (),
    alike: Callable[[str], Iterable[str]] | None = None,
    shortest: int = LONGEST,
    seconds: float = 0.0,
) -> tuple[ExchangeCycle, ...]:
    """Return the chains to propose and those that stand, nobody in two. alike: see barter.links.

    shortest: 2 to propose pairs too, to whom no chain of three is left: a node finds its own pairs as swaps, so that a pair
    never stands in a chain's way. seconds: for an exact search; with none, the same wishes and answers give everyone the same plan.
    """
    circles = barter.rounds(barter.links(wishes, alike))
    ids = [id_of(circle) for circle in circles]
    place = {name: n for n, name in enumerate(sorted({link.giver.member for circle in circles for link in circle}))}
    members = [[place[link.giver.member] for link in circle] for circle in circles]
    values = [barter.worth(circle) for circle in circles]
    told: dict[bytes, list[CycleAnswer]] = {}
    for answer in answers:
        told.setdefault(answer.chain, []).append(answer)
    heard = [_heard(circle, told.get(one, ())) for one, circle in zip(ids, circles, strict=True)]
    kept = agreed = tuple(number for number, word in enumerate(heard) if word is True)
    for length in range(LONGEST, shortest - 1, -1):
        out = [n for n, word in enumerate(heard) if word is False or len(circles[n]) != length]
        kept = barter.again(members, values, kept, out, seconds).chosen
    return tuple(ExchangeCycle(ids[number], circles[number], number in agreed) for number in kept)


def _heard(circle: Sequence[Link], answers: Collection[CycleAnswer]) -> bool | None:
    """Return what its own members told of a chain; None: nothing that settles it."""
    members = {link.giver.member for link in circle}
    if any(one.member in members and not one.yes for one in answers):
        return False
    return True if members <= {one.member for one in answers} else None
