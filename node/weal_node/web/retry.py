"""What a fault page gives back: the way to the page where the form stands, and what was typed into it.

Only forms of this table are given back: they hold words that cost someone thought, and no key, approval or token.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request

_WITHIN = re.compile(r"/(?!/)[\w\-./~%]*", re.ASCII)  # an address of this node: "//" would lead elsewhere
PAGES = (
    "welcome",
    "today",
    "teach",
    "notes",
    "mirror",
    "deals",
    "community",
    "privacy",
    "models",
    "search",
    "topics",
    "people",
    "answers",
)


@dataclass(frozen=True, slots=True)
class KeptForm:
    """page: where it stands.  shown: (name, its label) of fields with words.  kept: names of fields that say what the words are for."""

    page: str
    shown: tuple[tuple[str, str], ...]
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """What was typed. shown: (name, label, value).  hidden: (name, value)."""

    page: str
    shown: tuple[tuple[str, str, str], ...]
    hidden: tuple[tuple[str, str], ...]


_TEXT = (("text", "How it should read"),)
FORMS = {
    "/mirror/{act}": KeptForm(
        "/mirror", (("text", "What you typed"), ("value", "The weight you typed")), ("concept", "direction", "back")
    ),
    "/today/quiet": KeptForm("/today", (("from", "From"), ("until", "until"))),
    "/welcome": KeptForm(
        "/welcome", (("name", "What others should call you"), ("place", "Your folder of notes")), ("way",)
    ),
    "/community/terms": KeptForm("/community", (("invite", "The invite"),)),
    "/deals/propose": KeptForm("/deals", (("gives", "You would give"), ("gets", "You would like to get")), ("member",)),
    "/notes/import/{act}": KeptForm("/notes/import", (("place", "A folder or file"), ("into", "Into the folder"))),
    "/people/{key}/notes/{note}/suggest": KeptForm("/people", _TEXT, ("record",)),
    "/people/{key}/notes/{note}/accept": KeptForm("/people", _TEXT, ("record",)),
}


async def held(request: Request, path: str) -> Held | None:
    """Return what was typed into the form of an address of the table, None where nothing was. path: as the table of routes writes it."""
    form = FORMS.get(path)
    if form is None or request.method != "POST":
        return None
    sent = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
    shown, worded = [], False
    for name, label in form.shown:
        if name in sent:
            shown.append((name, label, sent[name].replace("\r\n", "\n")))
            worded |= bool(sent[name].strip())
    if not worded:
        return None
    return Held(form.page, tuple(shown), tuple((name, sent[name]) for name in form.kept if name in sent))


def came_from(request: Request) -> str:
    """Return the page of this node from which a form was sent or a link followed, as path and query; "" where the browser did not say."""
    parts = urlsplit(request.headers.get("referer", ""))
    if (
        parts.netloc != request.headers.get("host")
        or not _WITHIN.fullmatch(parts.path)
        or parts.path == request.url.path
    ):
        return ""
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name != "said"])
    return f"{parts.path}?{query}" if query else parts.path


def page_name(address: str) -> str:
    """Return what a page is called in a link back to it."""
    first = address.split("?")[0].strip("/").split("/")[0]
    return first.capitalize() if first in PAGES else "where you were"
