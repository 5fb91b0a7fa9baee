"""Run one round from outside: check the budget, submit the run, wait for what it leaves in the ledger."""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from weal_coordinator import config
from weal_coordinator.community import charter
from weal_coordinator.community.charter import Charter
from weal_coordinator.config import Home
from weal_coordinator.errors import BudgetError, RoundError
from weal_coordinator.store import rounds
from weal_coordinator.store.database import Database
from weal_protocol import accounting

POLL_S = 0.25
GRACE_S = 60.0  # beyond the round's own deadline: Flower's start, the noise, the accounting


@dataclass(frozen=True, slots=True)
class RoundResult:
    """number of the round, how many were drawn and how many counted, epsilon so far, the release (0: withheld)."""

    number: int
    sampled: int
    used: int
    epsilon: float
    release: int


def run_round(place: Home) -> RoundResult:
    """Run one round now; blocking. BudgetError when it would pass the cap, RoundError when it fails."""
    rules = charter.read(place.charter.read_text())
    addresses = config.running(place)
    database = Database(config.database_url(place, config.read(place)))
    try:
        with _alone(place):
            check_budget(database, rules)
            before = _last(database)
            run = _submit(place, addresses["fleet_private"])
            return _wait(
                place, database, before, addresses["fleet_private"], run, rules.aggregation.deadline_s + GRACE_S
            )
    finally:
        database.close()


def check_budget(database: Database, rules: Charter) -> None:
    """Refuse a round after which anyone's epsilon would be above the charter's cap."""
    aggregation = rules.aggregation
    with database.read() as connection:
        most = max(rounds.charges(connection).values(), default=0)
    after = accounting.epsilon(most + 1, aggregation.sampling_rate, aggregation.sigma, aggregation.delta)
    if after > aggregation.epsilon_cap:
        raise BudgetError(
            f"the next round would bring epsilon to {after:.2f}, above the charter's cap of {aggregation.epsilon_cap:g}",
            "The community must amend its charter, or stop here",
        )


@contextlib.contextmanager
def _alone(place: Home) -> Iterator[None]:
    with place.round_lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise RoundError("a round is in progress", "Wait until it is over") from fault
        yield


def _last(database: Database) -> int:
    with database.read() as connection:
        past = rounds.every(connection)
    return past[-1].number if past else 0


def _submit(place: Home, address: str) -> int:
    from weal_coordinator.federation.environment import prepare

    prepare(place.root / "flower")
    from weal_coordinator.federation.flower import Control, build_bundle

    bundle = build_bundle(bundle_settings())
    return Control(address, place.certificate).start(bundle, {"home": str(place.root)})


def bundle_settings() -> bytes:
    """Return the bundle's pyproject.toml: beside the source, or inside an installed wheel."""
    here = Path(__file__).resolve().parent
    for candidate in (here / "bundle.toml", here.parents[1] / "bundle/pyproject.toml"):
        if candidate.is_file():
            return candidate.read_bytes()
    raise RoundError("the bundle's settings are missing", "Reinstall Weal")


def _wait(place: Home, database: Database, before: int, address: str, run: int, patience_s: float) -> RoundResult:
    from weal_coordinator.federation.flower import Control

    control = Control(address, place.certificate)
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        with database.read() as connection:
            fresh = [one for one in rounds.every(connection) if one.number > before]
        if fresh and fresh[-1].state == "done":
            last = fresh[-1]
            return RoundResult(last.number, last.sampled, last.used, last.epsilon, last.release)
        state, how, details = control.status(run)
        if state == "finished" and not (how == "completed" and fresh and fresh[-1].state == "charged"):
            with database.read() as connection:
                fresh = [one for one in rounds.every(connection) if one.number > before]
            if not fresh or fresh[-1].state != "done":
                raise RoundError(f"the round ended as {how}: {details or 'no details'}", "See the coordinator's log")
            continue
        time.sleep(POLL_S)
    raise RoundError(
        f"the round did not end within {patience_s:.0f} s", "See the coordinator's log; the ledger is intact"
    )
