"""Expel: a person is no member any more, with all their devices, and what hangs on them ends in the transaction that says so.

The operator's act today. Once decisions of the community are logged, one of them names whom it expels, and its digest goes in as `decision`;
nothing else here changes (decisions/0010).
"""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from weal_coordinator.community.naming import Device, chosen
from weal_coordinator.errors import NobodyError
from weal_coordinator.store import expulsions, mail, members, records
from weal_protocol import cards
from weal_protocol import expulsions as wire
from weal_protocol.cards import Member
from weal_protocol.errors import ForgedError
from weal_protocol.expulsions import Expulsion


@dataclass(frozen=True, slots=True)
class Community:
    """id: SHA-256 of the first charter.  own: the coordinator's agent key, by which notices are signed."""

    id: bytes
    own: bytes


def devices(connection: Connection) -> tuple[Device, ...]:
    """Return every device of everybody who is or was a member; cards were verified when they came."""
    return tuple(Device(cards.known(row.card), row.left) for row in members.ever(connection))


def expel(
    connection: Connection,
    charter_id: bytes,
    key: Ed25519PrivateKey,
    who: str,
    why: str,
    now_ms: int,
    decision: bytes = b"",
) -> Expulsion:
    """Expel a person, in the caller's transaction; return the signed notice as members will read it. NobodyError where nobody, the
    coordinator or somebody who was expelled before is meant."""
    community = Community(charter_id, key.public_key().public_bytes_raw())
    theirs = chosen(devices(connection), who, community.own)
    person = theirs[0].card.ratification_key
    if (raw := expulsions.of_key(connection, digest(person))) is not None:
        said = wire.read(raw, community.own, community.id)
        raise NobodyError(f"{said.name} was expelled already, by notice {said.number}", "There is nothing left to do")
    newest = expulsions.newest(connection)
    before = wire.read(newest, community.own, community.id) if newest is not None else None
    name = next((one.card.name for one in theirs if not one.left), theirs[0].card.name)
    said = Expulsion(
        before.number + 1 if before else 1,
        tuple(sorted(one.card.agent_key for one in theirs)),
        person,
        name,
        " ".join(why.split()),
        now_ms,
        decision,
        before.sha256 if before else wire.FIRST,
    )
    made = wire.write(said, community.id, key)
    keys = [(digest(key), one.card.agent_key.hex()) for one in theirs for key in keys_of(one.card)]
    expulsions.add(connection, said.number, now_ms, made, keys)
    for one in theirs:
        members.leave(connection, one.card.agent_key, now_ms)
        mail.drop(connection, one.card.agent_key)
        records.hide(connection, one.card.agent_key.hex())
    return wire.read(made, community.own, community.id)


def check_welcome(connection: Connection, card: Member, community: Community) -> None:
    """Raise ForgedError where any key of this card is of somebody who was expelled: no invite lets them in again."""
    for key in keys_of(card):
        if (raw := expulsions.of_key(connection, digest(key))) is not None:
            raise ForgedError(in_words(wire.read(raw, community.own, community.id)), "Ask whoever runs the community")


def told(connection: Connection, community: Community, agent_key: bytes) -> str:
    """Return what the owner of this key is told who was expelled, "" where they were not."""
    raw = expulsions.of_key(connection, digest(agent_key))
    return in_words(wire.read(raw, community.own, community.id)) if raw is not None else ""


def in_words(said: Expulsion) -> str:
    """Return what whoever was expelled is told."""
    return f"you were expelled from this community{f': {said.why}' if said.why else ''}"


def keys_of(card: Member) -> tuple[bytes, ...]:
    """Return every key by which somebody would be known again."""
    return (card.agent_key, card.ratification_key, card.seal_key, card.fleet_key)


def digest(key: bytes) -> str:
    """Return what a key goes by here: some are longer than a column of both databases."""
    return hashlib.sha256(key).hexdigest()
