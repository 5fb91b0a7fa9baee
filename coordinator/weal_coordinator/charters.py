"""The charter in force: the chain in the database is what members have; charter.toml is where the next one is written.

While nobody has joined, charter.toml is still the first charter, and `up` takes it as it stands. From the first member on it changes only by
`weal-coordinator charter amend`, and nothing that members would be bound by begins while the file says something else.
"""

from dataclasses import replace

from sqlalchemy import Connection

from weal_coordinator import config, keys
from weal_coordinator.community import charter
from weal_coordinator.community.charter import Charter
from weal_coordinator.config import Home
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.store import charters as kept
from weal_coordinator.store import expulsions, members, releases
from weal_coordinator.store.database import Database
from weal_protocol import charters
from weal_protocol.charters import Chain
from weal_protocol.v1 import directory_pb2, release_pb2


def settled(place: Home, database: Database, now_ms: int) -> Charter:
    """Return the charter in force as a community starts. The first is written down where it never was, or nobody has joined yet.
    CoordinatorError where charter.toml is not the charter in force."""
    written = text(place)
    with database.write() as connection:
        chain = chain_of(connection, place)
        if chain is None or (written != chain.current and _open(connection, place, chain)):
            charter.read(written)
            begun = charters.begin(written)
            _check_named(connection, begun)
            founder = members.get(connection, keys.load(place).agent_public)
            at_ms = founder.joined_ms if founder and chain is None else now_ms
            kept.put(connection, 0, at_ms, written.encode())
            chain = begun
    return _unedited(place, charter.of_chain(chain), written)


def in_force(place: Home, database: Database) -> Charter:
    """Return the charter in force; CoordinatorError where charter.toml says something else. Writes nothing."""
    written = text(place)
    with database.read() as connection:
        chain = chain_of(connection, place)
    return _unedited(place, charter.of_chain(chain) if chain else charter.read(written), written)


def look(place: Home, database: Database) -> tuple[Charter, str]:
    """Return the charter in force, or that will be at the next start, and what is wrong with charter.toml as it stands, "" for nothing."""
    written, running = text(place), config.runs(place)
    with database.read() as connection:
        chain = chain_of(connection, place)
        if chain is None or (_open(connection, place, chain) and not running):
            return charter.read(written), ""
    rules = charter.of_chain(chain)
    try:
        _unedited(place, rules, written)
    except CoordinatorError as fault:
        return rules, str(fault)
    return rules, ""


def chain_of(connection: Connection, place: Home) -> Chain | None:
    """Return the chain, verified as members verify it; None in a home of before that was not started since."""
    rows = kept.every(connection)
    if not rows:
        return None
    (at_ms, first), *later = rows
    coordinator = keys.load(place).agent_public
    begun = charters.begin(first.decode())
    chain = charters.verify(first.decode(), (raw for _, raw in later), coordinator, begun.community)
    return Chain((replace(chain.entries[0], at_ms=at_ms), *chain.entries[1:]))


def text(place: Home) -> str:
    """Return charter.toml; CoordinatorError where it cannot be read."""
    try:
        return place.charter.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise CoordinatorError(
            f"{place.charter} cannot be read", "Write it anew from `weal-coordinator charter --text`"
        ) from fault


def _unedited(place: Home, rules: Charter, written: str) -> Charter:
    if written != rules.text:
        raise CoordinatorError(
            f"{place.charter} was edited, and is not the charter that members have",
            "See what changed: `weal-coordinator charter`. Make it the next charter: stop `up`, then `weal-coordinator charter amend` "
            "(while nobody has joined, a restart of `up` is enough). Undo it: `weal-coordinator charter --text` prints the charter in force",
        )
    return rules


def _open(connection: Connection, place: Home, chain: Chain) -> bool:
    """Whether the first charter may still be written anew: nobody but the coordinator has ever got it."""
    return len(chain.entries) == 1 and not members.others(connection, keys.load(place).agent_public)


def _check_named(connection: Connection, chain: Chain) -> None:
    """Raise CoordinatorError where what was signed before there was a chain names another community than this charter does."""
    newest, notice = releases.latest(connection), expulsions.newest(connection)
    named = {
        release_pb2.Manifest.FromString(newest.manifest).community if newest else b"",
        directory_pb2.Expulsion.FromString(directory_pb2.SignedExpulsion.FromString(notice).expulsion).community
        if notice
        else b"",
    }
    if named - {b"", chain.community}:
        raise CoordinatorError(
            "charter.toml is not the charter that this community was founded with, by what it has signed since",
            "Put the old text back, start once, and then amend it: `weal-coordinator charter amend`",
        )
