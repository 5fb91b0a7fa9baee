"""Chains of help in a community: who could help whom all round, from what everybody has made public.

The coordinator has no encoder (decisions/0002), so a need and an offer answer each other here where they are the same
words; a member's node compares meanings. What is found is a proposal: each chain is a deal that its members negotiate and
may refuse, and then the rest is planned anew.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import yaml

from weal_protocol import barter
from weal_protocol.barter import Link, Wish
from weal_protocol.record import Record

FENCE = "---"
KEEN = frozenset("1234")
MAX_FRONT = 8 * 1024  # characters of a note's front matter that are looked at
MAX_ENTRIES = 32
MAX_TEXT = 200
SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Chain:
    """A proposal. id: by its notes, so that it can be refused by name.  links: who could help whom, in order."""

    id: str
    links: tuple[Link, ...]


def wishes(records: Iterable[Record]) -> tuple[Wish, ...]:
    """Return what public notes need and offer, the newest version of each; what cannot be read is left out."""
    newest: dict[tuple[bytes, bytes], Record] = {}
    for record in records:
        known = newest.get((record.author, record.note))
        if record.kind == "note" and (known is None or known.written_ms <= record.written_ms):
            newest[record.author, record.note] = record
    found = (_wish(record) for record in newest.values() if record.visibility == "public" and record.body)
    return tuple(wish for wish in found if wish.needs or wish.offers)


def plan(of: Iterable[Wish], refused: Collection[str] = (), agreed: Collection[str] = ()) -> tuple[Chain, ...]:
    """Return the chains to propose, nobody in two. refused, agreed: ids of chains that are out, and of those that stand."""
    circles = barter.rounds(barter.links(tuple(of)))
    ids = ["+".join(sorted(link.giver.note[:12] for link in circle)) for circle in circles]
    names = sorted({link.giver.member for circle in circles for link in circle})
    members = [[names.index(link.giver.member) for link in circle] for circle in circles]
    made = barter.again(
        members,
        [barter.worth(circle) for circle in circles],
        [number for number, one in enumerate(ids) if one in agreed],
        [number for number, one in enumerate(ids) if one in refused],
        SECONDS,
    )
    return tuple(Chain(ids[number], circles[number]) for number in made.chosen)


def _wish(record: Record) -> Wish:
    lines = record.body[: 4 * MAX_FRONT].decode(errors="replace").lstrip("\ufeff").splitlines()
    found = None
    if lines and lines[0] == FENCE and FENCE in lines[1:]:
        front = "\n".join(lines[1 : lines.index(FENCE, 1)])
        try:
            found = yaml.safe_load(front) if len(front) <= MAX_FRONT else None
        except (yaml.YAMLError, RecursionError, ValueError, OverflowError):
            found = None  # another's note: its author's node has told them
    known = found if isinstance(found, dict) else {}
    keen = int(told) if (told := str(known.get("keen"))) in KEEN else 0
    return Wish(record.author.hex(), record.note.hex(), _texts(known.get("needs")), _texts(known.get("offers")), keen)


def _texts(value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else [value]
    plain = (one.strip() for one in entries[:MAX_ENTRIES] if isinstance(one, str))
    return tuple(one for one in plain if one and len(one) <= MAX_TEXT)
