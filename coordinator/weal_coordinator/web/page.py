"""The public page: what this community is, its rounds so far, and whether it is well. No member is named."""

import asyncio
import html
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from weal_coordinator.community.charter import Charter
from weal_coordinator.store import members, rounds
from weal_coordinator.store.database import Database

HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff"}


def page(database: Database, charter: Charter, superlink_ready: Callable[[], bool]) -> Starlette:
    """Return the ASGI app: /, /healthz, /readyz."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def ready(_request: Request) -> Response:
        good = superlink_ready()
        return JSONResponse({"ok": good, "superlink": good}, 200 if good else 503)

    async def home(_request: Request) -> Response:
        return HTMLResponse(await asyncio.to_thread(_render, database, charter), headers=HEADERS)

    return Starlette(routes=[Route("/", home), Route("/healthz", health), Route("/readyz", ready)])


def _render(database: Database, charter: Charter) -> str:
    with database.read() as connection:
        number, past = members.count(connection), rounds.every(connection)
    rows = "".join(
        f"<tr><td>{one.number}</td><td>{one.state}</td><td>{one.epsilon:.2f}</td><td>{one.release or 'none'}</td></tr>"
        for one in past
    )
    name, rules = html.escape(charter.name), charter.aggregation
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title><h1>{name}</h1>"
        f"<p>{number} members, the coordinator among them. At most epsilon {rules.epsilon_cap:g} is spent for anyone "
        f"(delta {rules.delta:g}, user level), and nothing is released below {rules.population_floor} people.</p>"
        "<table><tr><th>Round</th><th>State</th><th>Epsilon so far</th><th>Release</th></tr>" + rows + "</table></html>"
    )
