"""In your notes: what a person wrote and may have lost sight of, each line with its note and three buttons."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from weal_node.look.notes import DAY_MS, Finding
from weal_node.mind.answers import any_given
from weal_node.rereading import gestures
from weal_node.rereading.rereading import Looked
from weal_node.today import reread
from weal_node.web.desk import Desk
from weal_node.web.page import back_to, desk_of, form, show

SAID = {
    "look-do": "Kept as wanted. It stands below, and Today may bring it.",
    "look-done": "It is not shown again, nor what says the same.",
    "look-unlike": "No line of this kind is made from that note any more.",
    "look-back": "Taken back.",
}
HEADINGS = {
    "repeated": "Written again and again",
    "due": "Dates you wrote down",
    "wish": "What you want, and what you promised",
    "near": "Old notes that bear on new ones",
    "mention": "Named, never linked",
    "copy": "Twice in your notes",
    "unwritten": "Linked, never written",
    "question": "A question you left open",
    "recurs": "Who and where recurs",
}


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one rule."""

    rule: str
    heading: str
    lines: tuple[Finding, ...]


async def see(request: Request) -> Response:
    """GET /look: what is found so far, and what is still being read."""
    desk = desk_of(request)
    looked = await desk.rereading.look()
    return show(
        request,
        "look.html",
        sections=sections(looked),
        looked=looked,
        answered=await any_given(desk.database),
        wanted=[said for said in looked.said if said.gesture == gestures.DO],
        closed=[said for said in looked.said if said.gesture != gestures.DO],
        now_ms=desk.now_ms(),
        day_ms=DAY_MS,
        day=day,
    )


async def say(request: Request) -> Response:
    """POST /look: field line is the key of a line, gesture is do, done, unlike, or back to take it back. It is no answer."""
    desk, fields = desk_of(request), await form(request)
    line, gesture = fields.get("line", ""), fields.get("gesture", "")
    if gesture == "back":
        await gestures.take_back(desk.database, line)
        await _brought_along(desk)
        return back_to("/look", "look-back")
    finding = await desk.rereading.say(line, gesture)
    await _brought_along(desk)
    return RedirectResponse(f"/look?said=look-{gesture}#rule-{finding.rule}", status_code=303)  # where the person was


async def _brought_along(desk: Desk) -> None:
    """Let Today know at once what was asked for, and what is done; a mind that still reads hears of it by itself later."""
    if desk.ready.is_set() and desk.rereading.is_read:
        await reread.bring(desk.database, desk.rereading, desk.mind, desk.now_ms())


def sections(looked: Looked) -> list[Section]:
    """Return the lines by their rule, in the order of the page."""
    made: list[Section] = []
    for rule, lines in groupby(looked.page.findings, key=lambda finding: finding.rule):
        made.append(Section(rule, HEADINGS[rule], tuple(lines)))
    return made


def day(ms: int) -> str:
    """Return a day as "5 Dec 2026", "" for none."""
    return f"{datetime.fromtimestamp(ms / 1_000, UTC):%-d %b %Y}" if ms else ""
