"""Search: one box for everything this node knows, filters that can be typed or chosen, and a place for each thing found."""

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.errors import NotFoundError
from weal_node.loop import search
from weal_node.loop.search import HITS, WAYS, Hit
from weal_node.search.query import FILTERS, Query, parse, written
from weal_node.store import passages
from weal_node.web.page import desk_of, show
from weal_node.web.rendering import rendered
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
            hits = await desk.search.find(parse(asked))
        except WealError as refused:
            fault = f"{refused.what}. {refused.hint}."
    total, waiting = await search.state(desk.database)
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


async def read(request: Request) -> Response:
    """GET /read/{author}/{note}: another's note as this node holds it."""
    desk = desk_of(request)
    author, note = request.path_params["author"], request.path_params["note"]
    found = await desk.database.read(lambda connection: passages.of_note(connection, author, note))
    if not found or not author:
        raise NotFoundError("there is no such note here", "It may have been taken back")
    return show(
        request,
        "read.html",
        note=found[0].of,
        name=desk.names().get(author, author[:12]),
        rendered=rendered("\n\n".join(passage.text for passage in found)),
    )


def place(hit: Hit) -> str:
    """Return the address at which a hit is read."""
    return at(hit.kind, hit.author, hit.note, hit.path)


def at(kind: str, author: str, note: str, path: str) -> str:
    """Return the address of an item (its path is its id), a note of this person, or another's note."""
    if kind == "item":
        return f"/items/{path}"
    return f"/read/{author}/{note}" if author else f"/notes/{note}"


def as_json(query: Query, hits: tuple[Hit, ...]) -> dict[str, Any]:
    """Return the answer: {"query", "hits": [each with its place and its snippet as text]}."""
    found = [asdict(hit) | {"snippet": "".join(text for text, _ in hit.snippet), "place": place(hit)} for hit in hits]
    return {"query": query.text, "hits": found}
