"""Search: one box for everything this node knows, filters that can be typed or chosen, and a place for each thing found."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.commands.agent import search
from weal_node.search import service
from weal_node.search.addresses import place
from weal_node.search.service import HITS, Hit
from weal_node.text.query import FILTERS, parse, written
from weal_node.web.commands import services
from weal_node.web.page import desk_of, show
from weal_protocol.errors import WealError


async def see(request: Request) -> Response:
    """GET /search: q, and the filters author, tag, is, in, since and until."""
    desk = desk_of(request)
    fields = {name: request.query_params.get(name, "")[:200] for name in ("q", *FILTERS)}
    asked, fault = written(fields), ""
    hits: tuple[Hit, ...] = ()
    if asked:
        try:
            query = parse(asked)
            hits, fault = await desk.search.find(query), f"{query.wordless}." if query.wordless else ""
        except WealError as refused:
            fault = f"{refused.what}. {refused.hint}."
    total, waiting = await service.state(desk.database)
    return show(
        request,
        "search.html",
        asked=asked,
        fault=fault,
        hits=[(hit, place(hit)) for hit in hits],
        authors=sorted(set(desk.names().values())),
        total=total,
        waiting=waiting,
    )


async def answer(request: Request) -> Response:
    """GET /api/search: q, limit (1 to 100), way (both, words or meaning); as the command says it."""
    asked = request.query_params
    text, limit, way = asked.get("q", ""), asked.get("limit", str(HITS)), asked.get("way", "both")
    return JSONResponse(await search(services(request), text, int(limit[:6]) if limit.isdecimal() else 0, way))
