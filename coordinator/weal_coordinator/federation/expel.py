"""Expel somebody from outside: the community's word first, on disk; then the running services, the SuperLink and the bundles follow it."""

import logging
from dataclasses import dataclass

from weal_coordinator import bundles, charters, config, keys, setup
from weal_coordinator.config import Home
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.federation.addresses import private_address
from weal_coordinator.store import expelling, members
from weal_coordinator.store.database import Database
from weal_protocol import cards
from weal_protocol.errors import WealError
from weal_protocol.expulsions import Expulsion

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Expelled:
    """said: the notice as members read it.  running: whether services ran here, and so had something to end.  left: what could not be
    told, each in words with its next step."""

    said: Expulsion
    running: bool
    left: tuple[str, ...]


def expel(place: Home, who: str, why: str) -> Expelled:
    """Expel a person by name or key. CoordinatorError where nobody is meant, more than one, or it cannot be read back afterwards."""
    settings = config.read(place)
    database = Database(config.database_url(place, settings))
    try:
        rules, _ = charters.look(place, database)  # whoever edits the file meanwhile can expel all the same
        with database.write() as connection:
            said = expelling.expel(connection, rules.community, keys.load(place).agent, who, why, setup.now_ms())
        with database.read() as connection:
            if any(members.is_member(connection, key) for key in said.agent_keys):
                raise CoordinatorError(f"{said.name} is a member yet", "Do the same again")
        left = []
        running = config.runs(place)
        acts = ((_end_sessions, "open connections"), (_forget_nodes, "rounds in progress")) if running else ()
        for act, what in acts:
            try:
                act(place, database)
            except WealError as fault:
                left.append(f"{what}: {fault}")
        try:
            if settings.bundle_hours > 0 and bundles.listed(place):
                bundles.make_due(place, settings, database, setup.now_ms())
        except (WealError, OSError) as fault:
            left.append(f"bundles of public notes: {fault}. They are made anew within ten minutes")
    finally:
        database.close()
    return Expelled(said, running, tuple(left))


def _end_sessions(place: Home, _database: Database) -> None:
    from weal_coordinator.federation.notices import Noticeboard

    with Noticeboard(place, config.running(place)["grpc"]) as board:
        board.end_expelled()


def _forget_nodes(place: Home, database: Database) -> None:
    """Let the SuperLink know no key but members': a reply of somebody else is refused from now on."""
    from weal_coordinator.federation.environment import prepare

    prepare(place.root / "flower")
    from weal_coordinator.federation.calls import LostError
    from weal_coordinator.federation.flower import Control

    with database.read() as connection:
        allowed = {cards.fleet_key_of(row.card) for row in members.everyone(connection)}
    try:
        with Control(private_address(place), place.certificate) as control:
            control.revoke(allowed)
    except LostError as fault:
        raise CoordinatorError(
            "the SuperLink does not answer", "It is started again by itself, and knows nobody then"
        ) from fault
