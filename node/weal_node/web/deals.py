"""Deals: what two people could do for each other, negotiated by their agents, decided by the people alone."""

import base64
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from weal_node.commons import publishing
from weal_node.deals import wishes
from weal_node.deals.acts import ACTS, Acts
from weal_node.deals.entry import EDIT, MAX_LINES, members
from weal_node.deals.manual_drafts import ManualProposal
from weal_node.deals.person_act import Fields, PersonAct
from weal_node.deals.views import DealView, OptionView
from weal_node.errors import NotFoundError
from weal_node.search.addresses import at
from weal_node.web.page import Handler, back_to, desk_of, forms, show
from weal_protocol.errors import WealError

SAID = {
    "looked": "Looked through notes for deals.",
    "drafted": "This is a draft: nobody else has seen it.",
} | dict(act.done for act in ACTS)


async def _deal(request: Request) -> DealView:
    shown = await desk_of(request).community().bargaining.deal(request.path_params["id"])
    if shown is None:
        raise NotFoundError("there is no such deal", "See Deals for those that there are")
    return shown


async def listing(request: Request) -> Response:
    """GET /deals: what waits for the person, what goes on without them, what is over; their offers and needs; others', where joined."""
    desk = desk_of(request)
    joined = desk.joined
    every = await joined.bargaining.deals() if joined else ()
    notes, _ = await publishing.written(desk.database, desk.vault)
    return show(
        request,
        "deals.html",
        joined=joined is not None,
        waiting=[deal for deal in every if deal.next.on_today],
        going=[deal for deal in every if not deal.next.on_today and not deal.next.ended],
        over=[deal for deal in every if not deal.next.on_today and deal.next.ended],
        invitable=joined.invitable() if joined else [],
        own=[note for note in notes if note.needs or note.offers],
        others=await wishes.of_others(desk.database, joined.own_key) if joined else (),
        who=desk.names(),
        place=lambda swap: at("note", swap.author, swap.note, ""),
    )


async def moved(request: Request) -> Response:
    """Answer an earlier address of a page or form of deals: the same request, sent to where it is now."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(request.url.path.replace("/community/", "/deals/", 1) + query, status_code=308)


async def see(request: Request) -> Response:
    """GET /deals/{id}: options, gains, exact terms, transcript, and what can be done now, each with its approval."""
    shown, approvals = await desk_of(request).community().bargaining.shown(request.path_params["id"])
    gains = [option.gain for option in shown.options] + ([shown.gain] if shown.gain is not None else [])
    return show(
        request,
        "deal.html",
        deal=shown,
        approvals=approvals,
        span=max(map(abs, gains), default=1.0) or 1.0,
        cap=desk_of(request).settings.peer_bits_cap,
        places={option.number: place for place, option in enumerate(_by_gain(shown), start=1)},
        invitable=desk_of(request).community().invitable() if EDIT.name in shown.can and shown.about.free else [],
    )


def _by_gain(shown: DealView) -> list[OptionView]:
    return sorted(shown.options, key=lambda option: -option.gain)


async def find(request: Request) -> Response:
    """POST /deals/find: look through own and mirrored notes for deals."""
    desk = desk_of(request)
    desk.check_not_paused()
    joined = desk.community()
    await joined.community.refresh()  # so that everybody has a name
    await joined.bargaining.find()
    return back_to("/deals", "looked")


def doing(act: PersonAct[Any]) -> Handler:
    """Return the answer to POST /deals/{id}/{act}: what its row in deals/acts.py says, with the fields that it reads."""

    async def answer(request: Request) -> Response:
        desk = desk_of(request)
        desk.check_not_paused()
        shown, fields = await _deal(request), Fields(await forms(request))
        if act.name not in shown.can:
            raise WealError(f"a deal that is {shown.state} cannot be answered like this", "Load the page again")
        approval, given = fields.text("approval"), act.given.read(fields)
        leads_to = await desk.community().bargaining.act(act, shown.id, approval, given)
        return back_to(f"/deals/{leads_to}", act.done[0])

    return answer


def routes(acts: Acts) -> tuple[tuple[str, str, Handler], ...]:
    """Return the rows of the table of addresses for these acts."""
    return tuple(("POST", f"/deals/{{id}}/{act.name}", doing(act)) for act in acts)


async def evidence(request: Request) -> Response:
    """GET /deals/{id}/letters: every letter as it was signed, for whoever has to judge a dispute."""
    shown = await _deal(request)
    signed, equivocators = await desk_of(request).community().bargaining.evidence(shown.id)
    letters = {
        "deal": shown.id,
        "agreement_sha256": shown.ratification.agreement_sha256,
        "signed_envelopes": [base64.b64encode(letter).decode() for letter in signed],
        "signed_two_letters_for_one_place": list(map(bytes.hex, equivocators)),
    }
    name = f'attachment; filename="deal-{shown.id}.json"'
    return JSONResponse(letters, headers={"Content-Disposition": name})


async def ledger(request: Request) -> Response:
    """GET /deals/receipts: deals that held, and what became of them."""
    joined, names = desk_of(request).joined, dict[bytes, str]()
    if joined is None:
        return show(request, "receipts.html", receipts=(), names=names)
    receipts = await joined.bargaining.receipts()
    for receipt in receipts:
        names |= {key: joined.community.name_of(key) for key in receipt.others}
    return show(request, "receipts.html", receipts=receipts, names=names)


async def propose(request: Request) -> Response:
    """POST /deals/propose: member (hex agent key, for each), and either gives and gets, or lines: a draft that the
    person thought of themselves."""
    desk = desk_of(request)
    desk.check_not_paused()
    fields = Fields(await forms(request))
    proposal = ManualProposal(
        others=members(fields.every("member")),
        gives=fields.text("gives", MAX_LINES),
        gets=fields.text("gets", MAX_LINES),
        lines=fields.text("lines", MAX_LINES),
    )
    return back_to(f"/deals/{await desk.community().bargaining.propose(proposal)}", "drafted")
