"""Deals: what two people could do for each other, negotiated by their agents, decided by the people alone."""

import base64

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.deals.deals import DealView, OptionView
from weal_node.deals.obligations import DISPUTED_MS, QUIET_MS
from weal_node.errors import NotFoundError
from weal_node.web.page import back_to, desk_of, form, forms, show
from weal_protocol.deal import MAX_PARTIES
from weal_protocol.errors import WealError

MAX_REASON = 200  # characters
MAX_SPACE = 8_000  # characters
DAY_MS = 24 * 3_600 * 1_000


async def _deal(request: Request) -> DealView:
    view = await desk_of(request).community().bargaining.deal(request.path_params["id"])
    if view is None:
        raise NotFoundError("there is no such deal", "See Community for those that there are")
    return view


def _lawful(view: DealView, act: str) -> None:
    if act not in view.can:
        raise WealError(f"a deal that is {view.state} cannot be answered like this", "Load the page again")


async def see(request: Request) -> Response:
    """GET /deals/{id}: options, gains, exact terms, transcript, and what can be done now, each with its approval."""
    view, approvals = await desk_of(request).community().bargaining.shown(request.path_params["id"])
    gains = [option.gain for option in view.options] + ([view.gain] if view.gain is not None else [])
    return show(
        request,
        "deal.html",
        deal=view,
        approvals=approvals,
        span=max((abs(gain) for gain in gains), default=1.0) or 1.0,
        cap=desk_of(request).settings.peer_bits_cap,
        days=(QUIET_MS // DAY_MS, DISPUTED_MS // DAY_MS),
        places={option.number: place for place, option in enumerate(_by_gain(view), start=1)},
        invitable=desk_of(request).community().invitable() if "edit" in view.can and view.free else [],
    )


def _by_gain(view: DealView) -> list[OptionView]:
    return sorted(view.options, key=lambda option: -option.gain)


async def find(request: Request) -> Response:
    """POST /community/find: look through own and mirrored notes for deals."""
    desk = desk_of(request)
    desk.check_not_paused()
    joined = desk.community()
    await joined.community.refresh()  # so that everybody has a name
    await joined.bargaining.find()
    return back_to("/community", "looked")


async def enter(request: Request) -> Response:
    """POST /deals/{id}/enter: the person lets the agent negotiate; field manner: careful or open, where they choose."""
    return await _act(request, "enter", "entered")


async def ratify(request: Request) -> Response:
    """POST /deals/{id}/ratify: the person's own signature under the exact terms."""
    return await _act(request, "ratify", "ratified")


async def decline(request: Request) -> Response:
    """POST /deals/{id}/decline."""
    return await _act(request, "decline", "declined")


async def cancel(request: Request) -> Response:
    """POST /deals/{id}/cancel."""
    return await _act(request, "cancel", "cancelled")


async def fulfil(request: Request) -> Response:
    """POST /deals/{id}/fulfil: a receipt, signed by the person's own key."""
    return await _act(request, "fulfil", "fulfilled")


async def keep(request: Request) -> Response:
    """POST /deals/{id}/keep: the person did their own part; a note of their own."""
    return await _act(request, "keep", "kept")


async def dispute(request: Request) -> Response:
    """POST /deals/{id}/dispute: field reason; signed too."""
    return await _act(request, "dispute", "disputed")


async def evidence(request: Request) -> Response:
    """GET /deals/{id}/letters: every letter as it was signed, for whoever has to judge a dispute."""
    view = await _deal(request)
    signed, equivocators = await desk_of(request).community().bargaining.evidence(view.id)
    found = {
        "deal": view.id,
        "agreement_sha256": view.agreement_sha256,
        "signed_envelopes": [base64.b64encode(one).decode() for one in signed],
        "signed_two_letters_for_one_place": [key.hex() for key in equivocators],
    }
    name = f'attachment; filename="deal-{view.id}.json"'
    return JSONResponse(found, headers={"Content-Disposition": name})


async def ledger(request: Request) -> Response:
    """GET /community/receipts: deals that held, and what became of them."""
    joined = desk_of(request).community()
    names = {key: joined.community.name_of(key) for one in await joined.bargaining.receipts() for key in one.others}
    return show(request, "receipts.html", receipts=await joined.bargaining.receipts(), names=names)


async def _act(request: Request, act: str, said: str) -> Response:
    desk = desk_of(request)
    desk.check_not_paused()
    bargaining = desk.community().bargaining
    view, fields = await _deal(request), await form(request)
    _lawful(view, act)
    approval = fields.get("approval", "")
    match act:
        case "enter":
            await bargaining.enter(view.id, approval, {"careful": True, "open": False}.get(fields.get("manner", "")))
        case "ratify":
            await bargaining.ratify(view.id, approval)
        case "fulfil":
            await bargaining.fulfil(view.id, approval)
        case "keep":
            await bargaining.keep(view.id, approval)
        case "dispute":
            await bargaining.dispute(view.id, approval, fields.get("reason", "")[:MAX_REASON])
        case "decline":
            await bargaining.decline(view.id, approval, fields.get("reason", "")[:MAX_REASON])
        case _:
            await bargaining.cancel(view.id, approval, fields.get("reason", "")[:MAX_REASON])
    return back_to(f"/deals/{view.id}", said)


async def rank(request: Request) -> Response:
    """POST /deals/{id}/rank: the options' numbers, best first: `order` separated by commas, or `place-N` fields."""
    desk = desk_of(request)
    desk.check_not_paused()
    view, fields = await _deal(request), await form(request)
    _lawful(view, "rank")
    refused = frozenset(option.number for option in view.options if fields.get(f"place-{option.number}") == "no")
    numbers = [option.number for option in view.options if option.number not in refused]
    order = _order(fields, numbers)
    if sorted(order) != sorted(numbers):
        raise WealError("a ranking names every option once", "Give each option its own place, or say no to it")
    await desk.community().bargaining.rank(view.id, fields.get("approval", ""), order, refused)
    return back_to(f"/deals/{view.id}", "ranked")


async def edit(request: Request) -> Response:
    """POST /deals/{id}/edit: field `space`: what could be agreed on, one thing a line; where `parties` is there, `member`
    (hex agent key) of each of the others."""
    desk = desk_of(request)
    view, fields = await _deal(request), await forms(request)
    _lawful(view, "edit")
    lines, others = fields.get("space", [""])[-1][:MAX_SPACE], _members(fields) if "parties" in fields else None
    await desk.community().bargaining.edit(view.id, fields.get("approval", [""])[-1], lines, others)
    return back_to(f"/deals/{view.id}", "saved")


async def counter(request: Request) -> Response:
    """POST /deals/{id}/counter: field `space`: the lines that are proposed in place of those of an invitation."""
    desk = desk_of(request)
    desk.check_not_paused()
    view, fields = await _deal(request), await form(request)
    _lawful(view, "counter")
    lines = fields.get("space", "")[:MAX_SPACE]
    made = await desk.community().bargaining.counter(view.id, fields.get("approval", ""), lines)
    return back_to(f"/deals/{made}", "countered")


async def propose(request: Request) -> Response:
    """POST /community/propose: member (hex agent key, for each), and either gives and gets, or lines: a draft that the
    person thought of themselves."""
    desk = desk_of(request)
    desk.check_not_paused()
    fields = await forms(request)
    gives, gets, lines = (fields.get(name, [""])[-1][:MAX_SPACE] for name in ("gives", "gets", "lines"))
    made = await desk.community().bargaining.propose(_members(fields), gives, gets, lines)
    return back_to(f"/deals/{made}", "drafted")


def _members(fields: dict[str, list[str]]) -> list[bytes]:
    """Return the agent keys that a form names, each once; what is none stands for nobody and is refused further in."""
    found = []
    for named in dict.fromkeys(fields.get("member", [])[:MAX_PARTIES]):
        try:
            found.append(bytes.fromhex(named))
        except ValueError:
            found.append(b"")
    return found


def _order(fields: dict[str, str], numbers: list[int]) -> list[int]:
    try:
        if given := fields.get("order", ""):
            return [int(part) for part in given.split(",")][:64]
        places = {number: int(fields[f"place-{number}"]) for number in numbers}
    except (ValueError, KeyError):
        return []
    return sorted(places, key=lambda number: places[number]) if len(set(places.values())) == len(numbers) else []


async def rate(request: Request) -> Response:
    """POST /deals/{id}/rate: field satisfied is yes or no; the rating is a label."""
    desk = desk_of(request)
    desk.check_not_paused()
    view, fields = await _deal(request), await form(request)
    _lawful(view, "rate")
    if fields.get("satisfied") not in ("yes", "no"):
        raise WealError("that is neither yes nor no", "Load the page again")
    await desk.community().bargaining.rate(view.id, fields.get("approval", ""), fields["satisfied"] == "yes")
    return back_to(f"/deals/{view.id}", "rated")
