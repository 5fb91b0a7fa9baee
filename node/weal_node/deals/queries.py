"""Look: deals as their person sees them, on pages and on the command line; nothing here changes anything."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace

from weal_node.deals import trust
from weal_node.deals.approvals import Approvals
from weal_node.deals.dialogue import Post, loaded, replayed
from weal_node.deals.drafts import drafted
from weal_node.deals.obligations import Receipted, receipts
from weal_node.deals.stakes import Act
from weal_node.deals.trust import Trust
from weal_node.deals.view import DealView, on_the_table, view
from weal_node.errors import NotFoundError
from weal_node.keys import Keys
from weal_node.negotiation import mechanism
from weal_node.negotiation.negotiation import Negotiation
from weal_node.store import deals as stored
from weal_node.store import letters
from weal_node.store.database import Database
from weal_protocol.deal import DealState as Standing
from weal_protocol.v1 import negotiation_pb2


class Looking:
    """All deals of one node in one community, to be looked at."""

    def __init__(
        self,
        database: Database,
        keys: Keys,
        post: Post,
        clock: Callable[[], int],
        name_of: Callable[[bytes], str],
        oversight: Approvals,
    ) -> None:
        self._database = database
        self._keys = keys
        self._post = post
        self._clock = clock
        self._name_of = name_of
        self._oversight = oversight

    async def deals(self) -> tuple[DealView, ...]:
        """Return every deal that was not dismissed, newest first."""
        rows, met = await self._database.read(lambda c: (stored.every(c), trust.met(c)))
        return tuple([self._from(self._view(row, replayed(row)), row, met) for row in rows if not row.dismissed])

    async def deal(self, deal_id: str) -> DealView | None:
        """Return one deal, or None."""
        try:
            return self._view(*await self._load(deal_id))
        except NotFoundError:
            return None

    async def shown(self, deal_id: str) -> tuple[DealView, dict[str, str]]:
        """Return one deal for its page, and an approval for each act that it lets the person do. Pages only."""
        row, stands = await self._load(deal_id)
        seen, about = self._view(row, stands), on_the_table(row, stands)
        if "enter" in seen.can:
            seen = await self._with_manner(seen, row, stands)
            seen = self._from(seen, row, await self._database.read(trust.met))
        seen = await self._database.read(lambda connection: _linked(connection, seen, row))
        return seen, {act: self._oversight.approve(Act(act), row.id, about) for act in sorted(seen.can)}

    async def receipts(self) -> tuple[Receipted, ...]:
        """Return the ledger of deals that held: who gave what, and what each said of it."""
        return await self._database.read(lambda connection: receipts(connection, self._keys.agent_public))

    async def evidence(self, deal_id: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Return every letter of a deal as it was signed, and who signed two for one place."""
        row, _ = await self._load(deal_id)
        return await self._database.read(
            lambda connection: (letters.of(connection, row.id), letters.equivocators(connection, row.id))
        )

    async def sessions_with(self, agent_key: bytes) -> tuple[tuple[bytes, Negotiation], ...]:
        """Return (id, session) of the deals to which this key invited, newest first."""
        rows = await self._database.read(stored.every)
        found = [(row.id, replayed(row)) for row in rows if row.party > 0 and row.other == agent_key]
        return tuple((deal, stands) for deal, stands in found if stands.space and stands.space.parties[0] == agent_key)

    async def _with_manner(self, seen: DealView, row: stored.DealRow, stands: Negotiation) -> DealView:
        """Say how well the others are known, how openly the agents would speak, and what each way tells at most."""
        of = stands.space or drafted(row, self._keys.agent_public)
        known = await self._acquaintance(of.parties)
        invited = mechanism.is_careful(stands.mechanism) if row.said else None
        careful = known.careful(self._oversight.limits.careful_first) if invited is None else invited
        return replace(
            seen,
            careful=careful,
            acquaintance=known.words(self._name_of(known.party), careful),
            bits_open=mechanism.most_bits(mechanism.suited(len(of.parties), True, False), of),
            bits_careful=mechanism.most_bits(mechanism.suited(len(of.parties), False, False), of),
            manner_open=not row.said and known.degree is not trust.Degree.OUTSIDER,
        )

    def _from(self, seen: DealView, row: stored.DealRow, met: frozenset[bytes]) -> DealView:
        """Say of an invitation that nobody has answered yet where it is from somebody this person never dealt with."""
        if row.party <= 0 or "enter" not in seen.can or row.other in met:
            return seen
        return replace(seen, stranger=trust.stranger(self._name_of(row.other)))

    async def _acquaintance(self, parties: tuple[bytes, ...]) -> Trust:
        others = tuple(party for party in parties if party != self._keys.agent_public)
        return await self._database.read(lambda c: trust.least(c, others, self._post.is_guest))

    def _view(self, row: stored.DealRow, stands: Negotiation) -> DealView:
        seen = view(row, stands, self._keys.agent_public, self._name_of, self._clock())
        if any(self._post.is_guest(bytes.fromhex(party)) for party in seen.parties):
            seen = replace(seen, can=seen.can - {"counter"})  # a guest looks for itself: nothing can be sent to it
        return seen

    async def _load(self, deal_id: str) -> tuple[stored.DealRow, Negotiation]:
        return await self._database.read(lambda connection: loaded(connection, deal_id))


def _linked(connection: sqlite3.Connection, seen: DealView, row: stored.DealRow) -> DealView:
    """Say which invitation this one is in place of, and which one is in place of this, where they are known here."""
    before = stored.get(connection, _answers(row))
    later = stored.every(connection) if seen.state == Standing.DECLINED else ()
    after = next((one.id.hex() for one in later if _answers(one) == row.id), "")
    return replace(seen, in_place_of=before.id.hex() if before else "", replaced_by=after)


def _answers(row: stored.DealRow) -> bytes:
    return negotiation_pb2.Invite.FromString(row.said[0][2]).answers if row.said else b""
