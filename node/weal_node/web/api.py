"""The same as JSON, behind the same login; and what the command line asks of a running node."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.config import Settings
from weal_node.loop import belong, propose, publish, share
from weal_node.loop.agree import DealView
from weal_node.loop.doctor import Check, examine
from weal_node.loop.next_step import ended, next_step, waits_for_person
from weal_node.records import Judgement, Note
from weal_node.store import disclosures, holds, tiers
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_node.web.mirror import rows
from weal_node.web.notes import composed
from weal_node.web.page import desk_of, standing
from weal_node.web.words import object_of
from weal_protocol.errors import WealError


async def session(request: Request) -> Response:
    """GET /api/session: the csrf token that this session's forms carry."""
    return JSONResponse({"csrf": request.scope["state"]["csrf"], "name": desk_of(request).settings.name})


async def items(request: Request) -> Response:
    """GET /api/items: every item with the private judgement and the one that knows no label of this person."""
    mind = await desk_of(request).minded()
    labelled = {item for item, _ in mind.labels_on_items()}
    found = [
        {
            "id": state.id,
            "text": state.text,
            "kind": state.kind,
            "labelled": state.id in labelled,
            "private": asdict(mind.judge(state.id)),
            "global": asdict(mind.judge_global(state.id)),
        }
        for state in mind.states()
    ]
    return JSONResponse({"items": found, "labels": mind.labels, "release": mind.release})


async def today(request: Request) -> Response:
    """GET /api/today."""
    desk = desk_of(request)
    found = await propose.today(desk.database, await desk.minded(), desk.now_ms(), desk.quiet)
    return JSONResponse(today_json(found))


def today_json(found: propose.Today) -> dict[str, Any]:
    """Return Today as JSON: {"cards": [{"id", "text", "reason", ...judgement}], "held_back": n, "silent": why}."""
    cards = [
        {
            "id": card.state.id,
            "text": card.state.text,
            "reason": card.reason,
            "citations": [asdict(one) for one in card.citations],
            **_judged(card.judgement),
        }
        for card in found.cards
    ]
    return {"cards": cards, "held_back": len(found.held_back), "silent": found.silent}


def _judged(judgement: Judgement) -> dict[str, float]:
    return asdict(judgement)


async def mirror(request: Request) -> Response:
    """GET /api/mirror: every concept with mean, sd and 80% interval, in log-odds; title is what a person reads, name what acts on it take."""
    mind = await desk_of(request).minded()
    concepts = [
        {"name": row.name, "title": row.title, "mean": row.mean, "sd": row.sd, "low": row.low, "high": row.high}
        for row in rows(mind)
    ]
    return JSONResponse({"concepts": concepts, "labels": mind.labels, "release": mind.release})


async def notes(request: Request) -> Response:
    """GET /api/notes."""
    desk = desk_of(request)
    found, faults = await publish.written(desk.database, desk.vault)
    due = await publish.waiting(desk.database)
    return JSONResponse(
        {"notes": [asdict(note) | {"leaves_ms": due.get(note.id)} for note in found], "faults": list(faults)}
    )


async def deals(request: Request) -> Response:
    """GET /api/deals: every deal as the page shows it; none before joining."""
    joined = desk_of(request).joined
    return JSONResponse(deals_json(joined is not None, await joined.bargaining.deals() if joined else ()))


def deals_json(joined: bool, found: Sequence[DealView]) -> dict[str, Any]:
    """Return deals as JSON: as the page shows them, with what is to be done next."""
    listed = [
        asdict(one)
        | {"can": sorted(one.can), "standing": standing(one.state), "next": next_step(one)}
        | {"waits_for_you": waits_for_person(one), "ended": ended(one)}
        for one in found
    ]
    return {"joined": joined, "deals": listed}


async def privacy(request: Request) -> Response:
    """GET /api/privacy: the ledger without payloads, epsilon against its cap."""
    desk = desk_of(request)
    entries = await desk.database.read(disclosures.all_of)
    found = [
        {
            "id": e.id,
            "at_ms": e.at_ms,
            "to": e.to,
            "bytes": e.size,
            "what": e.what,
            "epsilon": e.epsilon,
            "bits": e.bits,
        }
        for e in entries
    ]
    spent = sum(entry.epsilon for entry in entries)
    return JSONResponse(
        {"disclosures": found, "epsilon": spent, "cap": desk.settings.epsilon_cap, "paused": desk.paused}
    )


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


async def write_note(request: Request) -> Response:
    """POST /cli/note: title, body, visibility, folder; as in the page's form."""
    desk = desk_of(request)
    fields = {str(name): str(value) for name, value in (await object_of(request)).items()}
    wanted = composed(fields, None, desk.vault.rules)
    return JSONResponse(await saved_json(desk.database, desk.vault, desk.settings, desk.now_ms(), wanted))


async def saved_json(database: Database, vault: Vault, settings: Settings, at_ms: int, wanted: Note) -> dict[str, Any]:
    """Save a note; return {"id", "path", "visibility", "held": what the scan held it back for, "first": whether nothing left yet}."""
    note = await publish.save(database, vault, settings, at_ms, wanted)
    held = (await database.read(holds.every)).get(note.id)
    return {
        "id": note.id,
        "path": note.path,
        "visibility": str(note.visibility),
        "held": held.kinds if held else "",
        "first": await share.first_ever(database),
    }


async def join(request: Request) -> Response:
    """POST /cli/join: invite, tier. What leaves was shown and confirmed by the command."""
    given = await object_of(request)
    name = await desk_of(request).join(str(given.get("invite", "")), str(given.get("tier", "")))
    return JSONResponse({"community": name})


async def choose_tier(request: Request) -> Response:
    """POST /cli/tier: tier, or null to see what holds."""
    desk, given = desk_of(request), (await object_of(request)).get("tier")
    if given is not None:
        await belong.choose(desk.database, str(given), desk.now_ms())
    return JSONResponse({"tier": await desk.database.read(tiers.chosen)})


async def leave(request: Request) -> Response:
    """POST /cli/leave."""
    return JSONResponse({"community": await desk_of(request).leave()})


async def new_link(request: Request) -> Response:
    """POST /cli/login: end_sessions. The answer holds a link that works once; it is never logged."""
    desk = desk_of(request)
    token = desk.login.new_link(end_sessions=(await object_of(request)).get("end_sessions") is True)
    return JSONResponse({"link": f"{request.app.state.guard.home}/login?token={token}"})
