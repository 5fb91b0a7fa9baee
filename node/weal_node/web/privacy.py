"""Privacy: the ledger of everything that left, what it cost, and the switch that stops it."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import disclosed_records
from weal_node.errors import NotFoundError
from weal_node.outbound import providers
from weal_node.store import accounts, disclosures, mail, rounds, tiers
from weal_node.store.accounts import Comparison
from weal_node.web.desk import Desk
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol.errors import WealError

PAGE = 50  # entries a page
SHOWN = 20_000  # bytes of a payload shown


async def see(request: Request) -> Response:
    """GET /privacy: the ledger, latest first; epsilon against its cap; pause."""
    desk = desk_of(request)
    entries = await desk.database.read(disclosures.all_of)
    last = max(1, -(-len(entries) // PAGE))
    asked = request.query_params.get("page", "1")
    page = min(max(1, int(asked) if asked.isdecimal() and len(asked) < 9 else 1), last)
    members = desk.joined.community.members() if desk.joined else []
    return show(
        request,
        "privacy.html",
        rows=entries[::-1][(page - 1) * PAGE : page * PAGE],
        page=page,
        last=last,
        epsilon=sum(entry.epsilon for entry in entries),
        cap=desk.settings.epsilon_cap,
        models=await asyncio.to_thread(_models, desk),
        tier=await desk.database.read(tiers.chosen),
        compared=(found := await compared(desk)),
        later=await counted_since(desk, found),
        refusals=await desk.database.read(mail.refusals),
        names={member.agent_key.hex(): member.name for member in members},
    )


async def compared(desk: Desk) -> Comparison | None:
    """Return how the coordinator's ledger compared with this node's, None before they were compared."""
    joined = desk.joined
    if joined is None:
        return None
    return await desk.database.read(lambda connection: accounts.get(connection, joined.community.id))


async def counted_since(desk: Desk, found: Comparison | None) -> bool:
    """Say whether this node has entered a round since the ledgers were compared."""
    return found is not None and await desk.database.read(rounds.last_ms) > found.at_ms


def _models(desk: Desk) -> int:
    try:
        return len(providers.read(desk.home.models))
    except WealError:
        return 0  # the Models page says what is wrong with the file


async def payload(request: Request) -> Response:
    """GET /privacy/{id}: exactly what left."""
    desk = desk_of(request)
    asked = request.path_params["id"]
    entries = await desk.database.read(disclosures.all_of)
    entry = next((entry for entry in entries if str(entry.id) == asked), None)
    if entry is None:
        raise NotFoundError("the ledger has no such entry", "See Privacy for those that there are")
    sealed = len(entry.payload) == 32 and entry.size != 32
    whole = disclosed_records.record_in(entry)
    shown = whole.body if whole is not None else entry.payload
    return show(
        request,
        "payload.html",
        entry=entry,
        sealed=sealed,
        whole=whole,
        parts=disclosed_records.lines(whole) if whole is not None else (),
        payload=shown.hex() if sealed else readable(shown[:SHOWN]),
        cut=len(shown) > SHOWN,
        length=len(shown),
        shown=SHOWN,
    )


def readable(data: bytes) -> str:
    """Return text as text, anything else as rows of 16 bytes in hex."""
    text = data.decode(errors="replace")
    if sum(letter == "\ufffd" or (ord(letter) < 32 and letter not in "\n\t\r") for letter in text) <= len(text) // 20:
        return text
    return "\n".join(data[at : at + 16].hex(" ") for at in range(0, len(data), 16))


async def pause(request: Request) -> Response:
    """POST /privacy/pause: field on is yes or no. Holds over a restart."""
    desk = desk_of(request)
    wish = (await form(request)).get("on")
    if wish not in ("yes", "no"):
        raise WealError("that is neither yes nor no", "Load the page again")
    await desk.pause(wish == "yes")
    return back_to("/privacy", "paused" if wish == "yes" else "resumed")
