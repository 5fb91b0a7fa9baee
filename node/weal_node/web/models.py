"""Language models: which may be asked, what each may read, what they cost, and asking them for drafts. All of it is optional."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.errors import RefusedError
from weal_node.outbound import providers
from weal_node.outbound.providers import Provider
from weal_node.today import drafting
from weal_node.today.drafting import Drafted
from weal_node.web.desk import Desk
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol.errors import WealError


async def see(request: Request) -> Response:
    """GET /models: the list, the cap, a form for another."""
    desk = desk_of(request)
    fault, found = "", tuple[Provider, ...]()
    try:
        found = await asyncio.to_thread(providers.read, desk.home.models)
    except WealError as refused:
        fault = f"{refused.what}. {refused.hint}."
    reads = [(one, sorted(one.may_read(desk.settings.model_private))) for one in found]
    return show(
        request,
        "models.html",
        rows=reads,
        fault=fault,
        spent=await desk.models.spent(),
        cap=desk.settings.model_cost_cap,
        private_to=desk.settings.model_private,
        file=str(desk.home.models),
    )


async def add(request: Request) -> Response:
    """POST /models: fields name, url, model, tier, key, price_in, price_out."""
    desk, fields = desk_of(request), await form(request)
    prices = [_price(fields.get(name, "")) for name in ("price_in", "price_out")]
    name, url, model, tier, key = (fields.get(one, "").strip() for one in ("name", "url", "model", "tier", "key"))
    new = providers.checked(Provider(name, url, model, tier, key, *prices))
    before = await asyncio.to_thread(providers.read, desk.home.models)
    if any(one.name == new.name for one in before) or len(before) >= providers.MOST:
        raise RefusedError(
            "there is a model of that name already, or too many", "Choose another name, or take one away"
        )
    await asyncio.to_thread(providers.write, desk.home.models, (*before, new))
    return back_to("/models", "saved")


async def remove(request: Request) -> Response:
    """POST /models/remove: field name."""
    desk, name = desk_of(request), (await form(request)).get("name", "")
    before = await asyncio.to_thread(providers.read, desk.home.models)
    await asyncio.to_thread(providers.write, desk.home.models, tuple(one for one in before if one.name != name))
    return back_to("/models", "saved")


async def draft(request: Request) -> Response:
    """POST /models/draft: ask for drafts; what is kept waits for Today."""
    made = await drafted(desk_of(request))
    return back_to("/models", "written" if made.kept else "nothing-drafted")


async def draft_json(request: Request) -> Response:
    """POST /cli/draft: the same for the command line."""
    made = await drafted(desk_of(request))
    return JSONResponse(
        {
            "kept": made.kept,
            "written": made.written,
            "refused": made.refused,
            "cost": made.cost,
            "faults": list(made.faults),
        }
    )


async def drafted(desk: Desk) -> Drafted:
    """Ask the person's models once."""
    desk.check_not_paused()
    mind = await desk.minded()
    found = await asyncio.to_thread(providers.read, desk.home.models)
    settings = desk.settings
    wish = drafting.Wish(found, settings.model_private, settings.model_drafts)
    return await drafting.draft(desk.database, mind, desk.models, wish, desk.now_ms)


def _price(text: str) -> float:
    try:
        return float(text.replace(",", ".") or 0)
    except ValueError:
        raise WealError(f"{text[:20]!r} is no price", "Write a number, per million tokens") from None
