"""One sentence of the person's own, in Teach: asked for in the open, looked at, and counted only as they say."""

from starlette.requests import Request
from starlette.responses import Response

from weal_node.mind import own_statements
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol.errors import WealError

ASKED = (
    "What would have made this week better?",
    "What do you want more of than you have?",
    "What would you rather never have to do again?",
    "Whom would you like to do something with, and what?",
)
LONGEST = 280  # characters, as of a principle
SAID = {"taken": "Taken as you said. It counts from now on, and Mirror shows it."}


async def see(request: Request) -> Response:
    """GET /teach/open: a question without choices; ?next=N: another."""
    number = request.query_params.get("next", "0")
    place = int(number) if number.isdecimal() and len(number) < 6 else 0
    return show(request, "teach_open.html", question=ASKED[place % len(ASKED)], following=place + 1, longest=LONGEST)


async def look(request: Request) -> Response:
    """POST /teach/look: field text; what could be taken from it. Nothing counts yet."""
    return show(request, "teach_look.html", text=_sentence((await form(request)).get("text", "")), longest=LONGEST)


async def take(request: Request) -> Response:
    """POST /teach/take: fields text and as ("more", "less", "never", "ask" or "none")."""
    desk = desk_of(request)
    mind = await desk.minded()
    fields = await form(request)
    text, kind = _sentence(fields.get("text", "")), fields.get("as", "")
    if kind in ("more", "less"):
        await desk.control.principle(text, 1 if kind == "more" else -1)
    elif kind == "never":
        await desk.control.veto(text)
    elif kind == "ask":
        await own_statements.ask_about(mind, text)
    elif kind == "none":
        return back_to("/teach")
    else:
        raise WealError("say what it is to count as", "Choose one of the lines, or “None of these”")
    return back_to("/teach", "taken")


def _sentence(text: str) -> str:
    line = " ".join(text.split())
    if not line or len(line) > LONGEST:
        raise WealError(f"a sentence has between 1 and {LONGEST} characters", "Say it in one sentence")
    return line
