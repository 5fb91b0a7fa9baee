"""Run one round from outside: check the budget, submit the run, wait for what it leaves in the ledger."""

import contextlib
import fcntl
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from weal_coordinator import charters, config, keys
from weal_coordinator.community.charter import Charter
from weal_coordinator.config import Home
from weal_coordinator.errors import FloorError, RoundError
from weal_coordinator.federation.addresses import private_address
from weal_coordinator.federation.budget import check_budget
from weal_coordinator.federation.finish import finish_charged
from weal_coordinator.store import members, rounds
from weal_coordinator.store.database import Database

POLL_S = 0.25
ATTEMPTS = 3
START_S = 60.0


@dataclass(frozen=True, slots=True)
class RoundResult:
    """number of the round, how many were drawn and how many counted, epsilon so far, the release (0: withheld)."""

    number: int
    sampled: int
    used: int
    epsilon: float
    release: int


def run_round(place: Home, below_floor: bool = False) -> RoundResult:
    """Run one round now; blocking. BudgetError when it would pass the cap, RoundError when it fails, FloorError below the charter's
    floor unless that is wanted.

    A SuperLink that is lost in the round is started again by `up`; what it was doing is then asked for once more, unless the round
    was charged: then only its release is missing, and is built here.
    """
    settings = config.read(place)
    config.running(place)
    database = Database(config.database_url(place, settings))
    try:
        rules = charters.in_force(place, database)
        with _alone(place):
            if not below_floor:
                check_floor(place, database, rules)
            check_budget(database, rules)
            with database.read() as connection:
                before = rounds.newest(connection)
            for _ in range(ATTEMPTS):
                ended = _attempt(place)
                finish_charged(place, database, rules)
                with database.read() as connection:
                    last = rounds.get(connection, rounds.newest(connection))
                if last and last.number > before and last.state == "done":
                    return RoundResult(last.number, last.sampled, last.used, last.epsilon, last.release)
                if ended:
                    raise RoundError("the round came to nothing", "See the coordinator's log")
    finally:
        database.close()
    raise RoundError("the SuperLink was lost, again and again", "See the coordinator's log; the ledger is intact")


def check_floor(place: Home, database: Database, rules: Charter) -> None:
    """Refuse a round of so few people that it would be charged and nothing released."""
    with database.read() as connection:
        registered = members.registered(connection, keys.load(place).agent_public)
    floor = rules.aggregation.population_floor
    if registered < floor:
        raise FloorError(
            f"{registered} {'person takes' if registered == 1 else 'people take'} part, below the charter's floor of {floor}: "
            "a round would cost them epsilon and release nothing",
            "Invite more people, or run it all the same with --below-floor",
        )


def only_finish(place: Home) -> None:
    """Build the release of what was charged and not finished, and run nothing."""
    database = Database(config.database_url(place, config.read(place)))
    try:
        with _alone(place):
            rules, _ = charters.look(place, database)  # what was charged is released whatever the file says
            finish_charged(place, database, rules)
    finally:
        database.close()


@contextlib.contextmanager
def _alone(place: Home) -> Iterator[None]:
    with place.round_lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise RoundError("a round is in progress", "Wait until it is over") from fault
        yield


def _attempt(place: Home) -> bool:
    """Submit a run and carry it to its end; False when the SuperLink was lost on the way."""
    from weal_coordinator.federation.environment import prepare

    folder = place.root / "flower"
    prepare(folder)
    from weal_coordinator.federation.calls import LostError
    from weal_coordinator.federation.flower import Control, build_bundle
    from weal_coordinator.federation.host import host

    try:
        address = _patiently(place)
        with Control(address, place.certificate) as control:
            run = control.start(build_bundle(bundle_settings(), folder), {"home": str(place.root)})
            host(control, address, place.certificate, run, place.root)
    except LostError:
        return False
    return True


def _patiently(place: Home) -> str:
    """Return the private address, waiting for a SuperLink that is being started."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            address = private_address(place)
            host, port = address.rsplit(":", 1)
            socket.create_connection((host, int(port)), timeout=POLL_S).close()
            return address
        except (RoundError, OSError) as fault:
            if time.monotonic() > deadline:
                raise RoundError("the SuperLink is not there", "See the coordinator's log") from fault
            time.sleep(POLL_S)


def bundle_settings() -> bytes:
    """Return the bundle's pyproject.toml: beside the source, or inside an installed wheel."""
    here = Path(__file__).resolve().parent
    for candidate in (here / "bundle.toml", here.parents[1] / "bundle/pyproject.toml"):
        if candidate.is_file():
            return candidate.read_bytes()
    raise RoundError("the bundle's settings are missing", "Reinstall Weal")
