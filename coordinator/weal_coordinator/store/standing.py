"""How the community stands, in numbers: what `status` and the metrics tell. No member is named."""

from dataclasses import dataclass

from sqlalchemy import Connection

from weal_coordinator.store import history, invites, mail, members, records, releases, rounds
from weal_coordinator.store.rounds import Round
from weal_protocol import release_log
from weal_protocol.v1 import release_pb2


@dataclass(frozen=True, slots=True)
class Tally:
    """One moment. tiers: members by what their cards give to aggregation, the coordinator's own card ("none") among them.
    rounds: by state. epsilon: of a person registered throughout. last: the newest round. release: the newest one's manifest. head: its SHA-256, of the log of
    releases; empty for none.
    """

    members: int
    tiers: dict[str, int]
    invites_open: int
    records: int
    mail_waiting: int
    rounds: dict[str, int]
    epsilon: float
    last: history.RoundEntry | None
    release: release_pb2.Manifest | None
    head: bytes
    sampled: int
    used: int
    refused: dict[str, int]


def look(connection: Connection) -> Tally:
    """Return how it stands now. sampled, used, refused: of the newest round, zero where there is none."""
    past = history.newest(connection, 1)
    last: Round | None = rounds.get(connection, past[0].number) if past else None
    manifest = releases.latest_manifest(connection)
    return Tally(
        members=members.count(connection),
        tiers=members.tiers(connection),
        invites_open=invites.open_count(connection),
        records=records.position(connection),
        mail_waiting=mail.waiting(connection),
        rounds=history.states(connection),
        epsilon=history.epsilon(connection),
        last=past[0] if past else None,
        release=release_pb2.Manifest.FromString(manifest) if manifest else None,
        head=release_log.entry(manifest).sha256 if manifest else b"",
        sampled=last.sampled if last else 0,
        used=last.used if last else 0,
        refused=last.refused if last else {},
    )
