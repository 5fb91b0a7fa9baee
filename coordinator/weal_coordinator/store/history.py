"""Rounds as anyone may be told of them: not who was drawn or answered, nor the sums; and what came of each."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from weal_protocol.v1 import release_pb2

NEWEST = 2**62  # above any round's number


@dataclass(frozen=True, slots=True)
class RoundEntry:
    """One round. state: see `rounds`. opened_ms: Unix time. registered: persons whose coins were flipped. epsilon: after it,
    for a person registered throughout; 0 while it was not charged. release: its number, 0 for none. accuracy: share of
    their own answers that members' nodes predicted right, as the release says, and its standard error; None: not measured."""

    number: int
    state: str
    opened_ms: int
    registered: int
    epsilon: float
    release: int
    accuracy: float | None = None
    accuracy_sd: float | None = None


def newest(connection: Connection, limit: int, before: int = NEWEST) -> tuple[RoundEntry, ...]:
    """Return the newest rounds of those with a smaller number than `before`, newest first."""
    rows = connection.execute(
        text(
            "SELECT rounds.number, state, opened_ms, population, epsilon, release_number, manifest FROM rounds "
            "LEFT JOIN releases ON releases.number = release_number "
            "WHERE rounds.number < :before ORDER BY rounds.number DESC LIMIT :limit"
        ),
        {"before": before, "limit": limit},
    )
    return tuple(
        RoundEntry(
            int(number), str(state), int(opened), int(registered), float(epsilon), int(release), *_accuracy(manifest)
        )
        for number, state, opened, registered, epsilon, release, manifest in rows
    )


def since_counted(connection: Connection) -> tuple[RoundEntry, ...]:
    """Return the newest round that counted and every later one, newest first."""
    found: list[RoundEntry] = []
    before = NEWEST
    while page := newest(connection, 20, before):
        for one in page:
            found.append(one)
            if one.state in ("charged", "done"):
                return tuple(found)
        before = page[-1].number
    return tuple(found)


def states(connection: Connection) -> dict[str, int]:
    """Return how many rounds are in each state."""
    rows = connection.execute(text("SELECT state, COUNT(*) FROM rounds GROUP BY state ORDER BY state"))
    return {str(state): int(count) for state, count in rows}


def epsilon(connection: Connection) -> float:
    """Return what a person who was registered throughout has spent; 0 before the first charge. It never falls."""
    spent = text("SELECT COALESCE(MAX(epsilon), 0) FROM rounds WHERE state IN ('charged', 'done')")
    return float(connection.execute(spent).scalar_one())


def _accuracy(manifest: bytes | None) -> tuple[float, float] | tuple[None, None]:
    if manifest is None:
        return None, None
    said = release_pb2.Manifest.FromString(bytes(manifest))
    return (said.accuracy, said.accuracy_sd) if said.accuracy_sd > 0 else (None, None)
