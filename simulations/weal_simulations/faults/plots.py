"""Plots: every way in which a deal can go, from its draft to each of the ends that its table knows (weal_protocol/deal.py).

Each is told by people at whole nodes on the wire in memory (town/relay.py); a node may die at any write and starts again from its files.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from weal_node.deals.stakes import ActionLimits
from weal_protocol.deal import DealState
from weal_simulations.faults.mortal import KilledError, Mortal, Wrote, mortal
from weal_simulations.town.town import DEAL, Table, Taste, TownSeat

Step = tuple[str, int | None]  # an act, and the one seat that does it; None: everyone who can
DRAFTS = (1, 0)  # writes that are the draft's own: of the first, of others
ENTER: tuple[Step, ...] = (("enter", None), ("enter", None))
AGREE: tuple[Step, ...] = (*ENTER, ("rank", None))
BIND: tuple[Step, ...] = (*AGREE, ("ratify", None))
HOPELESS = 5.0  # worth of an hour given, where nothing is worth it


@dataclass(frozen=True, slots=True)
class Plot:
    """careful: whether the parties bargain as strangers.  hopeless: whether nothing is better than no deal for all.
    refusing: whether people say no to every option.  end: how the deal stands for everyone."""

    name: str
    parties: int
    steps: tuple[Step, ...]
    end: DealState
    careful: bool = False
    hopeless: bool = False
    refusing: bool = False


@dataclass(frozen=True, slots=True)
class Kill:
    """A node dies at its n-th write after the draft, just before it is on disk or just after. wrote: what that write does."""

    seat: int
    write: int
    after: bool
    wrote: Wrote

    @property
    def at(self) -> DealState:
        """Where the deal stands at that node when it dies."""
        before, then, _ = self.wrote
        return then if self.after else before


def plots() -> tuple[Plot, ...]:
    """Return every plot, of two parties and of three."""
    found = []
    for parties in (2, 3):
        last = parties - 1
        found += [
            Plot("fulfilled", parties, (*BIND, ("fulfil", None), ("rate", None)), DealState.FULFILLED),
            Plot("strangers", parties, (*BIND, ("fulfil", None)), DealState.FULFILLED, careful=True),
            Plot("declined", parties, (("enter", 0), ("decline", last)), DealState.DECLINED),
            Plot("called off", parties, (("enter", 0), ("cancel", 0)), DealState.CANCELLED),
            Plot("cancelled by the first", parties, (*ENTER, ("cancel", 0)), DealState.CANCELLED),
            Plot("cancelled by the last", parties, (*AGREE, ("ratify", 0), ("cancel", last)), DealState.CANCELLED),
            Plot("disputed", parties, (*BIND, ("dispute", last), ("rate", None)), DealState.DISPUTED),
            Plot("settled", parties, (*BIND, ("dispute", 0), ("fulfil", last), ("fulfil", None)), DealState.FULFILLED),
            Plot("hopeless", parties, ENTER, DealState.NO_DEAL, hopeless=True),
            Plot("hopeless strangers", parties, ENTER, DealState.NO_DEAL, careful=True, hopeless=True),
            Plot("refused", parties, AGREE, DealState.NO_DEAL, refusing=True),
        ]
    return tuple(found)


def limits(of: Plot) -> ActionLimits:
    """Return what the people of a plot allow."""
    return replace(ActionLimits(), offers_only_first=of.careful)


async def tell(of: Plot, table: Table, kill: Kill | None = None) -> bool:
    """Tell a plot, with a node that dies on the way if there is a kill; say whether it came to its end."""
    if of.hopeless:
        for seat in table.seats:
            seat.taste = Taste(0.1, HOPELESS)
            seat.wake()
    await table.draft()
    victim = table.seats[kill.seat] if kill else None
    if kill and victim:
        database = mortal(victim.database)
        database.left, database.after = database.writes + kill.write, kill.after
    for step in of.steps:
        await _surviving(partial(_do, of, table, step), table, victim)
        await _surviving(table.carry, table, victim)
    return set(await table.states()) == {of.end.value}


async def kills(of: Plot, table: Table) -> tuple[Kill, ...]:
    """Tell a plot undisturbed; return a kill for each different moment: a seat, where the deal stands there before and after a
    write, what is written, and whether the node dies just before that or just after."""
    for seat in table.seats:
        seat.opened = partial(Mortal.watching, deal=DEAL)
        seat.wake()
    if not await tell(of, table):
        raise RuntimeError(f"{of.name} of {of.parties} does not come to its end: {await table.states()}")
    found: dict[tuple[int, Wrote, bool], Kill] = {}
    for number, seat in enumerate(table.seats):
        seen = mortal(seat.database).seen or []
        for write, wrote in enumerate(seen[DRAFTS[number > 0] :], start=1):
            for after in (False, True):
                found.setdefault((number, wrote, after), Kill(number, write, after, wrote))
    return tuple(found.values())


async def _surviving(act: Callable[[], Awaitable[object]], table: Table, victim: TownSeat | None) -> None:
    try:
        await act()
    except KilledError:
        if victim is None:
            raise
        victim.wake()
        if table.wire.past:  # what was being taken was not acknowledged: the relay brings it again
            table.wire.frames.insert(0, table.wire.past[-1])
        await table.carry()
        await act()


async def _do(of: Plot, table: Table, step: Step) -> None:
    act, only = step
    for number, seat in enumerate(table.seats):
        if only is not None and number != only:
            continue
        found = await seat.agent.deals()
        if not found or act not in found[0].can:
            continue
        await seat.act(act, *_given(act, [option.gain for option in found[0].options], of.refusing))


def _given(act: str, gains: list[float], refusing: bool) -> tuple[object, ...]:
    numbers = range(1, len(gains) + 1)
    match act:
        case "rank":
            return ([], frozenset(numbers)) if refusing else (sorted(numbers, key=lambda n: -gains[n - 1]),)
        case "rate":
            return (True,)
        case "decline" | "cancel" | "dispute":
            return ("",)
        case _:
            return ()
