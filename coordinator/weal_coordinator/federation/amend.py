"""Amend the charter: charter.toml as it stands becomes the next of the chain, signed, in one transaction, while nothing runs by the one before.

The operator's act today. Once the community decides by ballots, what carries a decision out calls `amend` with the text that was decided.
"""

from dataclasses import dataclass

from weal_coordinator import charters, config, keys
from weal_coordinator.community import charter
from weal_coordinator.community.charter import Charter
from weal_coordinator.config import Home
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.federation.supervisor import in_progress
from weal_coordinator.store import charters as kept
from weal_coordinator.store.database import Database
from weal_protocol import charters as wire
from weal_protocol.charters import Entry
from weal_protocol.terms import Terms


@dataclass(frozen=True, slots=True)
class Amendment:
    """A charter that may follow the one in force. text: whole.  difference: lines of a unified diff.  asks: whether rounds would cost members
    something else, so that their nodes wait for their word."""

    text: str
    difference: tuple[str, ...]
    asks: bool


def proposed(place: Home) -> Amendment:
    """Return what charter.toml would change. CoordinatorError where nothing would, or it cannot be the next charter. Writes nothing."""
    text, now = charters.text(place), _in_force(place)
    if text == now.text:
        raise CoordinatorError(
            f"{place.charter} is the charter in force: there is nothing to amend", "Edit it first, then run this again"
        )
    check(now, text)
    asks = Terms.of_charter(text) != Terms.of_charter(now.text)
    return Amendment(text, wire.difference(now.text, text), asks)


def check(now: Charter, text: str) -> None:
    """Raise WealError, naming the rule, where this text cannot follow the charter in force."""
    after = charter.read(text)
    Terms.of_charter(text)  # what invites say
    if (
        after.name != now.name
    ):  # invites, members' nodes and the coordinator's card carry it: it would be two communities in people's eyes
        raise CoordinatorError(
            f"an amendment keeps the community's name, {now.name!r}", "Put the name back; a new name is a new community"
        )


def amend(place: Home, text: str, now_ms: int) -> Entry:
    """Sign this text as the next charter and keep it; return it as it was read back. The caller holds the home's lock.

    CoordinatorError while a round is in progress, or where the text cannot follow."""
    if in_progress(place):
        raise CoordinatorError("a round is in progress, by the charter in force", "Wait until it ends, then amend")
    database = Database(config.database_url(place, config.read(place)))
    try:
        with database.write() as connection:
            chain = charters.chain_of(connection, place)
            if chain is None:
                raise _never_started()
            check(charter.of_chain(chain), text)
            raw = wire.write(chain, text, max(now_ms, chain.last.at_ms), keys.load(place).agent)
            kept.put(connection, chain.last.number + 1, now_ms, raw)
        with database.read() as connection:
            after = charters.chain_of(connection, place)
    finally:
        database.close()
    if after is None or after.current != text or after.last.number != chain.last.number + 1:
        raise CoordinatorError("the amended charter is not what was written", "See `weal-coordinator charter`")
    return after.last


def _in_force(place: Home) -> Charter:
    database = Database(config.database_url(place, config.read(place)))
    try:
        with database.read() as connection:
            chain = charters.chain_of(connection, place)
    finally:
        database.close()
    if chain is None:
        raise _never_started()
    return charter.of_chain(chain)


def _never_started() -> CoordinatorError:
    return CoordinatorError(
        "this community has not been started since its charter can be amended",
        "Start it once with the charter that members have: weal-coordinator up",
    )
