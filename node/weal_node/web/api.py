"""The same as JSON, behind the same login."""

import asyncio
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.commands import agent, community
from weal_node.commons import publishing
from weal_node.records import Disclosure
from weal_node.upkeep import privacy_ledger
from weal_node.upkeep.doctor import Check, examine
from weal_node.web.commands import services
from weal_node.web.mirror import rows
from weal_node.web.page import desk_of
from weal_protocol.errors import WealError


async def session(request: Request) -> Response:
    """GET /api/session: the csrf token that this session's forms carry."""
    return JSONResponse({"csrf": request.scope["state"]["csrf"], "name": desk_of(request).settings.name})


async def items(request: Request) -> Response:
    """GET /api/items: every item with the private judgement and the one that knows no label of this person."""
    mind = await desk_of(request).minded()
    answered = {item for item, _ in mind.answers_on_items()}
    found = [
        {
            "id": state.id,
            "text": state.text,
            "kind": state.kind,
            "labelled": state.id in answered,
            "private": asdict(mind.predict(state.id)),
            "global": asdict(mind.predict_global(state.id)),
        }
        for state in mind.items()
    ]
    return JSONResponse({"items": found, "labels": mind.answer_count, "release": mind.release})


async def today(request: Request) -> Response:
    """GET /api/today: as the command says it."""
    return JSONResponse(await agent.today(services(request)))


async def mirror(request: Request) -> Response:
    """GET /api/mirror: the sentences, as the command says them, and every concept with mean, sd and 80% interval, in log-odds; title is what a
    person reads, name what acts on it take."""
    mind = await desk_of(request).minded()
    concepts = [
        {"name": row.name, "title": row.title, "mean": row.mean, "sd": row.sd, "low": row.low, "high": row.high}
        for row in rows(mind)
    ]
    said = await agent.mirror_json(mind)
    return JSONResponse(said | {"concepts": concepts, "labels": mind.answer_count})


async def notes(request: Request) -> Response:
    """GET /api/notes."""
    desk = desk_of(request)
    found, faults = await publishing.written(desk.database, desk.vault)
    due = await publishing.waiting(desk.database)
    return JSONResponse(
        {"notes": [asdict(note) | {"leaves_ms": due.get(note.id)} for note in found], "faults": list(faults)}
    )


async def deals(request: Request) -> Response:
    """GET /api/deals: every deal as the page shows it; none before joining."""
    return JSONResponse(await community.deals(services(request)))


async def privacy(request: Request) -> Response:
    """GET /api/privacy: the ledger without payloads, epsilon against its cap."""
    desk = desk_of(request)
    ledger = await privacy_ledger.read(desk.database)
    left = [_left(disclosure) for disclosure in ledger.disclosures]
    cap = desk.settings.epsilon_cap
    return JSONResponse({"disclosures": left, "epsilon": ledger.epsilon, "cap": cap, "paused": desk.paused})


def _left(disclosure: Disclosure) -> dict[str, Any]:
    """Return what one entry says, without what left."""
    return {
        "id": disclosure.id,
        "at_ms": disclosure.at_ms,
        "to": disclosure.to,
        "bytes": disclosure.size,
        "what": disclosure.what,
        "epsilon": disclosure.epsilon,
        "bits": disclosure.bits,
    }


async def doctor(request: Request) -> Response:
    """GET /api/doctor: the report of `weal doctor` with what only the running node can see."""
    desk = desk_of(request)
    further = [await _community(request)] if desk.joined and not desk.paused else []
    report = await asyncio.to_thread(examine, desk.home, desk.settings, desk.watch.standing(), further)
    return JSONResponse(report)


async def _community(request: Request) -> Check:
    joined = desk_of(request).community()
    try:
        count = len(joined.community.members())
        await asyncio.wait_for(joined.community.release(), 5.0)
    except (WealError, TimeoutError) as fault:
        return Check("community", False, f"{joined.name} cannot be reached: {fault}")
    return Check("community", True, f"{joined.name}, {count} members")
