"""A wire in memory, and people at nodes on it: the tests' double of a community, and the studies' way to break one.

Everything but the socket is the product's: stores, keys, envelopes, sealing, sessions, approvals. Frames lie on the wire until they
are carried, in whatever order and however often; a node may be
killed at any write (`faults`), and starts again from its files.
"""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from weal_node import keys as keyring
from weal_node.deals import acts
from weal_node.deals.approvals import Approvals
from weal_node.deals.context import Context
from weal_node.deals.deals import Deals
from weal_node.deals.guests import GuestBook
from weal_node.deals.stakes import ActionLimits
from weal_node.deals.views import DealView
from weal_node.errors import SwitchedOffError
from weal_node.keys import Keys
from weal_node.mail.outbox import Outbox, Routes
from weal_node.negotiation import space
from weal_node.negotiation.space import HOURS, WHEN, Issue, OptionSpace
from weal_node.records import Answer
from weal_node.records import Item as Item
from weal_node.store import deals
from weal_node.store.database import Database
from weal_protocol.cards import Member
from weal_simulations.town.relay import NOW, Frame, TownLine, TownRelay

DEAL = b"d" * 16
KINDS = ("invite", "decline", "reveal", "offer", "accept", "ratify", "cancel", "receipt", "outcome")


class Taste:
    """Stands for the mind, whose embedding would need the encoder: hours have plain worths, texts match when equal."""

    def __init__(self, worth: float, cost: float = 0.4) -> None:
        self.worth = worth
        self._cost = cost
        self.relearned = 0

    async def utilities(self, items: Sequence[Item]) -> npt.NDArray[np.float64]:
        """Gains over no deal (n,)."""
        return np.array([self.worth * np.log1p(one.hours_received) - self._cost * one.hours_given for one in items])

    def vetoed(self, item: Item) -> str:
        """Nothing is out of the question."""
        return ""

    async def similarity(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Equal or not."""
        return np.eye(len(texts))

    async def chance_of(self, answer: Answer, about: Item | None) -> float:
        """Nothing is known beforehand of how a deal turns out."""
        return 0.5

    def learn_from(self, about: Item | None) -> asyncio.Task[None]:
        """Count it."""
        self.relearned += 1
        return asyncio.create_task(asyncio.sleep(0))


@cache
def _empty() -> bytes:
    """Return the file of a node that has just begun: all of its tables, and nothing in them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "node.db"
        Database(file).close()
        return file.read_bytes()


@dataclass
class TownSeat:
    """A person at their node. off: their switch.  opened: opens its database; `faults` has one that dies."""

    name: str
    file: Path
    wire: TownRelay
    taste: Taste
    limits: ActionLimits = field(default_factory=ActionLimits)
    keys: Keys = field(default_factory=keyring.new)
    off: bool = False
    opened: Callable[[Path], Database] = Database

    def __post_init__(self) -> None:
        """Sit down."""
        self.wire.members[self.key] = Member(
            self.key, self.keys.ratification_public, self.keys.seal_public, b"", self.name, "light", 1
        )
        self.database: Database | None = None
        if not self.file.exists():
            self.file.write_bytes(_empty())
        self.wake()

    @property
    def key(self) -> bytes:
        """The agent's public key."""
        return self.keys.agent_public

    def wake(self) -> None:
        """Start the node, or start it again as after a kill."""
        self.close()
        self.database = self.opened(self.file)
        self.approvals = Approvals(self._clock, lambda: self.off, self.limits)
        self.book = GuestBook(self.database)
        line = TownLine(self.wire, self.key)
        self.letters = Outbox(
            self.database, self.keys, line, self._clock, self.approvals.check_on, Routes(guest=self.book.card)
        )
        context = Context(self.database, self.keys, self.letters, line, self.approvals, self._clock, self._name_of)
        self.agent = Deals(context, self.taste)

    def _clock(self) -> int:
        return self.wire.now

    def _name_of(self, agent_key: bytes) -> str:
        return (self.book.card(agent_key) or self.wire.members[agent_key]).name

    async def view(self) -> DealView:
        """Return this person's one deal."""
        (found,) = await self.agent.deals()
        return found

    async def act(self, act: str, *given: object) -> None:
        """Do something on the page of this person's one deal, with the approval that the page carries."""
        await self.on((await self.view()).id, act, *given)

    async def on(self, deal: str, act: str, *given: object) -> None:
        """Do something on the page of one of this person's deals."""
        _, approvals = await self.agent.shown(deal)
        await self.approved(deal, act, approvals.get(act, ""), *given)

    async def approved(self, deal: str, act: str, approval: str, *given: object) -> None:
        """Do something with this approval, whatever the page carries. given: what the act takes (deals/acts.py)."""
        row = acts.named(act)
        await self.agent.act(row, deal, approval, row.given(*given))

    async def take(self, frame: Frame) -> None:
        """Take a frame as from the relay."""
        await self.letters.take(frame.ciphertext, dict.fromkeys(KINDS, self.agent.receive))

    async def flush(self) -> None:
        """Lay on the wire what waits in the outbox, and go on with what waits for the notary."""
        await self.agent.conclude()
        await self.letters.send_waiting()

    def close(self) -> None:
        """Stop."""
        if getattr(self, "database", None) is not None:
            self.database.close()  # type: ignore[union-attr]  # looked at just above


class Table:
    """People who could make a deal: each gives something to the next, round the table."""

    def __init__(
        self,
        folder: Path,
        people: int = 2,
        limits: ActionLimits | None = None,
        worths: Sequence[float] = (1.5, 1.3, 1.1, 0.9, 0.7),
        opened: Callable[[Path], Database] = Database,
    ) -> None:
        """worths: by person, of the logarithm of hours received.  opened: see `TownSeat`."""
        folder.mkdir(parents=True, exist_ok=True)
        self.wire = TownRelay()
        names = ("ann", "bob", "cyd", "dan", "eve")[:people]
        self.seats = [
            TownSeat(name, folder / f"{name}.db", self.wire, Taste(worth), limits or ActionLimits(), opened=opened)
            for name, worth in zip(names, worths, strict=False)
        ]
        self.of = OptionSpace(
            tuple(seat.key for seat in self.seats),
            "piano lessons, bicycle repair and more"[: 200 if people > 2 else 32],
            (
                *(Issue(f"help of {seat.name}", HOURS, number) for number, seat in enumerate(self.seats)),
                Issue("when", WHEN, None),
            ),
        )

    def seat(self, key: bytes) -> TownSeat:
        """Return who sits there."""
        return next(seat for seat in self.seats if seat.key == key)

    async def draft(self, deal: bytes = DEAL, of: OptionSpace | None = None, now_ms: int = NOW) -> None:
        """The first person finds the deal; the others hear of it by invitation."""
        first, body = self.seats[0], space.write(of or self.of).SerializeToString()
        drafted = partial(
            deals.draft,
            new=deals.NewDeal(deal, self.seats[1].key, ("help", "help"), (), "a study", first.key, space=body),
            now_ms=now_ms,
        )  # fmt: skip
        await _database(first).write(drafted)

    async def carry(self, turn: Callable[[list[Frame]], Frame] | None = None) -> None:
        """Carry frames until there are none; `turn` takes the next one off the wire, the oldest unless told."""
        moved = self.seats
        for _ in range(10_000):
            for seat in moved:
                if not seat.off:
                    await seat.flush()
            if not self.wire.frames:
                return
            frame = turn(self.wire.frames) if turn else self.wire.frames.pop(0)
            self.wire.past.append(frame)
            moved = [self.seat(frame.recipient)]  # nobody else has anything new to say
            try:
                await moved[0].take(frame)
            except SwitchedOffError:
                return
        raise RuntimeError("the wire never comes to rest")

    async def do(self, act: str, carry: Callable[[], "object"] | None = None) -> bool:
        """Everyone who can do this does it, ranking by their own gains; say whether anyone did."""
        done = False
        for seat in self.seats:
            found = await seat.agent.deals()
            if not found or act not in found[0].can:
                continue
            given: tuple[object, ...] = ()
            if act == "rank":
                given = (sorted((o.number for o in found[0].options), key=lambda n: -found[0].options[n - 1].gain),)
            if act == "rate":
                given = (True,)
            await seat.act(act, *given)
            done = True
        return done

    async def states(self) -> list[str]:
        """Return how the deal stands at each seat; "" where there is none."""
        return [found[0].state if (found := await seat.agent.deals()) else "" for seat in self.seats]

    def close(self) -> None:
        """Everyone leaves."""
        for seat in self.seats:
            seat.close()


def _database(seat: TownSeat) -> Database:
    if seat.database is None:
        raise RuntimeError("this node is not running")
    return seat.database
