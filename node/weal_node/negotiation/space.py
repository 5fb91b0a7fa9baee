"""The space of a deal: who could give what, how much, when; and every outcome in plain words for each side."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.records import Item
from weal_protocol.deal import MAX_PARTIES
from weal_protocol.errors import MalformedError
from weal_protocol.items import item_id
from weal_protocol.v1 import negotiation_pb2

HOURS = ("0", "1", "2", "3")  # of a main gift
FEW = HOURS[:3]  # of what is given beside it
WHEN = ("on a weekday evening", "on Saturday", "on Sunday")
TIMES = frozenset({"when", "day", "date", "time"})  # what a term about the time of it is called
MAX_MORE = 2  # things that a party could give beside its main gift
MAX_OUTCOMES = 500_000  # that agents can search
MAX_JUDGED = 20_000  # that a reward model reads one by one
MAX_ISSUES = 16
MAX_VALUES = 2_048
MAX_TEXT = 200
MAX_HOURS = 1_000
Gifts = tuple[tuple[str, ...], tuple[str, ...]]  # of the first, of the second


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing to settle. giver: index of the party that gives `name` for so many hours; None: no one gives it.
    taker: index of the party that gets it; None: all others."""

    name: str
    values: tuple[str, ...]
    giver: int | None
    taker: int | None = None


WHENEVER = Issue("when", WHEN, None)


@dataclass(frozen=True, slots=True)
class OptionSpace:
    """parties: agent keys, the inviter first.  sources: ids of the notes it was drafted from."""

    parties: tuple[bytes, ...]
    subject: str
    issues: tuple[Issue, ...]
    sources: tuple[str, ...] = ()

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values each issue has."""
        return tuple(len(issue.values) for issue in self.issues)

    @property
    def size(self) -> int:
        """How many outcomes there are."""
        return math.prod(self.sizes)


def swap(
    parties: tuple[bytes, bytes], gifts: tuple[str, str], sources: tuple[str, ...], more: Gifts = ((), ())
) -> OptionSpace:
    """Return the space of a swap: hours of the first's gift, hours of the second's, and when. more: what either could give
    beside it or instead, of which some hours may be in return too."""
    first, second = gifts
    main = (Issue(first, HOURS, 0), Issue(second, HOURS, 1))
    others = (*_more(0, more[0], gifts), *_more(1, more[1], gifts))
    return OptionSpace(parties, f"{first} for {second}"[:MAX_TEXT], (*main, *others, WHENEVER), sources)


def _more(giver: int, names: Sequence[str], gifts: Sequence[str]) -> list[Issue]:
    """Return what a party could give beside the main gifts."""
    return [Issue(name, FEW, giver) for name in names[:MAX_MORE] if name not in gifts]


def favour(parties: tuple[bytes, bytes], gift: str, returns: tuple[str, ...], sources: tuple[str, ...]) -> OptionSpace:
    """Return the space of help for the first by the second: hours of it, hours of what the first could do in return, when."""
    issues = (Issue(gift, HOURS, 1), *_more(0, returns, (gift,)), WHENEVER)
    return OptionSpace(parties, f"help: {gift}"[:MAX_TEXT], issues, sources)


def circle(parties: tuple[bytes, ...], gifts: tuple[str, ...], sources: tuple[str, ...]) -> OptionSpace:
    """Return the space of a chain of help: hours of what each party gives to the next, the last to the first, and when."""
    given = (Issue(gift, FEW, giver, (giver + 1) % len(parties)) for giver, gift in enumerate(gifts))
    return OptionSpace(parties, " for ".join(gifts)[:MAX_TEXT], (*given, WHENEVER), sources)


def outcomes(space: OptionSpace) -> npt.NDArray[np.int64]:
    """Return (n, issues): the value's index per issue, in a fixed order that both sides share."""
    return np.indices(space.sizes, np.int64).reshape(len(space.sizes), -1).T


def option(space: OptionSpace, outcome: int) -> tuple[int, ...]:
    """Return one outcome's value per issue."""
    return tuple(map(int, np.unravel_index(outcome, space.sizes)))


def outcome(space: OptionSpace, option: tuple[int, ...]) -> int:
    """Return the number of an outcome that came over the wire; MalformedError when it is none."""
    if len(option) != len(space.sizes) or any(value >= size for value, size in zip(option, space.sizes, strict=True)):
        raise MalformedError("an option is not one of this deal")
    return int(np.ravel_multi_index(option, space.sizes))


def states(space: OptionSpace, party: int, names: Sequence[str] = ()) -> tuple[Item, ...]:
    """Return each outcome as this party sees it. names: of the parties, by place, where they are known."""
    return tuple(state(space, option, party, names) for option in outcomes(space))


def state(
    space: OptionSpace, option: npt.NDArray[np.int64] | tuple[int, ...], party: int, names: Sequence[str] = ()
) -> Item:
    """Return one outcome as this party sees it: in words, with hours given and received, when, and with whom."""
    gives, gets, rest, when = [], [], [], []
    given = received = 0.0
    for issue, chosen in zip(space.issues, option, strict=True):
        value = issue.values[int(chosen)]
        if issue.giver is None:
            rest.append(f"{issue.name}: {value}")
            when += [value] if issue.name.lower() in TIMES else []
            continue
        hours = float(value)
        words = f"{value} hour{'' if value == '1' else 's'} of {issue.name}" if hours else "nothing"
        if issue.giver == party:
            given += hours
            gives.append(words)
        elif issue.taker in {None, party}:
            received += hours
            gets.append(words)
        elif hours:
            rest.append(f"among the others: {words}")
    sentence = (
        f"You give {' and '.join(gives) or 'nothing'}; you get {' and '.join(gets) or 'nothing'}; {'; '.join(rest)}"
    )
    text = sentence.rstrip("; ") + "."
    who = (*_without(party, names), *_without(party, list(map(bytes.hex, space.parties))))
    return Item(item_id(text), text, "option", given, received, "; ".join(when), who)


def _without(party: int, known: Sequence[str]) -> list[str]:
    """Return what is known of the other parties, by place."""
    return [name for place, name in enumerate(known) if place != party]


def without_part(space: OptionSpace) -> tuple[int, ...]:
    """Return the parties that give nothing and get nothing where others do: what are they in the deal for?"""
    given = [issue for issue in space.issues if issue.giver is not None]
    if not given or any(issue.taker is None for issue in given):  # given to all others: that is everyone
        return ()
    busy = {issue.giver for issue in given} | {issue.taker for issue in given}
    return tuple(sorted(set(range(len(space.parties))) - busy))


def turned(space: OptionSpace, first: int) -> OptionSpace:
    """Return the same with this party as the first, the others following round as they did."""
    many = len(space.parties)

    def at(end: int | None) -> int | None:
        return None if end is None else (end - first) % many

    issues = tuple(Issue(issue.name, issue.values, at(issue.giver), at(issue.taker)) for issue in space.issues)
    return OptionSpace((*space.parties[first:], *space.parties[:first]), space.subject, issues, space.sources)


def write(space: OptionSpace) -> negotiation_pb2.DealSpace:
    """Return the space as it is sent."""

    def key(party: int | None) -> bytes:
        return b"" if party is None else space.parties[party]

    issues = [
        negotiation_pb2.Issue(name=issue.name, values=issue.values, giver=key(issue.giver), taker=key(issue.taker))
        for issue in space.issues
    ]
    return negotiation_pb2.DealSpace(parties=space.parties, subject=space.subject, issues=issues, sources=space.sources)


def pack(space: OptionSpace) -> bytes:
    """Return the space as it is stored."""
    return write(space).SerializeToString(deterministic=True)


def read(sent: negotiation_pb2.DealSpace) -> OptionSpace:
    """Return a space that came over the wire; MalformedError when it is too large or makes no sense."""
    parties = tuple(sent.parties)
    if not 2 <= len(set(parties)) == len(parties) <= MAX_PARTIES or set(map(len, parties)) != {32}:
        raise MalformedError(f"a deal is between two to {MAX_PARTIES} different parties")
    if not 1 <= len(sent.issues) <= MAX_ISSUES or len(sent.subject) > MAX_TEXT or len(sent.sources) > 16:
        raise MalformedError("a deal's space has the wrong size")
    issues = tuple(_issue(issue, parties) for issue in sent.issues)
    space = OptionSpace(parties, sent.subject, issues, tuple(sent.sources))
    if space.size > MAX_OUTCOMES:
        raise MalformedError(f"a deal's space has more than {MAX_OUTCOMES} outcomes")
    return space


def _issue(sent: negotiation_pb2.Issue, parties: tuple[bytes, ...]) -> Issue:
    values = tuple(sent.values)
    if not 1 <= len(values) <= MAX_VALUES or len(set(values)) != len(values):
        raise MalformedError("an issue's values repeat, or are too many")
    lengths = sorted(map(len, (sent.name, *values)))
    if not 0 < lengths[0] <= lengths[-1] <= MAX_TEXT:
        raise MalformedError("a text in a deal's space has the wrong length")
    if not sent.giver:
        return Issue(sent.name, values, None)
    try:
        hours = sorted(map(float, values))
        giver = parties.index(sent.giver)
        taker = parties.index(sent.taker) if sent.taker else None
    except ValueError as fault:
        raise MalformedError("what a party gives is not in hours, or by no party") from fault
    if not (all(map(math.isfinite, hours)) and 0 <= hours[0] <= hours[-1] <= MAX_HOURS):
        raise MalformedError("hours in a deal's space are out of range")
    if taker == giver:
        raise MalformedError("a party in a deal's space gives to itself")
    return Issue(sent.name, values, giver, taker)
