"""What is going on here, as one JSON object."""

import json
from typing import Any

import psutil

from weal_coordinator import config
from weal_coordinator.community import charter
from weal_coordinator.config import Home
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.store import invites, mail, members, records, rounds
from weal_coordinator.store.database import Database


def status(place: Home) -> dict[str, Any]:
    """Read the home's state; changes nothing. CoordinatorError when there is no coordinator in it."""
    settings = config.read(place)
    rules = charter.read(place.charter.read_text())
    try:
        addresses: dict[str, Any] | None = config.running(place)
    except CoordinatorError:
        addresses = None
    database = Database(config.database_url(place, settings))
    with database.read() as connection:
        past = rounds.every(connection)
        found = {
            "community": rules.name,
            "home": str(place.root),
            "running": addresses,
            "members": members.count(connection),
            "invites_open": invites.open_count(connection),
            "records": records.position(connection),
            "mail_waiting": mail.waiting(connection),
            "rounds": [
                {
                    "number": one.number,
                    "state": one.state,
                    "sampled": one.sampled,
                    "used": one.used,
                    "epsilon": one.epsilon,
                    "release": one.release,
                    "refused": one.refused,
                }
                for one in past
            ],
            "epsilon": past[-1].epsilon if past else 0.0,
            "epsilon_cap": rules.aggregation.epsilon_cap,
            "processes": _processes(place, addresses),
        }
    database.close()
    return found


def _processes(place: Home, addresses: dict[str, Any] | None) -> list[dict[str, Any]]:
    pids = {"coordinator": addresses["pid"]} if addresses else {}
    if addresses and place.superlink.exists():
        pids["superlink"] = json.loads(place.superlink.read_text())["pid"]
    rows = []
    for name, pid in pids.items():
        try:
            rows.append({"name": name, "pid": pid, "rss_mb": round(psutil.Process(pid).memory_info().rss / 1e6, 1)})
        except psutil.Error:
            continue
    return rows
