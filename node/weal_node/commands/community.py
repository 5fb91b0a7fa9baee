"""Commands about the community: join it, choose what is given to it, leave it; what it learnt together."""

from dataclasses import asdict
from typing import Any

from weal_node.commands.home import Command, HomeServices
from weal_node.commons import consent
from weal_node.deals.view import as_json
from weal_node.errors import RefusedError
from weal_node.federation import charter, membership, releases
from weal_node.federation.membership import JoinRequest
from weal_node.outbound.membership import Membership, joined
from weal_protocol.errors import MalformedError

LAST = 10**9 - 1  # number that a release can have


async def preview(home: HomeServices) -> dict[str, Any]:
    """Return what stands on the page of joining of the notes of this home, as `consent.ConsentQuestion`."""
    return asdict(await consent.gather(home.database, home.vault))


async def join(home: HomeServices, invite: str, tier: str, share: list[str]) -> dict[str, Any]:
    """Join a community; what leaves was shown and confirmed. share: ids of notes written before that may leave; every other one stays here."""
    return {"community": await home.join(JoinRequest(invite, tier, frozenset(share)))}


async def tier(home: HomeServices, tier: str | None = None) -> dict[str, Any]:
    """Choose what is given to aggregation, where anything is named; return what holds."""
    if tier is not None:
        await membership.choose(home.database, tier, home.now_ms())
    return {"tier": await membership.chosen_tier(home.database)}


async def leave(home: HomeServices) -> dict[str, Any]:
    """Leave the community; return its name."""
    return {"community": await home.leave()}


async def release_history(home: HomeServices) -> dict[str, Any]:
    """Return what became of each release: {"using": number, "head": {"number", "sha256"} or null, "forks": [why, ...],
    "history": [{"number", "act", "why", "at_ms"}, ...]}, oldest first."""
    return (await releases.look(home.database)).as_json()


async def rollback(home: HomeServices, number: int | None = None) -> dict[str, Any]:
    """Use this release, or without a number the one used before; return what is in use."""
    if number is not None and not 0 <= number <= LAST:
        raise MalformedError("that is no number of a release", "See `weal releases`")
    mind = await home.learning_mind()
    return {"using": await releases.go_back(mind, home.database, home.now_ms, number)}


async def charter_view(home: HomeServices) -> dict[str, Any]:
    """Return the community's name and id, and how its charter stands, as `charter.CharterView`. RefusedError before joining."""
    found = _membership(home)
    view = await charter.look(home.database, found, home.settings())
    return {"name": found.name, "id": found.id} | view.as_json()


async def agree_charter(home: HomeServices, number: int) -> dict[str, Any]:
    """Agree to what rounds cost by the charter of this number, which was shown; return how it stands then."""
    await charter.agree(home.database, _membership(home), number, home.now_ms())
    return await charter_view(home)


def _membership(home: HomeServices) -> Membership:
    if (found := joined(home.place.community)) is None:
        raise RefusedError("this node has not joined a community", "Ask for an invite, then: weal join INVITE")
    return found


async def deals(home: HomeServices) -> dict[str, Any]:
    """Return every deal as its page shows it; none before joining."""
    found = await home.deals()
    return {"joined": found is not None, "deals": [as_json(deal) for deal in found or ()]}


COMMANDS: dict[str, Command] = {
    "join-preview": preview,
    "join": join,
    "tier": tier,
    "leave": leave,
    "releases": release_history,
    "rollback": rollback,
    "charter": charter_view,
    "agree-charter": agree_charter,
    "deals": deals,
}
