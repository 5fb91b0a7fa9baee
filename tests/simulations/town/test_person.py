"""A person at a page: forms are found as a browser finds them, refusals are told in the page's own words."""

import http.server
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest

from weal_simulations.town.person import PageError, Person, forms

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
    """A page that lets in whoever comes, and refuses what is done on it. letters: why what is done with a deal is refused, one after another."""

    letters: ClassVar[Iterator[str]] = iter(())

    def do_GET(self) -> None:
        self.answer(200, PAGE)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        if self.path.startswith("/deals/"):
            said = next(self.letters, None)
            return self.answer(*((409, f"<p>{said}</p>") if said else (200, "")))
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


@pytest.mark.together
def test_a_page_is_loaded_again_where_a_letter_came_in_between(address: str) -> None:
    with Person("ada", f"{address}/login?token=t") as ada:
        Page.letters = iter(["the deal has moved on. Load the page again"] * 2)
        ada.on_deal("1", "rank")
        assert next(Page.letters, None) is None
        Page.letters = iter(["the deal has moved on"] * 4)
        with pytest.raises(PageError, match="moved on"):
            ada.on_deal("1", "rank")
        Page.letters = iter(["this was declined", "never asked"])
        with pytest.raises(PageError, match="declined"):
            ada.on_deal("1", "rank")
        assert list(Page.letters) == ["never asked"]
