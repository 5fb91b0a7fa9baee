"""Deals as their person sees them, on pages and on the command line; nothing here changes anything."""

import sqlite3
from dataclasses import replace

from weal_node.deals import situation, trust
from weal_node.deals.context import Context
from weal_node.deals.dialogue import replayed
from weal_node.deals.entry import ENTER
from weal_node.deals.obligations import Receipted, receipts
from weal_node.deals.situation import Situation, situation_of
from weal_node.deals.view import view
from weal_node.deals.views import DealView, EntryView, LinksView
from weal_node.errors import NotFoundError
from weal_node.negotiation import mechanism
from weal_node.negotiation.negotiation import Negotiation
from weal_node.store import deals as stored
from weal_node.store import letters
from weal_protocol.deal import DealState
from weal_protocol.v1 import negotiation_pb2


class Queries:
    """All deals of one node in one community, to be looked at."""

    def __init__(self, context: Context) -> None:
        self.context = context

    async def deals(self) -> tuple[DealView, ...]:
        """Return every deal that was not dismissed, newest first."""
        rows, met = await self.context.database.read(lambda c: (stored.every(c), trust.met(c)))
        shown = []
        for row in rows:
            if not row.dismissed:
                now = situation_of(self.context, row, replayed(row))
                seen = view(self.context, now)
                shown.append(replace(seen, entry=EntryView(self._stranger(seen, now, met))))
        return tuple(shown)

    async def deal(self, deal_id: str) -> DealView | None:
        """Return one deal, or None."""
        try:
            return view(self.context, await self._load(deal_id))
        except NotFoundError:
            return None

    async def shown(self, deal_id: str) -> tuple[DealView, dict[str, str]]:
        """Return one deal for its page, and an approval for each act that it lets the person do. Pages only."""
        now = await self._load(deal_id)
        seen, about = view(self.context, now), now.fingerprint()
        if ENTER.name in seen.can:
            seen = replace(seen, entry=await self._entry(seen, now))
        links = await self.context.database.read(lambda connection: _links(connection, seen, now.row))
        approvals = {name: self.context.approvals.approve(name, now.row.id, about) for name in sorted(seen.can)}
        return replace(seen, links=links), approvals

    async def receipts(self) -> tuple[Receipted, ...]:
        """Return the ledger of deals that held: who gave what, and what each said of it."""
        return await self.context.database.read(lambda connection: receipts(connection, self.context.own_key))

    async def evidence(self, deal_id: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Return every letter of a deal as it was signed, and who signed two for one place."""
        deal = (await self._load(deal_id)).row.id
        return await self.context.database.read(
            lambda connection: (letters.of(connection, deal), letters.equivocators(connection, deal))
        )

    async def negotiations_with(self, agent_key: bytes) -> tuple[tuple[bytes, Negotiation], ...]:
        """Return id and negotiation of the deals to which this key invited, newest first."""
        invited = []
        for row in await self.context.database.read(stored.every):
            if row.party > 0 and row.other == agent_key:
                negotiation = replayed(row)
                if negotiation.space and negotiation.space.parties[0] == agent_key:
                    invited.append((row.id, negotiation))
        return tuple(invited)

    async def _entry(self, seen: DealView, now: Situation) -> EntryView:
        """Say how well the others are known, how openly the agents would speak, and what each way discloses at most."""
        options, row = now.options, now.row
        known = await trust.least_known(self.context, options.parties)
        offers_only = known.offers_only(self.context.approvals.limits)
        if row.said:
            offers_only = mechanism.is_offers_only(now.negotiation.mechanism)
        many = len(options.parties)
        return EntryView(
            stranger=self._stranger(seen, now, await self.context.database.read(trust.met)),
            trust=known.words(self.context.name_of(known.party), offers_only),
            offers_only=offers_only,
            bits_scoring=mechanism.most_bits(mechanism.suited(many, True, False), options),
            bits_offers=mechanism.most_bits(mechanism.suited(many, False, False), options),
            may_choose=not row.said and known.degree is not trust.Degree.OUTSIDER,
        )

    def _stranger(self, seen: DealView, now: Situation, met: frozenset[bytes]) -> str:
        """Say of an invitation that nobody has answered yet where it is from somebody this person never dealt with."""
        if now.row.party <= 0 or ENTER.name not in seen.can or now.row.other in met:
            return ""
        return trust.stranger(self.context.name_of(now.row.other))

    async def _load(self, deal_id: str) -> Situation:
        return await self.context.database.read(lambda connection: situation.load(self.context, connection, deal_id))


def _links(connection: sqlite3.Connection, seen: DealView, row: stored.DealRow) -> LinksView:
    """Say which invitation this one is in place of, and which one is in place of this, where they are known here."""
    before = stored.get(connection, _answers(row))
    later = stored.every(connection) if seen.state == DealState.DECLINED else ()
    after = next((other.id.hex() for other in later if _answers(other) == row.id), "")
    return LinksView(before.id.hex() if before else "", after)


def _answers(row: stored.DealRow) -> bytes:
    return negotiation_pb2.Invite.FromString(row.said[0][2]).answers if row.said else b""
