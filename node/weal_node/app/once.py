"""What a command does on a home by itself, while no node runs there. The caller holds the lock."""

import asyncio
from typing import Any

from weal_node import keys as keyring
from weal_node.app.clock import now_ms
from weal_node.app.outward import join
from weal_node.config import Home, Settings
from weal_node.gate.interruption import Quiet, hours
from weal_node.loop import propose, publish
from weal_node.loop.judge import Mind
from weal_node.loop.starter import starter
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_node.web.api import today_json
from weal_node.web.notes import composed
from weal_node.worker import TorchWorker
from weal_protocol import invite


def will_leave(text: str, settings: Settings) -> list[str]:
    """Return, in plain lines, what leaves this node by joining and afterwards; MalformedError for no invite."""
    given = invite.parse(text)
    tier = "light" if settings.contribute else "none"
    aggregation = (
        f"- when you are drawn for a round: clipped statistics of your answers, to the coordinator, which adds noise before "
        f"it releases anything but itself sees them without. Epsilon at most {settings.epsilon_cap:g} over all rounds, "
        f"at most {settings.round_cap} rounds"
        if settings.contribute
        else "- nothing to aggregation: `contribute` is off"
    )
    return [
        f"You are about to join {given.community}, coordinated at {given.grpc}.",
        "What leaves now:",
        f"- your member card: the name {settings.name!r}, four public keys, the tier {tier!r}; and your network address",
        "What leaves afterwards:",
        f"- notes that are public or for the community, {settings.publish_delay_s} s after saving, until then you can undo",
        "- sealed messages about deals that you let your agent negotiate; the coordinator sees who, when and how large",
        aggregation,
        "Private notes, your answers one by one and your reward model stay here. Every byte that leaves is listed on Privacy.",
    ]


def join_now(place: Home, settings: Settings, text: str) -> str:
    """Join the community of an invite; return its name."""
    database = Database(place.database)
    try:
        return asyncio.run(join(place, settings, keyring.load(place.keys), database, text))
    finally:
        database.close()


def note_now(place: Home, settings: Settings, title: str, body: str, visibility: str) -> dict[str, Any]:
    """Write a note into the vault; return {"id", "path", "visibility"}."""
    database = Database(place.database)
    try:
        wanted = composed({"title": title, "body": body, "visibility": visibility}, None)
        saving = publish.save(database, Vault(place.vault), settings, now_ms(), wanted)
        note = asyncio.run(saving)
    finally:
        database.close()
    return {"id": note.id, "path": note.path, "visibility": str(note.visibility)}


def today_now(place: Home, settings: Settings) -> dict[str, Any]:
    """Return what Today would show."""
    return asyncio.run(_today(place, hours(settings.quiet_hours)))


async def _today(place: Home, quiet: Quiet) -> dict[str, Any]:
    database, worker = Database(place.database), TorchWorker()
    try:
        mind = Mind(database, worker, now_ms)
        await mind.start()
        if not mind.states():
            await mind.add_states(starter())
        return today_json(await propose.today(database, mind, now_ms(), quiet))
    finally:
        worker.close()
        database.close()
