"""The schema's history. Only ever add to the end."""

from weal_coordinator.store import (
    charters,
    epsilons,
    expulsions,
    invites,
    mail,
    members,
    notary,
    ready,
    records,
    releases,
    rounds,
)

MIGRATIONS: tuple[str, ...] = (
    members.SCHEMA,
    invites.SCHEMA,
    mail.SCHEMA,
    records.SCHEMA,
    releases.SCHEMA,
    rounds.SCHEMA,
    notary.SCHEMA,
    records.LINEAGE,
    ready.SCHEMA,
    epsilons.SCHEMA,
    mail.SENDERS,
    records.COUNTS,
    expulsions.SCHEMA,
    notary.QUOTAS,
    rounds.FEATURES_SCHEMA,
    charters.SCHEMA,
)
