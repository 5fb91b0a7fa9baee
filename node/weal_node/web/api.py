"""The same as JSON, behind the same login; and what the command line asks of a running node."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.commons import consent, idempotency, publishing, review
from weal_node.config import Settings
from weal_node.deals.view import as_json
from weal_node.deals.views import DealView
from weal_node.federation import membership
from weal_node.federation.membership import JoinRequest
from weal_node.records import Note, Prediction
from weal_node.store import disclosures, holds, tiers
from weal_node.store.database import Database
from weal_node.today import today as propose
from weal_node.upkeep.doctor import Check, examine
from weal_node.vault.compose import composed, unsaid
from weal_node.vault.folder import Vault
from weal_node.web.mirror import rows
from weal_node.web.page import desk_of, sent_object
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
    """GET /api/today."""
    desk = desk_of(request)
    found = await propose.today(desk.database, await desk.minded(), desk.now_ms(), desk.quiet)
    return JSONResponse(today_json(found))


def today_json(found: propose.Today) -> dict[str, Any]:
    """Return Today as JSON: {"cards": [{"id", "text", "reason", "model", ...judgement}], "held_back": n, "silent": why}."""
    cards = [
        {
            "id": card.state.id,
            "text": card.state.text,
            "reason": card.reason,
            "model": card.model,
            "citations": [asdict(one) for one in card.citations],
            **_judged(card.judgement),
        }
        for card in found.cards
    ]
    return {"cards": cards, "held_back": len(found.held_back), "silent": found.silent}


def _judged(judgement: Prediction) -> dict[str, float]:
    return asdict(judgement)


async def mirror(request: Request) -> Response:
    """GET /api/mirror: every concept with mean, sd and 80% interval, in log-odds; title is what a person reads, name what acts on it take."""
    mind = await desk_of(request).minded()
    concepts = [
        {"name": row.name, "title": row.title, "mean": row.mean, "sd": row.sd, "low": row.low, "high": row.high}
        for row in rows(mind)
    ]
    return JSONResponse({"concepts": concepts, "labels": mind.answer_count, "release": mind.release})


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
    joined = desk_of(request).joined
    return JSONResponse(deals_json(joined is not None, await joined.bargaining.deals() if joined else ()))


def deals_json(joined: bool, found: Sequence[DealView]) -> dict[str, Any]:
    """Return deals as JSON: as the page shows them, with what is to be done next."""
    return {"joined": joined, "deals": [as_json(deal) for deal in found]}


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
    """POST /cli/note: title, body, visibility, folder; as in the page's form. again: "yes" for the same words a second time."""
    desk = desk_of(request)
    fields = {str(name): str(value) for name, value in (await sent_object(request)).items()}
    wanted = composed(fields, None, desk.vault.rules, unsaid(desk.joined is None))
    place = (desk.database, desk.vault, desk.settings, desk.now_ms())
    return JSONResponse(await saved_json(*place, wanted, again=fields.get("again") == "yes"))


async def saved_json(
    database: Database, vault: Vault, settings: Settings, at_ms: int, wanted: Note, *, again: bool = False
) -> dict[str, Any]:
    """Save a note, unless the same was saved a moment ago; return {"id", "path", "visibility", "held": what the scan held it back for,
    "first": whether nothing left yet, "new": whether it was not there yet}."""
    async with idempotency.making(vault):
        there = None if again else await idempotency.just_written(vault, wanted, at_ms)
        note = there or await publishing.save(database, vault, settings, at_ms, wanted)
    held = (await database.read(holds.every)).get(note.id)
    return {
        "id": note.id,
        "path": note.path,
        "visibility": str(note.visibility),
        "held": held.kinds if held else "",
        "first": await review.first_ever(database),
        "new": there is None,
    }


async def before_joining(request: Request) -> Response:
    """GET /cli/join: what stands on the page of joining of the notes of this home, as `consent.Asked`."""
    desk = desk_of(request)
    return JSONResponse(asdict(await consent.gather(desk.database, desk.vault)))


async def join(request: Request) -> Response:
    """POST /cli/join: invite, tier, share (ids of notes that may leave; without it all stay here). What leaves was shown and confirmed
    by the command."""
    given = await sent_object(request)
    named = given.get("share")
    ticked = frozenset(str(one) for one in named) if isinstance(named, list) else frozenset[str]()
    name = await desk_of(request).join(JoinRequest(str(given.get("invite", "")), str(given.get("tier", "")), ticked))
    return JSONResponse({"community": name})


async def choose_tier(request: Request) -> Response:
    """POST /cli/tier: tier, or null to see what holds."""
    desk, given = desk_of(request), (await sent_object(request)).get("tier")
    if given is not None:
        await membership.choose(desk.database, str(given), desk.now_ms())
    return JSONResponse({"tier": await desk.database.read(tiers.chosen)})


async def leave(request: Request) -> Response:
    """POST /cli/leave."""
    return JSONResponse({"community": await desk_of(request).leave()})


async def new_link(request: Request) -> Response:
    """POST /cli/login: end_sessions, new_address. The answer holds a link that works once; it is never logged."""
    desk, given = desk_of(request), await sent_object(request)
    token = desk.login.new_link(given.get("end_sessions") is True, given.get("new_address") is True)
    return JSONResponse({"link": f"{request.app.state.guard.home}/login?token={token}"})
