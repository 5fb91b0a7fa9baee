"""What a coordinator serves over HTTP: the public page of its rounds, and for whoever watches it health and metrics.

`/` is for everyone. `/metrics` also says how many were drawn and used, which the privacy accounting takes for secret: a
proxy that shows the page to the world passes `/`, `/static/` and, for public notes as git bundles, `/bundles` on, and nothing else.
"""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from weal_coordinator import bundles, setup
from weal_coordinator.community.charter import Charter
from weal_coordinator.config import Home
from weal_coordinator.errors import DatabaseError
from weal_coordinator.store import history as rounds
from weal_coordinator.store import members, releases, standing
from weal_coordinator.store.database import Database
from weal_coordinator.web import history
from weal_protocol import release_log

PAGE = 50  # rounds
ANSWER_S = 5.0  # within which a database that is ready answers
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def page(
    database: Database,
    charter: Charter,
    superlink_ready: Callable[[], bool],
    clock: Callable[[], int] = setup.now_ms,
    place: Home | None = None,
    left: Callable[[], int | None] = lambda: None,
) -> Starlette:
    """Return the ASGI app: /, /static/, /healthz, /readyz, /metrics; with a place also /bundles. clock: Unix time in milliseconds.
    left: how many more rounds fit under the cap, None where that was not worked out; it may read the database."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def ready(_request: Request) -> Response:
        parts = {"database": await _answers(database), "superlink": superlink_ready()}
        good = all(parts.values())
        return JSONResponse({"ok": good, **parts}, 200 if good else 503)

    async def home(request: Request) -> Response:
        before = request.query_params.get("before", "")
        limit = int(before) if re.fullmatch(r"[0-9]{1,9}", before) else rounds.NEWEST
        try:
            return HTMLResponse(await asyncio.to_thread(_home, database, charter, limit, left), headers=HEADERS)
        except DatabaseError:
            return HTMLResponse(history.away(charter), 503, headers=HEADERS)

    async def metrics(_request: Request) -> Response:
        from weal_coordinator.web import metrics  # imports prometheus_client: only where someone scrapes

        try:
            now = await asyncio.to_thread(_look, database)
        except DatabaseError:
            now = None
        told = await asyncio.to_thread(metrics.text, now, charter.aggregation, superlink_ready(), clock())
        return Response(told, headers={"Content-Type": metrics.CONTENT_TYPE})

    async def every_bundle(_request: Request) -> Response:
        found = await asyncio.to_thread(bundles.listed, place) if place is not None else []
        rows = [{"name": one.name, "bytes": one.stat().st_size, "notes": bundles.notes(one)} for one in found]
        return JSONResponse({"bundles": rows})

    async def one_bundle(request: Request) -> Response:
        name = request.path_params["name"]
        target = place.bundles / name if place is not None and bundles.NAME.fullmatch(name) else None
        if target is None or not target.is_file():
            return JSONResponse({"error": "there is no such bundle"}, 404)
        return FileResponse(target, media_type="application/octet-stream", headers=HEADERS)

    static = StaticFiles(directory=Path(__file__).parent / "static")
    return Starlette(
        routes=[
            Route("/", home),
            Mount("/static", static),
            Route("/healthz", health),
            Route("/readyz", ready),
            Route("/metrics", metrics),
            Route("/bundles", every_bundle),
            Route("/bundles/{name}", one_bundle),
        ]
    )


async def _answers(database: Database) -> bool:
    try:
        await asyncio.wait_for(asyncio.to_thread(_ask, database), ANSWER_S)
    except (DatabaseError, TimeoutError):
        return False
    return True


def _ask(database: Database) -> None:
    with database.read() as connection:
        members.count(connection)


def _look(database: Database) -> standing.Tally:
    with database.read() as connection:
        return standing.look(connection)


def _home(database: Database, charter: Charter, before: int, left: Callable[[], int | None]) -> str:
    with database.read() as connection:
        registered, spent = members.count(connection), rounds.epsilon(connection)
        entries, manifest = rounds.newest(connection, PAGE + 1, before), releases.latest_manifest(connection)
    head, older = release_log.entry(manifest) if manifest else None, len(entries) > PAGE
    return history.render(charter, registered, spent, entries[:PAGE], head, older=older, left=left())
