"""The schema's history. Only ever add to the end."""

from weal_coordinator.store import epsilons, invites, mail, members, ready, records, releases, rounds

MIGRATIONS: tuple[str, ...] = (
    members.SCHEMA,
    invites.SCHEMA,
    mail.SCHEMA,
    records.SCHEMA,
    releases.SCHEMA,
    rounds.SCHEMA,
    ready.SCHEMA,
    epsilons.SCHEMA,
)
