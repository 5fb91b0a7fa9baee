"""Language models: which may be asked, what each may read, what they cost, and asking them for drafts. All of it is optional."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commands.agent import drafted
from weal_node.errors import RefusedError
from weal_node.outbound import providers
from weal_node.outbound.providers import Provider
from weal_node.web.commands import services
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
    reads = [(provider, sorted(provider.may_read(desk.settings.model_private))) for provider in found]
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
    name, url, model, tier, key = (fields.get(field, "").strip() for field in ("name", "url", "model", "tier", "key"))
    new = providers.checked(Provider(name, url, model, tier, key, *prices))
    before = await asyncio.to_thread(providers.read, desk.home.models)
    if any(provider.name == new.name for provider in before) or len(before) >= providers.MOST:
        raise RefusedError(
            "there is a model of that name already, or too many", "Choose another name, or take one away"
        )
    await asyncio.to_thread(providers.write, desk.home.models, (*before, new))
    return back_to("/models", "saved")


async def remove(request: Request) -> Response:
    """POST /models/remove: field name."""
    desk, name = desk_of(request), (await form(request)).get("name", "")
    before = await asyncio.to_thread(providers.read, desk.home.models)
    await asyncio.to_thread(
        providers.write, desk.home.models, tuple(provider for provider in before if provider.name != name)
    )
    return back_to("/models", "saved")


async def draft(request: Request) -> Response:
    """POST /models/draft: ask for drafts; what is kept waits for Today."""
    made = await drafted(services(request))
    return back_to("/models", "written" if made.kept else "nothing-drafted")


def _price(text: str) -> float:
    try:
        return float(text.replace(",", ".") or 0)
    except ValueError:
        raise WealError(f"{text[:20]!r} is no price", "Write a number, per million tokens") from None
