"""Rounds and the ledger of privacy: keyed by person, charged before a release exists, never lowered."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from weal_coordinator.community.charter import Aggregation
from weal_protocol.accounting import Spent
from weal_protocol.representation import FEATURES

MAX_REFUSED = 4_000  # characters of JSON
SCHEMA = """
CREATE TABLE rounds (
    number INTEGER PRIMARY KEY,
    state VARCHAR(16) NOT NULL,
    catalogue VARCHAR(64) NOT NULL,
    population INTEGER NOT NULL,
    drawn BLOB NOT NULL,
    sampling_rate DOUBLE PRECISION NOT NULL,
    sigma DOUBLE PRECISION NOT NULL,
    clip DOUBLE PRECISION NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    epsilon DOUBLE PRECISION NOT NULL DEFAULT 0,
    release_number INTEGER NOT NULL DEFAULT 0,
    total BLOB,
    refused VARCHAR(4000) NOT NULL DEFAULT '{}',
    opened_ms BIGINT NOT NULL
);
CREATE TABLE ledger (
    agent_key VARCHAR(64) NOT NULL,
    round_number INTEGER NOT NULL,
    epsilon DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (agent_key, round_number)
);
"""
# Later: what heads in a round's sum are over; "" in rounds from before (weal_protocol.contribution.BEFORE).
FEATURES_SCHEMA = "ALTER TABLE rounds ADD COLUMN features VARCHAR(16) NOT NULL DEFAULT ''"


@dataclass(frozen=True, slots=True)
class Round:
    """state: "open", "charged", "done" or "failed". drawn: agent keys in hex. epsilon: after this round, for a
    person who was registered throughout. total: the noisy sum, float64 little-endian, once charged.
    refused: replies that counted as zero, by named reason. sampling_rate, sigma, clip: the charter's, at the time.
    features: what heads are over, see weal_protocol.contribution."""

    number: int
    state: str
    catalogue: str
    population: int
    drawn: tuple[str, ...]
    used: int
    epsilon: float
    release: int
    total: bytes
    refused: dict[str, int]
    sampling_rate: float
    sigma: float
    clip: float
    features: str = FEATURES

    @property
    def sampled(self) -> int:
        """How many were drawn."""
        return len(self.drawn)


_COLUMNS = (
    "number, state, catalogue, population, drawn, used, epsilon, release_number, total, refused, "
    "sampling_rate, sigma, clip, features"
)


def open_round(
    connection: Connection,
    catalogue: str,
    population: int,
    drawn: tuple[str, ...],
    rules: Aggregation,
    now_ms: int,
) -> int:
    """Begin a round under these rules and return its number."""
    number = int(connection.execute(text("SELECT COALESCE(MAX(number), 0) + 1 FROM rounds")).scalar_one())
    connection.execute(
        text(
            "INSERT INTO rounds (number, state, catalogue, population, drawn, sampling_rate, sigma, clip, opened_ms, features) "
            "VALUES (:number, 'open', :catalogue, :population, :drawn, :rate, :sigma, :clip, :now, :features)"
        ),
        {
            "number": number,
            "catalogue": catalogue,
            "population": population,
            "drawn": json.dumps(drawn).encode(),
            "rate": rules.sampling_rate,
            "sigma": rules.sigma,
            "clip": rules.clip,
            "now": now_ms,
            "features": FEATURES,
        },
    )
    return number


def charge(
    connection: Connection, number: int, population: dict[str, float], used: int, epsilon: float, total: bytes
) -> None:
    """Write what every registered person has spent after this round, together with its noisy sum.

    Committed before anything is released. A person is charged whether drawn or not: the guarantee
    is about the mechanism, and the coins are secret. Charging the same round again changes nothing.
    """
    state = connection.execute(text("SELECT state FROM rounds WHERE number = :number"), {"number": number}).scalar_one()
    if state != "open":
        return
    if population:
        connection.execute(
            text("INSERT INTO ledger (agent_key, round_number, epsilon) VALUES (:key, :number, :epsilon)"),
            [{"key": key, "number": number, "epsilon": spent} for key, spent in population.items()],
        )
    connection.execute(
        text(
            "UPDATE rounds SET state = 'charged', used = :used, epsilon = :epsilon, total = :total WHERE number = :number"
        ),
        {"number": number, "used": used, "epsilon": epsilon, "total": total},
    )


def finish(connection: Connection, number: int, release: int) -> None:
    """Mark a charged round as done, with its release's number or 0 when it was withheld."""
    connection.execute(
        text(
            "UPDATE rounds SET state = 'done', release_number = :release WHERE number = :number AND state = 'charged'"
        ),
        {"number": number, "release": release},
    )


def fail_open(connection: Connection) -> None:
    """Give every open round up. They released nothing, so they cost nothing."""
    connection.execute(text("UPDATE rounds SET state = 'failed' WHERE state = 'open'"))


def fail(connection: Connection, number: int) -> None:
    """Give an open round up. It released nothing, so it cost nothing."""
    connection.execute(
        text("UPDATE rounds SET state = 'failed' WHERE number = :number AND state = 'open'"), {"number": number}
    )


def note_refusals(connection: Connection, number: int, refused: dict[str, int]) -> None:
    """Keep why replies of a round counted as zero: the commonest reasons, for a member chooses some of the words."""
    kept: dict[str, int] = {}
    for reason, count in sorted(refused.items(), key=lambda pair: -pair[1]):
        if len(json.dumps(kept | {reason: count})) <= MAX_REFUSED:
            kept[reason] = count
    connection.execute(
        text("UPDATE rounds SET refused = :refused WHERE number = :number"),
        {"refused": json.dumps(kept), "number": number},
    )


def every(connection: Connection) -> tuple[Round, ...]:
    """Return all rounds, oldest first."""
    rows = connection.execute(text(f"SELECT {_COLUMNS} FROM rounds ORDER BY number"))  # noqa: S608 -- a constant
    return tuple(_round(row) for row in rows)


def get(connection: Connection, number: int) -> Round | None:
    """Return one round."""
    row = connection.execute(text(f"SELECT {_COLUMNS} FROM rounds WHERE number = :number"), {"number": number}).first()  # noqa: S608 -- a constant
    return _round(row) if row else None


def outcomes(connection: Connection) -> Iterator[dict[str, Any]]:
    """Yield what each round came to, oldest first: for whoever runs the community, so with how many were drawn and used.

    Without the sums, which may be large.
    """
    columns = "number, state, opened_ms, population, used, epsilon, release_number, refused, drawn"
    for row in connection.execute(text(f"SELECT {columns} FROM rounds ORDER BY number")):  # noqa: S608 -- a constant
        number, state, opened, population, used, epsilon, release, refused, drawn = tuple(row)
        yield {
            "number": int(number),
            "state": str(state),
            "opened_ms": int(opened),
            "population": int(population),
            "sampled": len(json.loads(bytes(drawn))),
            "used": int(used),
            "epsilon": float(epsilon),
            "release": int(release),
            "refused": json.loads(refused),
        }


def charges(connection: Connection) -> dict[str, tuple[Spent, ...]]:
    """Return for each person the rounds they were charged for, by the rules of each, on any past membership too."""
    rows = connection.execute(
        text(
            "SELECT agent_key, sampling_rate, sigma, COUNT(*) FROM ledger JOIN rounds ON number = round_number "
            "GROUP BY agent_key, sampling_rate, sigma ORDER BY agent_key, sampling_rate, sigma"
        )
    )
    found: dict[str, tuple[Spent, ...]] = {}
    for key, rate, sigma, count in rows:
        found[str(key)] = (*found.get(str(key), ()), Spent(rate, sigma, int(count)))
    return found


@dataclass(frozen=True, slots=True)
class Charge:
    """What one round cost one person. epsilon: after it, in all."""

    number: int
    epsilon: float
    sampling_rate: float
    sigma: float


def account(connection: Connection, agent_key: str) -> tuple[Charge, ...]:
    """Return everything that this member was charged, oldest first, on any past membership too."""
    rows = connection.execute(
        text(
            "SELECT round_number, ledger.epsilon, sampling_rate, sigma FROM ledger JOIN rounds ON number = round_number "
            "WHERE agent_key = :key ORDER BY round_number"
        ),
        {"key": agent_key},
    )
    return tuple(
        Charge(int(number), float(epsilon), float(rate), float(sigma)) for number, epsilon, rate, sigma in rows
    )


def newest(connection: Connection) -> int:
    """Return the number of the newest round, 0 before any."""
    return int(connection.execute(text("SELECT COALESCE(MAX(number), 0) FROM rounds")).scalar_one())


def charged(connection: Connection) -> bool:
    """Say whether a round was charged and is not finished."""
    return connection.execute(text("SELECT 1 FROM rounds WHERE state = 'charged' LIMIT 1")).first() is not None


def last_charged(connection: Connection) -> int:
    """Return the number of the newest round that was charged, 0 before any."""
    newest = text("SELECT COALESCE(MAX(number), 0) FROM rounds WHERE state IN ('charged', 'done')")
    return int(connection.execute(newest).scalar_one())


def failed(connection: Connection) -> tuple[int, ...]:
    """Return the rounds that were given up."""
    rows = connection.execute(text("SELECT number FROM rounds WHERE state = 'failed' ORDER BY number"))
    return tuple(int(number) for (number,) in rows)


def share_account(connection: Connection, keys: Sequence[str]) -> None:
    """Let all of these keys, which are one person's devices, have what any of them was charged."""
    for to in keys:
        for of in keys:
            if of != to:
                connection.execute(
                    text(
                        "INSERT INTO ledger (agent_key, round_number, epsilon) "
                        "SELECT :to, round_number, epsilon FROM ledger AS theirs WHERE agent_key = :of AND NOT EXISTS "
                        "(SELECT 1 FROM ledger WHERE agent_key = :to AND round_number = theirs.round_number)"
                    ),
                    {"to": to, "of": of},
                )


def spent_by_all(connection: Connection) -> tuple[Spent, ...]:
    """Return what a person who was registered from the start has been charged for."""
    rows = connection.execute(
        text(
            "SELECT sampling_rate, sigma, COUNT(*) FROM rounds WHERE state IN ('charged', 'done') "
            "GROUP BY sampling_rate, sigma ORDER BY sampling_rate, sigma"
        )
    )
    return tuple(Spent(rate, sigma, int(count)) for rate, sigma, count in rows)


def _round(row: Row[Any]) -> Round:
    number, state, catalogue, population, drawn, used, epsilon, release, total, refused, *rules = tuple(row)
    keys = tuple(json.loads(bytes(drawn)))
    total, refused = bytes(total or b""), json.loads(refused)
    return Round(number, state, catalogue, population, keys, used, epsilon, release, total, refused, *rules)
