"""Join a community, choose what one gives to its aggregation, change that, leave."""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from weal_node.commons import consent, review
from weal_node.config import Home, Settings
from weal_node.errors import RefusedError, TypedError
from weal_node.federation import charter
from weal_node.keys import Keys
from weal_node.outbound.community import Community
from weal_node.outbound.membership import rewrite
from weal_node.store import aside as kept_aside
from weal_node.store import cards as kept_cards
from weal_node.store import charters as kept_charters
from weal_node.store import consents, disclosures, expulsions, tiers
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_protocol import cards, invite
from weal_protocol.cards import TIERS, Member
from weal_protocol.expulsions import Expulsion

Clock = Callable[[], int]
Part = Callable[[sqlite3.Connection, Expulsion], int]  # ends what is open with somebody who was expelled


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """What a person chose on the page of joining. invite: its text.  ticked: ids of notes, written before, that may leave; every
    other one stays here."""

    invite: str
    tier: str
    ticked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class JoiningNode:
    """The node that joins: its home, settings and keys, its database and its vault."""

    place: Home
    settings: Settings
    keys: Keys
    database: Database
    vault: Vault


async def join(node: JoiningNode, wish: JoinRequest, clock: Clock) -> str:
    """Use up an invite; what leaves is in the ledger before it does, and of notes written before only what was ticked does. Return the
    community's name."""
    place, settings, keys, database, vault = node.place, node.settings, node.keys, node.database, node.vault
    if not alone(place):
        raise RefusedError("this node is in a community already", "One node, one community: `weal leave` first")
    invitation, tier = invite.parse(wish.invite), wish.tier
    member = Member(
        keys.agent_public,
        keys.ratification_public,
        keys.seal_public,
        keys.fleet_public,
        settings.name,
        known(tier),
        clock(),
    )
    card = cards.issue(member, keys.agent)
    before = await database.read(consents.every)
    # First, since a node that has joined publishes: a kill from here on keeps too much here, never too little.
    await consent.settle(database, vault, settings, clock(), wish.ticked)
    try:
        await database.write(partial(tiers.choose, tier=tier, now_ms=clock()))
        await _disclose(database, card, clock())
        joined = await Community.join(invitation, keys, card, place.community)
    except Exception:
        await database.write(partial(consents.instead, rows=before))
        await review.renew(database, vault)
        raise
    # Again, for what was written while the community answered; and every delay begins now.
    await consent.settle(database, vault, settings, clock(), wish.ticked)
    # To join is to agree to what rounds cost now; a node that was killed before this asks its person again.
    await database.write(partial(charter.enter, membership=joined, now_ms=clock()))
    return joined.name


def alone(place: Home) -> bool:
    """Whether this home is in no community."""
    return not (place.community / "membership.json").exists()


async def choose(database: Database, tier: str, now_ms: int) -> None:
    """Choose a tier. It holds from now on, whether or not the community can be told."""
    await database.write(partial(tiers.choose, tier=known(tier), now_ms=now_ms))


async def chosen_tier(database: Database) -> str:
    """Return the tier that holds."""
    return await database.read(tiers.chosen)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where other members' nodes reach this one, as on its card: host:port and the SHA-256 of the certificate there."""

    address: str = ""
    certificate_sha256: bytes = b""


async def renew(
    database: Database, keys: Keys, community: Community, clock: Clock, at: Whereabouts | None = None
) -> bool:
    """Tell the community of another choice of tier or another address (None: as the card has it), if it does not know;
    return whether it was told now."""
    tier = await database.read(tiers.chosen)
    own_member = await community.member(keys.agent_public)
    at = at or Whereabouts(own_member.address, own_member.certificate_sha256)
    if (own_member.tier, own_member.address, own_member.certificate_sha256) == (
        tier,
        at.address,
        at.certificate_sha256,
    ):
        return False
    changed = replace(own_member, tier=tier, address=at.address, certificate_sha256=at.certificate_sha256)
    card = cards.issue(replace(changed, issued_ms=max(clock(), own_member.issued_ms + 1)), keys.agent)
    await _disclose(database, card, clock())
    await community.renew(card)
    await community.refresh()
    return True


async def meet(database: Database, community: Community, part: Part = lambda *_: 0, clock: Clock = lambda: 0) -> None:
    """Hear who came, who left, who was expelled and what the charter says now, and keep it for when the coordinator is away. What those who were expelled wrote is
    shown no more, and what is open with them ends (`part`: deals, in a node)."""
    await community.refresh()
    fresh, left = community.news()
    notices, aside, now_ms = community.fresh_expulsions(), community.aside(), clock()
    if community.fresh_charter() and community.certificate_path is not None:
        await asyncio.to_thread(rewrite, community.certificate_path.parent, community.membership)

    def keep(connection: sqlite3.Connection) -> None:
        kept_cards.keep(connection, community.id, fresh.items(), left)
        kept_aside.only(connection, "member cards", aside, now_ms)
        if community.charter_fork:
            kept_charters.note_fork(connection, community.id, community.charter_fork, now_ms)
        for raw, expulsion in notices:
            expulsions.keep(connection, community.id, raw, expulsion)
            part(connection, expulsion)
        expulsions.hide(connection, expulsions.keys(connection))

    await database.write(keep)


async def recall(database: Database, community: Community) -> None:
    """Know the members as they were when last heard of."""
    cards_kept, notices = await database.read(
        lambda connection: (kept_cards.kept(connection, community.id), expulsions.kept(connection, community.id))
    )
    community.recall(cards_kept, notices)


async def leave(place: Home, database: Database, community: Community, now_ms: int) -> None:
    """Leave. Both ledgers keep what was spent, and this node what it mirrored; the same community may be joined again."""
    await community.leave()
    await choose(database, tiers.NOTHING, now_ms)
    for file in ("membership.json", "certificate.pem"):
        (place.community / file).unlink(missing_ok=True)


def known(tier: str) -> str:
    """Return the tier; RefusedError for one that there is not."""
    if tier not in TIERS:
        raise TypedError(f"there is no tier {tier[:40]!r}", f"Choose one of {', '.join(TIERS)}")
    return tier


async def _disclose(database: Database, card: bytes, now_ms: int) -> None:
    await database.write(
        lambda connection: disclosures.write(
            connection, now_ms, "coordinator", "member card", card, disclosures.Amount(len(card))
        )
    )
