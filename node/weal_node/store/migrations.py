"""The schema's history. Only ever add to the end: a node in the field has applied the first n."""

from weal_node.store import (
    accounts,
    deals,
    disclosures,
    edits,
    embeddings,
    gate,
    labels,
    mail,
    notes,
    private_heads,
    records,
    releases,
    rounds,
    states,
    tiers,
)

MIGRATIONS: tuple[str, ...] = (
    labels.SCHEMA,
    states.SCHEMA,
    disclosures.SCHEMA,
    embeddings.SCHEMA,
    releases.SCHEMA,
    notes.SCHEMA,
    records.SCHEMA,
    mail.SCHEMA,
    rounds.SCHEMA,
    deals.SCHEMA,
    notes.STEADY,
    edits.SCHEMA,
    gate.SCHEMA,
    private_heads.SCHEMA,
    tiers.SCHEMA,
    releases.HISTORY,
    accounts.SCHEMA,
)
