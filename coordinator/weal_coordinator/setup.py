"""Found a community: home, keys, certificate, charter, and the coordinator as its first member."""

import datetime as dt
import json
import secrets
import time

from weal_coordinator import charters, config, keys
from weal_coordinator.community import charter
from weal_coordinator.config import Home, Settings
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.store import charters as kept_charters
from weal_coordinator.store import invites, members
from weal_coordinator.store.database import Database
from weal_protocol.invite import Invite
from weal_protocol.terms import Terms

MAX_INVITES = 10_000


def now_ms() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def found(place: Home, name: str, settings: Settings) -> None:
    """Write a new home. CoordinatorError when there is one already, or the name, the address or the database will not do."""
    if place.settings.exists():
        raise CoordinatorError(f"there already is a coordinator in {place.root}", "Choose another home, or run `up`")
    written = charter.TEMPLATE.format(name=json.dumps(name, ensure_ascii=False)[1:-1])  # TOML knows no surrogates
    charter.read(written)  # a bad name is refused before anything is written
    config.host(settings.host)  # and so is a bad address
    place.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(config.database_url(place, settings))
    try:
        with database.write() as connection:
            if members.after(connection, 0, 1):
                raise CoordinatorError(
                    f"a community already is in {database.place}", "Name an empty database, or choose another home"
                )
            made = keys.create(place, settings.host, dt.datetime.now(dt.UTC))
            members.add(connection, made.agent_public, keys.card(made, name, now_ms()), now_ms())
            kept_charters.put(connection, 0, now_ms(), written.encode())
    finally:
        database.close()
    place.charter.write_text(written)
    lines = [
        f"{field} = {json.dumps(getattr(settings, field), ensure_ascii=False)}"
        for field in Settings.__dataclass_fields__
    ]
    temporary = place.settings.with_suffix(".tmp")
    temporary.touch(0o600)  # a database's URL may hold a password
    temporary.write_text("\n".join(lines) + "\n")
    temporary.replace(place.settings)  # last: its presence says that the rest is there


def own_card(place: Home, database: Database) -> bytes:
    """Return the coordinator's card as it was first entered."""
    with database.read() as connection:
        row = members.get(connection, keys.load(place).agent_public)
    if row is None:
        raise CoordinatorError("the coordinator's own card is missing", "Restore the database from a backup")
    return row.card


def make_invites(place: Home, count: int) -> tuple[str, ...]:
    """Return fresh invites to the running coordinator, each good for one person."""
    if not 1 <= count <= MAX_INVITES:
        raise CoordinatorError(f"between 1 and {MAX_INVITES} invites at a time", "Ask again with --count")
    settings, addresses = config.read(place), config.running(place)
    codes = [secrets.token_urlsafe(18) for _ in range(count)]
    database = Database(config.database_url(place, settings))
    try:
        rules = charters.in_force(place, database)
        with database.write() as connection:
            invites.add(connection, codes, now_ms())
    finally:
        database.close()
    fixed = (rules.name, addresses["grpc"], addresses["fleet"], keys.fingerprint(place).hex())
    coordinator = keys.load(place).agent_public.hex()
    return tuple(Invite(*fixed, coordinator, code, Terms.of_charter(rules.text).text).text for code in codes)
