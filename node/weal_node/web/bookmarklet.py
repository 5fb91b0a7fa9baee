"""The bookmark that brings a page's title, address and selection into an editor here, and the step in between.

A click on a foreign page is a request from another site, which the door does not let near the pages. So it ends at /capture, which
is open, shows nothing of the person, and only offers to go on; going on is the person's own click, on this node's own page.
"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from weal_node.loop import twice
from weal_node.web.page import TEMPLATES

MAX_CLIP = 20_000  # characters of a selection
MAX_TITLE = 200


def bookmarklet(address: str) -> str:
    """Return the bookmark's address, to be dragged to a browser's bar."""
    base = address.rstrip("/")
    code = (
        f"(()=>{{const e=encodeURIComponent,s=String(getSelection()).slice(0,4000);open('{base}/capture?title='+e(document.title.slice(0,{MAX_TITLE}))"
        "+'&url='+e(location.href.slice(0,2000))+'&text='+e(s),'_blank','noopener')})()"
    )
    return "javascript:" + quote(code, safe="(){}=>,;:'+.&?/")


async def capture(request: Request) -> Response:
    """GET /capture?title&url&text: what another site's page sent, with a button that opens the editor. Nothing is written."""
    given = request.query_params
    title, text = " ".join(given.get("title", "").split())[:MAX_TITLE], given.get("text", "")[:MAX_CLIP]
    address = given.get("url", "")[:2_000]
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    source = f"<{address}>" if address.startswith(("https://", "http://")) and not set(address) & set('<> \n"') else ""
    body = "\n\n".join(part for part in (quoted, source) if part) + "\n"
    page = TEMPLATES.get_template("capture.html").render(title=title or "A page", body=body, once=twice.token())
    return HTMLResponse(page)
