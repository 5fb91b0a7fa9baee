"""Where the SuperLink listens now: it may have been started again since the coordinator wrote down its own addresses."""

import json

from weal_coordinator import config
from weal_coordinator.config import Home
from weal_coordinator.errors import RoundError


def fleet_address(place: Home) -> str:
    """Return host:port of the public listener, for nodes."""
    return f"{config.read(place).host}:{_ports(place)['fleet']}"


def private_address(place: Home) -> str:
    """Return host:port of the private listener."""
    return f"127.0.0.1:{_ports(place)['private']}"


def _ports(place: Home) -> dict[str, int]:
    try:
        found = json.loads(place.superlink.read_text())
        return {name: int(found[name]) for name in ("fleet", "private")}
    except (OSError, ValueError, KeyError) as fault:
        raise RoundError("the SuperLink is not there", "It is started again within seconds; try again") from fault
