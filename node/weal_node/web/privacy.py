"""Privacy: the ledger of everything that left, what it cost, and the switch that stops it."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import disclosed_records
from weal_node.federation import reconciliation
from weal_node.federation.reconciliation import Comparison
from weal_node.outbound import providers
from weal_node.upkeep import privacy_ledger
from weal_node.web.desk import Desk
from weal_node.web.page import back_to, desk_of, form, paged, show
from weal_protocol.errors import WealError

PAGE = 50  # entries a page
SHOWN = 20_000  # bytes of a payload shown
SAID = {
    "paused": "Paused. Nothing leaves this node.",
    "resumed": "Resumed.",
}


async def see(request: Request) -> Response:
    """GET /privacy: the ledger, latest first; epsilon against its cap; pause."""
    desk = desk_of(request)
    ledger, compared_last = await privacy_ledger.read(desk.database), await compared(desk)
    page, last = paged(request, len(ledger.disclosures), PAGE)
    return show(
        request,
        "privacy.html",
        rows=ledger.disclosures[::-1][(page - 1) * PAGE : page * PAGE],
        page=page,
        last=last,
        epsilon=ledger.epsilon,
        cap=desk.settings.epsilon_cap,
        models=await asyncio.to_thread(_models, desk),
        tier=ledger.tier,
        compared=compared_last,
        later=await counted_since(desk, compared_last),
        refusals=ledger.refusals,
        names=desk.names(),
    )


async def compared(desk: Desk) -> Comparison | None:
    """Return how the coordinator's ledger compared with this node's, None before they were compared."""
    joined = desk.joined
    return None if joined is None else await reconciliation.newest(desk.database, joined.community.id)


async def counted_since(desk: Desk, comparison: Comparison | None) -> bool:
    """Say whether this node has entered a round since the ledgers were compared."""
    return comparison is not None and await reconciliation.overtaken(desk.database, comparison)


def _models(desk: Desk) -> int:
    try:
        return len(providers.read(desk.home.models))
    except WealError:
        return 0  # the Models page says what is wrong with the file


async def payload(request: Request) -> Response:
    """GET /privacy/{id}: exactly what left."""
    desk = desk_of(request)
    entry = await privacy_ledger.disclosure(desk.database, request.path_params["id"])
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
    strange = sum(letter == "\ufffd" or (ord(letter) < 32 and letter not in "\n\t\r") for letter in text)
    if strange <= len(text) // 20:
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
