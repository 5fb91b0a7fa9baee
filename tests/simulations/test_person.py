"""A person at a page: forms are found as a browser finds them, refusals are told in the page's own words."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from weal_simulations.person import PageError, Person, forms

PAGE = """
<form method="get" action="/search"><input type="hidden" name="no" value="1"></form>
<form method="post" action="/notes"><input type="hidden" name="csrf" value="a&amp;b"><input type="text" name="title" value="x">
<button name="choice" value="accept">Yes</button></form>
<input type="hidden" name="outside" value="2">
<form method="POST" action="/deals/1/rank"><input type="hidden" name="csrf" value="c"></form>
"""


def test_only_hidden_fields_of_posted_forms_are_taken() -> None:
    assert forms(PAGE) == {"/notes": {"csrf": "a&b"}, "/deals/1/rank": {"csrf": "c"}}


class Page(http.server.BaseHTTPRequestHandler):
    """A page that lets in whoever comes, and refuses what is done on it."""

    def do_GET(self) -> None:
        self.answer(200, PAGE)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.answer(409, "<h1>That did not work</h1><p>The vault is closed.</p>")

    def answer(self, status: int, html: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(html.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.together
def test_a_refusal_and_a_missing_form_are_named(address: str) -> None:
    with Person("ada", f"{address}/login?token=t") as ada:
        with pytest.raises(PageError, match=r"/notes of ada answered 409: That did not work The vault is closed"):
            ada.write_note("A", "B", needs=(), offers=())
        with pytest.raises(PageError, match="shows no form that leads to /items/7/judge"):
            ada.judge("7", 1)
        with pytest.raises(PageError, match="waited 0 s in vain until the moon rises"):
            ada.wait("the moon rises", lambda: None, 0.0)
