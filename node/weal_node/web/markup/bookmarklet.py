"""The bookmark that brings a page's title, address and selection into an editor here, and the step in between.

A bookmark runs in the page where it is clicked, and that page may read where it leads. So it leads to /capture under a plain loopback
name, never to the page's own name, which no foreign page may learn (decisions/0033). /capture is open, shows nothing of the person, and
lays what it was sent on a small tray in memory; the person finds it under *Notes*, on their own page, and opens it in the editor or not.
"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from weal_node.web.page import TEMPLATES, back_to, desk_of, form

MAX_CLIP = 20_000  # characters of a selection
MAX_TITLE = 200
SAID = {"dropped": "Thrown away."}


def bookmarklet(port: int) -> str:
    """Return the bookmark's address, to be dragged to a browser's bar. port: of the page."""
    base = f"http://127.0.0.1:{port}"
    code = (
        f"(()=>{{const e=encodeURIComponent,s=String(getSelection()).slice(0,4000);open('{base}/capture?title='+e(document.title.slice(0,{MAX_TITLE}))"
        "+'&url='+e(location.href.slice(0,2000))+'&text='+e(s),'_blank','noopener')})()"
    )
    return "javascript:" + quote(code, safe="(){}=>,;:'+.&?/")


async def capture(request: Request) -> Response:
    """GET /capture?title&url&text: what another site's page sent. It is written nowhere, and waits on the tray where a person opened this."""
    given, desk = request.query_params, desk_of(request)
    title, text = " ".join(_plain(given.get("title", "")).split())[:MAX_TITLE], _plain(given.get("text", ""))[:MAX_CLIP]
    address = _plain(given.get("url", ""))[:2_000]
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    source = f"<{address}>" if address.startswith(("https://", "http://")) and not set(address) & set('<> \n"') else ""
    body = "\n\n".join(filter(None, (quoted, source))) + "\n"
    waits = bool(title or body.strip()) and request.headers.get("sec-fetch-dest", "document") == "document"
    if waits:
        desk.tray.lay(title or "A page", body, desk.now_ms())
    page = TEMPLATES.get_template("capture.html").render(title=title or "A page", body=body, waits=waits)
    return HTMLResponse(page)


async def drop(request: Request) -> Response:
    """POST /notes/captured: field id, of what shall not become a note."""
    desk_of(request).tray.drop((await form(request)).get("id", ""))
    return back_to("/notes", "dropped")


def _plain(given: str) -> str:
    return given.encode(errors="replace").decode()  # without halves of surrogate pairs
