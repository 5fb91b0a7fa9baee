"""What a command does on a home by itself, while no node runs there. The caller holds the lock."""

import asyncio
import contextlib
from typing import Any

from weal_node import keys
from weal_node.app.clock import now_ms
from weal_node.commons import consent, pending, review
from weal_node.config import Home, Settings
from weal_node.federation import membership
from weal_node.federation import releases as adopt
from weal_node.mind.mind import Mind
from weal_node.mind.seed_statements import starter
from weal_node.outbound.community import Community
from weal_node.store import releases, tiers
from weal_node.store.database import Database
from weal_node.today import today
from weal_node.today.interruption import Quiet, hours
from weal_node.vault.compose import composed, unsaid
from weal_node.vault.folder import Vault
from weal_node.web.api import saved_json, today_json
from weal_node.worker import TorchWorker


def asked_now(place: Home) -> consent.ConsentQuestion:
    """Return what stands on the page of joining of the notes of this home."""
    with contextlib.closing(Database(place.database)) as database:
        return asyncio.run(consent.gather(database, Vault(place.vault, database.read_now(review.rules))))


def join_now(place: Home, settings: Settings, wish: membership.JoinRequest) -> str:
    """Join the community of an invite; return its name."""
    with contextlib.closing(Database(place.database)) as database:
        vault = Vault(place.vault, database.read_now(review.rules))
        node = membership.JoiningNode(place, settings, keys.load(place.keys), database, vault)
        return asyncio.run(membership.join(node, wish, now_ms))


def tier_now(place: Home, tier: str | None) -> str:
    """Choose what is given to aggregation, if anything is named; return what holds."""
    with contextlib.closing(Database(place.database)) as database:
        if tier is not None:
            asyncio.run(membership.choose(database, tier, now_ms()))
        return asyncio.run(database.read(tiers.chosen))


def releases_now(place: Home) -> dict[str, Any]:
    """Return what became of each release, as JSON."""
    with contextlib.closing(Database(place.database)) as database:
        return asyncio.run(database.read(releases.as_json))


def rollback_now(place: Home, number: int | None) -> int:
    """Use this release, or the one used before; return its number."""
    with contextlib.closing(Database(place.database)) as database:
        return asyncio.run(adopt.go_back(None, database, now_ms, number))


def leave_now(place: Home) -> str:
    """Leave the community; return its name."""

    async def leave() -> str:
        community = Community.open(place.community, keys.load(place.keys))
        try:
            await membership.leave(place, database, community, now_ms())
            return community.name
        finally:
            await community.close()

    with contextlib.closing(Database(place.database)) as database:
        return asyncio.run(leave())


def note_now(place: Home, settings: Settings, fields: dict[str, str]) -> dict[str, Any]:
    """Write a note with these fields of the form into the vault; return it as `saved_json` says."""
    database = Database(place.database)
    try:
        vault = Vault(place.vault, database.read_now(review.rules))
        wanted = composed(fields, None, vault.rules, unsaid(membership.alone(place)))
        again = fields.get("again") == "yes"
        return asyncio.run(saved_json(database, vault, settings, now_ms(), wanted, again=again))
    finally:
        database.close()


def undo_now(place: Home, which: str) -> dict[str, Any]:
    """Keep a note here that is about to leave, or all of them; return {"kept": paths}."""
    with contextlib.closing(Database(place.database)) as database:
        vault = Vault(place.vault, database.read_now(review.rules))
        return {"kept": list(asyncio.run(pending.undo(database, vault, which)))}


def today_now(place: Home, settings: Settings) -> dict[str, Any]:
    """Return what Today would show."""
    return asyncio.run(_today(place, hours(settings.quiet_hours)))


async def _today(place: Home, quiet: Quiet) -> dict[str, Any]:
    database, worker = Database(place.database), TorchWorker()
    try:
        mind = Mind(database, worker, now_ms)
        await mind.start()
        if not mind.items():
            await mind.add_items(starter())
        return today_json(await today.today(database, mind, now_ms(), quiet))
    finally:
        worker.close()
        database.close()
