"""What histories of rounds cost, once it was worked out: seconds of work each time, the same number for ever."""

import json

from sqlalchemy import Connection, text

from weal_protocol.accounting import Spent

SCHEMA = """
CREATE TABLE epsilons (history VARCHAR(4000) PRIMARY KEY, epsilon DOUBLE PRECISION NOT NULL);
"""
Key = tuple[tuple[Spent, ...], float]
MAX_KEY = 4_000  # characters; a history of more kinds of rounds than that is worked out each time


def every(connection: Connection) -> dict[str, float]:
    """Return all that is known, by `name`."""
    return {
        str(name): float(value) for name, value in connection.execute(text("SELECT history, epsilon FROM epsilons"))
    }


def keep(connection: Connection, found: dict[str, float]) -> None:
    """Keep these; what is known stays."""
    for name, value in found.items():
        if len(name) <= MAX_KEY:
            connection.execute(
                text("INSERT INTO epsilons (history, epsilon) VALUES (:name, :value) ON CONFLICT (history) DO NOTHING"),
                {"name": name, "value": value},
            )


def name(history: tuple[Spent, ...], delta: float) -> str:
    """Return what a history goes by; floats as they are, to the last bit."""
    return json.dumps([delta, *([one.sampling_rate, one.sigma, one.rounds] for one in history)])
