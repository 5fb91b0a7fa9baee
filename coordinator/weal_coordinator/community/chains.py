"""Chains of help in a community: who could help whom all round, from what everybody has made public.

The coordinator has no encoder (decisions/0002), so a need and an offer answer each other here where they are the same
words; a member's node compares meanings. What is found is a proposal: each chain is a deal that its members negotiate and
may refuse; they tell the commons that it is out or that it stands, and the rest is planned anew (weal_protocol/chains.py).
"""

from collections.abc import Iterable

import yaml

from weal_protocol import chains, front_matter
from weal_protocol.barter import MemberWish
from weal_protocol.chains import CycleAnswer, ExchangeCycle
from weal_protocol.errors import MalformedError
from weal_protocol.record import ANSWERS, Record

FENCE = "---"
KEEN = frozenset("1234")
MAX_FRONT = 8 * 1024  # characters of a note's front matter that are looked at
MAX_ENTRIES = 32
MAX_TEXT = 200


def wishes(records: Iterable[Record]) -> tuple[MemberWish, ...]:
    """Return what public notes need and offer, the newest version of each; what cannot be read is left out."""
    newest: dict[tuple[bytes, bytes], Record] = {}
    for record in records:
        known = newest.get((record.author, record.note))
        if record.kind == "note" and (known is None or known.written_ms <= record.written_ms):
            newest[record.author, record.note] = record
    found = (_wish(record) for record in newest.values() if record.visibility == "public" and record.body)
    return tuple(wish for wish in found if wish.needs or wish.offers)


def answers(records: Iterable[Record]) -> tuple[CycleAnswer, ...]:
    """Return what members told of chains; an answer that its member took back is none."""
    told = ((one, one.body.decode()) for one in records if one.kind == "answer")
    return tuple(CycleAnswer(one.author.hex(), one.note, word == "yes") for one, word in told if word in ANSWERS)


def plan(records: Iterable[Record]) -> tuple[ExchangeCycle, ...]:
    """Return the chains to propose and those that stand, nobody in two, from what the commons holds."""
    found = tuple(records)
    return chains.plan(wishes(found), answers(found), shortest=2)


def _wish(record: Record) -> MemberWish:
    lines = record.body[: 4 * MAX_FRONT].decode(errors="replace").lstrip("\ufeff").splitlines()
    found = None
    if lines and lines[0] == FENCE and FENCE in lines[1:]:
        front = "\n".join(lines[1 : lines.index(FENCE, 1)])
        try:
            found = front_matter.load(front) if len(front) <= MAX_FRONT else None
        except (yaml.YAMLError, MalformedError):
            found = None  # another's note: its author's node has told them
    known = found if isinstance(found, dict) else {}
    keen = int(told) if (told := str(known.get("keen"))) in KEEN else 0
    return MemberWish(
        record.author.hex(), record.note.hex(), _texts(known.get("needs")), _texts(known.get("offers")), keen
    )


def _texts(value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else [value]
    plain = (one.strip() for one in entries[:MAX_ENTRIES] if isinstance(one, str))
    return tuple(one for one in plain if one and len(one) <= MAX_TEXT)
