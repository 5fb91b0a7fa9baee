"""Draft: what notes and free proposals could become, before any agent has said anything.

Needs and offers that answer each other make a swap; help that can be returned with something else, a favour; three people
who help each other in a circle, a chain. Each is an ordinary deal: the person may edit what it is about, then lets their
agent enter.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from weal_node.errors import RefusedError
from weal_node.negotiation import space, wording
from weal_node.negotiation.space import OptionSpace
from weal_node.proposals import matches
from weal_node.store import deals
from weal_protocol import barter
from weal_protocol.chains import CycleAnswer, plan
from weal_protocol.v1 import negotiation_pb2

Alike = Callable[[str], Iterable[str]]  # the needs that speak of the same thing as an offer


@dataclass(frozen=True, slots=True)
class Draft:
    """A deal that could be. party: this side's place in it."""

    id: bytes
    party: int
    of: OptionSpace
    why: str


def drafted(row: deals.DealRow, own_key: bytes) -> OptionSpace:
    """Return the space that a deal would have, before there is an invitation."""
    if row.space is None:
        parties = (own_key, row.other) if row.party == 0 else (row.other, own_key)
        return space.swap(parties, (row.mine, row.theirs), row.sources)
    return space.read(negotiation_pb2.DealSpace.FromString(row.space))


def swap(match: matches.Match) -> Draft:
    """Return the draft of two notes that answer each other; what else they offer may be given too."""
    own, other = bytes.fromhex(match.own.author), bytes.fromhex(match.other.author)
    more = (match.own.offers, match.other.offers)
    of = space.swap((own, other), (match.mine, match.theirs), tuple(note for _, note in match.ends), more)
    return Draft(matches.deal_id(match), 0, of, match.why)


def favour(help_: matches.Help) -> Draft:
    """Return the draft of help for this person, with what they offer as what they could do in return."""
    own, other = bytes.fromhex(help_.own.author), bytes.fromhex(help_.other.author)
    of = space.favour((own, other), help_.gift, help_.own.offers, (help_.own.note, help_.other.note))
    return Draft(_id("favour", of.sources), 0, of, help_.why)


def free(own: bytes, other: bytes, gives: str, gets: str, token: bytes) -> Draft:
    """Return the draft of what a person thought of themselves. token: 16 bytes that nobody else has."""
    of = (
        space.swap((own, other), (gives, gets), ())
        if gives and gets
        else space.favour((own, other), gets or gives, (), ())
    )
    if gives and not gets:
        of = OptionSpace(of.parties, of.subject, (space.Issue(gives, space.HOURS, 0), space.WHENEVER))
    return Draft(token, 0, of, "You proposed this.")


def chains(
    own: str, wishes: Sequence[matches.NeedsAndOffers], alike: Alike, answers: Sequence[CycleAnswer]
) -> tuple[Draft, ...]:
    """Return the chains of three to propose to this person and two others, of a plan for the whole community: the same notes
    and answers give everyone the same plan."""
    told = [barter.MemberWish(wish.author, wish.note, wish.needs, wish.offers, wish.keen) for wish in wishes]
    planned = plan(told, answers, alike)
    mine = [one for one in planned if own in {link.giver.member for link in one.links} and not one.stands]
    return tuple(_chain(one.id, one.links, own) for one in mine)


def written(parties: tuple[bytes, ...], text: str, names: Sequence[str], token: bytes) -> Draft:
    """Return the draft of what a person wrote in lines, theirs the first of the parties. token: as in `free`."""
    of = edited(OptionSpace(parties, "", ()), text, names)
    gifts = [issue.name for issue in of.issues if issue.giver is not None] or [issue.name for issue in of.issues]
    subject = " for ".join(gifts) if len(gifts) == 2 else ", ".join(gifts)
    return Draft(token, 0, OptionSpace(of.parties, subject[: space.MAX_TEXT], of.issues), "You proposed this.")


def edited(of: OptionSpace, text: str, names: Sequence[str]) -> OptionSpace:
    """Return what the person made of a draft: what could be agreed on, in their own lines. RefusedError where somebody
    has no part in what is given."""
    found = space.read(space.write(wording.read(text, of, names)))
    idle = space.without_part(found)
    if idle:
        raise RefusedError(
            f"in these lines {' and '.join(names[party] for party in idle)} would give nothing and get nothing",
            "Write a line for them, or leave them out",
        )
    return found


def countered(of: OptionSpace, party: int, text: str, names: Sequence[str]) -> OptionSpace:
    """Return what an invited person made of an invitation, for one of their own: the same parties, theirs the first.
    RefusedError where nothing is changed."""
    changed = edited(of, text, names)
    if changed.issues == of.issues:
        raise RefusedError(
            "nothing is changed in these lines", "Change one, or let your agent negotiate them as they are"
        )
    return space.turned(changed, party)


def _chain(deal: bytes, circle: Sequence[barter.Link], own: str) -> Draft:
    """Return the deal of a circle. The member with the smallest key invites, so that invitations never cross."""
    start = min(range(len(circle)), key=lambda number: circle[number].giver.member)
    turned = [*circle[start:], *circle[:start]]
    parties = tuple(bytes.fromhex(link.giver.member) for link in turned)
    sources = tuple(link.giver.note for link in turned)
    of = space.circle(parties, tuple(link.gift for link in turned), sources)
    gifts = ", ".join(repr(link.gift) for link in turned)
    why = f"Each of you offers what the next one needs, all round: {gifts}. No two of you could do it alone."
    return Draft(deal, parties.index(bytes.fromhex(own)), of, why)


def _id(kind: str, notes: tuple[str, ...]) -> bytes:
    return hashlib.sha256(f"weal/{kind}/{'|'.join(notes)}".encode()).digest()[:16]
