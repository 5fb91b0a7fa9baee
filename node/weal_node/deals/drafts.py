"""What notes and free proposals could become, before any agent has said anything: drafts.

Needs and offers that answer each other make a swap; help that can be returned with something else, a favour; three people
who help each other in a circle, a chain. Each is an ordinary deal: the person may edit what it is about, then lets their
agent enter.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from weal_node.deals.context import Context
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
    """A deal that could be. party: this side's place in it.  space: what could be agreed on.  why: why it is proposed."""

    id: bytes
    party: int
    space: OptionSpace
    why: str

    @property
    def gifts(self) -> tuple[str, str]:
        """The first thing that this side could give, and the first that another could; "" for none."""
        names = {True: "", False: ""}
        for issue in reversed(self.space.issues):
            names[issue.giver == self.party] = issue.name
        return names[True], names[False]


async def keep(context: Context, draft: Draft) -> bool:
    """Keep a draft in the store; False where the deal is known already."""
    other, gifts, sources = context.others(draft.space.parties)[0], draft.gifts, draft.space.sources
    secret, now_ms, packed = secrets.token_bytes(32), context.clock(), space.pack(draft.space)

    def enter(connection: sqlite3.Connection) -> bool:
        return deals.draft(
            connection, deals.NewDeal(draft.id, other, gifts, sources, draft.why, secret, draft.party, packed), now_ms
        )

    return await context.database.write(enter)


def is_free(options: OptionSpace) -> bool:
    """Whether a draft is the person's own idea, and not found in the notes of those it is between."""
    return not options.sources


def drafted(row: deals.DealRow, own_key: bytes) -> OptionSpace:
    """Return the space that a deal would have, before there is an invitation."""
    if row.space is None:
        parties = (own_key, row.other) if row.party == 0 else (row.other, own_key)
        return space.swap(parties, (row.mine, row.theirs), row.sources)
    return space.read(negotiation_pb2.DealSpace.FromString(row.space))


def swap(match: matches.Match) -> Draft:
    """Return the draft of two notes that answer each other; what else they offer may be given too."""
    parties = bytes.fromhex(match.own.author), bytes.fromhex(match.other.author)
    more = (match.own.offers, match.other.offers)
    options = space.swap(parties, (match.mine, match.theirs), tuple(note for _, note in match.ends), more)
    return Draft(matches.deal_id(match), 0, options, match.why)


def favour(help_: matches.Help) -> Draft:
    """Return the draft of help for this person, with what they offer as what they could do in return."""
    parties = bytes.fromhex(help_.own.author), bytes.fromhex(help_.other.author)
    options = space.favour(parties, help_.gift, help_.own.offers, (help_.own.note, help_.other.note))
    return Draft(_id("favour", options.sources), 0, options, help_.why)


def free(parties: tuple[bytes, ...], gives: str, gets: str, token: bytes) -> Draft:
    """Return the draft of what a person, the first of two parties, thought of. token: 16 bytes that nobody else has."""
    own, other = parties
    if gives and gets:
        options = space.swap((own, other), (gives, gets), ())
    else:
        options = space.favour((own, other), gets or gives, (), ())
    if gives and not gets:
        given = space.Issue(gives, space.HOURS, 0)
        options = OptionSpace(options.parties, options.subject, (given, space.WHENEVER))
    return Draft(token, 0, options, "You proposed this.")


def chains(
    own: str, wishes: Sequence[matches.NeedsAndOffers], alike: Alike, answers: Sequence[CycleAnswer]
) -> tuple[Draft, ...]:
    """Return the chains of three to propose to this person and two others, of a plan for the whole community: the same notes
    and answers give everyone the same plan."""
    known = [barter.MemberWish(wish.author, wish.note, wish.needs, wish.offers, wish.keen) for wish in wishes]
    drafts = []
    for chain in plan(known, answers, alike):
        members = {link.giver.member for link in chain.links}
        if own in members and not chain.stands:
            drafts.append(_chain(chain.id, chain.links, own))
    return tuple(drafts)


def written(parties: tuple[bytes, ...], text: str, names: Sequence[str], token: bytes) -> Draft:
    """Return the draft of what a person wrote in lines, theirs the first of the parties. token: as in `free`."""
    options = edited(OptionSpace(parties, "", ()), text, names)
    gifts = [issue.name for issue in options.issues if issue.giver is not None]
    gifts = gifts or [issue.name for issue in options.issues]
    subject = " for ".join(gifts) if len(gifts) == 2 else ", ".join(gifts)
    return Draft(
        token, 0, OptionSpace(options.parties, subject[: space.MAX_TEXT], options.issues), "You proposed this."
    )


def edited(options: OptionSpace, text: str, names: Sequence[str]) -> OptionSpace:
    """Return what the person made of a draft: what could be agreed on, in their own lines. RefusedError where somebody
    has no part in what is given."""
    changed = space.read(space.write(wording.read(text, options, names)))
    idle = space.without_part(changed)
    if idle:
        raise RefusedError(
            f"in these lines {' and '.join(map(names.__getitem__, idle))} would give nothing and get nothing",
            "Write a line for them, or leave them out",
        )
    return changed


def countered(options: OptionSpace, party: int, text: str, names: Sequence[str]) -> OptionSpace:
    """Return what an invited person made of an invitation, for one of their own: the same parties, theirs the first.
    RefusedError where nothing is changed."""
    changed = edited(options, text, names)
    if changed.issues == options.issues:
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
    gifts = tuple(link.gift for link in turned)
    options = space.circle(parties, gifts, sources)
    listed = ", ".join(map(repr, gifts))
    why = f"Each of you offers what the next one needs, all round: {listed}. No two of you could do it alone."
    return Draft(deal, parties.index(bytes.fromhex(own)), options, why)


def _id(kind: str, notes: tuple[str, ...]) -> bytes:
    return hashlib.sha256(f"weal/{kind}/{'|'.join(notes)}".encode()).digest()[:16]
