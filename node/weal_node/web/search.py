"""Search: one box for everything this node knows, filters that can be typed or chosen, and a place for each thing found."""

from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.search import service
from weal_node.search.service import HITS, WAYS, Hit
from weal_node.text.query import FILTERS, Query, parse, written
from weal_node.web.page import desk_of, show
from weal_protocol.errors import WealError

MOST = 100  # hits of one answer


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
    """GET /api/search: q, limit (1 to 100), way (both, words or meaning)."""
    desk = desk_of(request)
    limit, way = request.query_params.get("limit", str(HITS)), request.query_params.get("way", "both")
    if way not in WAYS or not limit.isdecimal() or not 0 < int(limit[:6]) <= MOST:
        raise WealError(f"way is {', '.join(WAYS)}; limit is 1 to {MOST}", "Ask again")
    query = parse(request.query_params.get("q", ""))
    return JSONResponse(as_json(query, await desk.search.find(query, int(limit), way)))


def place(hit: Hit) -> str:
    """Return the address at which a hit is read, at the passage that was found: as a text fragment (WICG, "URL Fragment Text
    Directives"), which a browser that knows none of it takes for the page's beginning."""
    address = at(hit.kind, hit.author, hit.note, hit.path)
    if hit.kind == "item" or not hit.near:
        return address
    return f"{address}#:~:text={quote(hit.near, safe='').replace('-', '%2D')}"


def at(kind: str, author: str, note: str, path: str) -> str:
    """Return the address of an item (its path is its id), a note of this person, or another's note."""
    if kind == "item":
        return f"/items/{path}"
    return f"/people/{author}/notes/{note}" if author else f"/notes/{note}"


def as_json(query: Query, hits: tuple[Hit, ...]) -> dict[str, Any]:
    """Return the answer: {"query", "hits": [each with its place and its snippet as text]}."""
    listed = []
    for hit in hits:
        snippet = "".join(text for text, _ in hit.snippet)
        listed.append(asdict(hit) | {"snippet": snippet, "place": place(hit)})
    return {"query": query.text, "hits": listed} | ({"said": query.wordless} if query.wordless else {})
