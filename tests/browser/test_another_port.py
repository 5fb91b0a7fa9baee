"""What another program on this machine gets out of a real browser that is logged in here: everything it can serve at a port of its own."""

import contextlib
import http.server
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from playwright.sync_api import Error, Page

from support.waiting import until
from weal_node.app import loopback
from weal_node.errors import NodeError

pytestmark = pytest.mark.browser

# Reads what it can of the node, from a page of its own: by fetch, frame, pop-up, form, event stream and socket.
PROBE = """async (address) => {
  const seen = {};
  const tried = async (name, act) => { try { seen[name] = String(await act()); } catch (fault) { seen[name] = "refused"; } };
  await tried("fetch", async () => (await fetch(address + "/today", {credentials: "include"})).status);
  await tried("blind", async () => (await fetch(address + "/today", {credentials: "include", mode: "no-cors"})).type);
  await tried("write", async () => (await fetch(address + "/notes", {method: "POST", credentials: "include", mode: "cors",
    headers: {"x-csrf": "guessed"}, body: "title=a"})).status);
  await tried("frame", () => new Promise((done) => { const it = document.createElement("iframe"); it.src = address + "/today";
    it.onload = () => { try { done(it.contentDocument ? it.contentDocument.body.innerText.slice(0, 200) : "closed"); } catch (fault) { done("closed"); } };
    document.body.append(it); }));
  await tried("events", () => new Promise((done, no) => { const it = new EventSource(address + "/today", {withCredentials: true});
    it.onopen = () => done("open"); it.onerror = () => { it.close(); no(); }; }));
  await tried("socket", () => new Promise((done, no) => { const it = new WebSocket(address.replace("http", "ws") + "/today");
    it.onopen = () => done("open"); it.onerror = () => no(); }));
  return seen;
}"""


@dataclass
class Attacker:
    """Serves whatever it likes at a port of its own, under every name that leads to this machine. came: (host, cookies, referer) of each request."""

    port: int
    came: list[tuple[str, str, str]] = field(default_factory=list)
    serves: str = "<p>Another program's page.</p>"

    def at(self, host: str, path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"

    def cookies(self) -> str:
        return " ".join(cookies for _, cookies, _ in self.came)


@pytest.fixture
def attacker() -> Iterator[Attacker]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def answer(self) -> None:
            known.came.append((self.headers["host"], self.headers.get("cookie", ""), self.headers.get("referer", "")))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            for cookie in parse_qs(urlsplit(self.path).query).get("cookie", []):
                self.send_header("Set-Cookie", cookie)
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>other</title>{known.serves}".encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    servers = []
    for bound in loopback.listen(0, "none is free"):  # both addresses: a browser asks ::1 first
        bound.setblocking(True)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        server.socket.close()
        server.socket = bound
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
    known = Attacker(loopback.port_of([server.socket for server in servers]))
    yield known
    for server in servers:
        server.shutdown()
        server.server_close()


def session_of(page: Page) -> Any:
    (found,) = [one for one in page.context.cookies() if one["name"].startswith("weal_session_")]
    return found


def test_no_other_port_is_sent_the_session_under_any_name_it_can_know(
    page: Page, start_node: Any, attacker: Attacker
) -> None:
    node = start_node("ada")
    page.goto(node.link)
    session = session_of(page)
    name, port = httpx.URL(node.address).host, httpx.URL(node.address).port
    assert (session["domain"], session["httpOnly"], session["sameSite"]) == (name, True, "Strict")
    for host in ("127.0.0.1", "localhost", "[::1]", "evil.localhost", "weal.localhost"):
        for path in ("/", "/favicon.ico", "/today"):
            page.goto(attacker.at(host, path))
    assert session["value"] not in attacker.cookies()
    assert attacker.cookies().strip() == ""
    # What it would do with one: a session counts under the page's name alone, and no answer to anyone else tells that name.
    cookie = {"cookie": f"{session['name']}={session['value']}"}
    for plain in (f"http://127.0.0.1:{port}", f"http://localhost:{port}"):
        for path in ("/today", "/login", "/healthz", "/capture?title=a", "/nothing"):
            answer = httpx.get(plain + path, headers=cookie, trust_env=False)
            assert name.split(".")[0] not in answer.text + str(answer.headers)
        assert httpx.get(f"{plain}/today", headers=cookie, trust_env=False).status_code == 421


@pytest.mark.parametrize("knows", [False, True])
def test_a_page_at_another_port_reads_and_writes_nothing_here(
    page: Page, start_node: Any, attacker: Attacker, knows: bool
) -> None:
    """Even where it knows the name and its page stands under it: then it is the same site, yet no origin of this page's."""
    node = start_node("ada")
    page.goto(node.link)
    name = httpx.URL(node.address).host
    other = page.context.new_page()
    other.goto(attacker.at(name if knows else "localhost"))
    seen = other.evaluate(PROBE, node.address)
    assert seen.pop("blind") in ("refused", "opaque")
    assert seen.pop("frame") in ("refused", "closed", "")
    assert set(seen.values()) == {"refused"}, seen
    form = (
        f"<form method=post action={node.address}/notes><input name=title value=theirs><input name=csrf value=x></form>"
    )
    sends = f"{form}<script>document.forms[0].submit()</script>"
    framed = f"<iframe sandbox='allow-forms allow-scripts' srcdoc=\"{escape(sends)}\"></iframe>"  # its Origin is null
    sent: list[str] = []
    other.on("request", lambda request: sent.append(request.url))

    def posted() -> bool:
        with contextlib.suppress(Error):  # a form that sends itself may break off the loading of its own page
            other.goto(attacker.at(name if knows else "localhost", "/form"), wait_until="commit")
        other.wait_for_timeout(500)  # then the page is loaded again: what counts is that it was sent at all
        return f"{node.address}/notes" in sent

    for attacker.serves in (sends, framed):
        sent.clear()
        until(posted)
        other.wait_for_load_state()  # whatever the browser shows of the answer: it has come
    page.goto(node.address + "/notes")
    assert "theirs" not in page.content()
    opened = page.context.new_page()
    opened.goto(attacker.at("localhost"))
    with page.context.expect_page() as popped:
        opened.evaluate("(address) => { window.kept = open(address + '/today'); }", node.address)
    popped.value.wait_for_load_state()
    assert "<h1>Today</h1>" not in popped.value.content()  # a link from another site opens nothing: Sec-Fetch-Site


def test_a_cookie_set_at_another_port_fixes_no_session(page: Page, start_node: Any, attacker: Attacker) -> None:
    node = start_node("ada")
    page.goto(node.link)
    session = session_of(page)
    name = httpx.URL(node.address).host
    chosen = f"{session['name']}=chosen"
    for host in ("localhost", "evil.localhost", "127.0.0.1"):
        for where in ("", "; Domain=localhost", "; Domain=.localhost", f"; Domain={name}"):
            page.goto(attacker.at(host, f"/?cookie={quote(chosen + '; Path=/' + where)}"))
    page.goto(node.address + "/today")
    assert page.locator("h1").inner_text() == "Today"
    held = [one for one in page.context.cookies(node.address) if one["name"] == session["name"]]
    assert [one["value"] for one in held] == [session["value"]]


def test_who_follows_a_link_out_does_not_take_the_pages_name_along(
    page: Page, start_node: Any, attacker: Attacker
) -> None:
    node = start_node("ada")
    page.goto(node.link)
    page.goto(node.address + "/notes/new")
    page.locator("#title").fill("Links")
    page.locator("#body").fill(f"[out]({attacker.at('localhost', '/out')})")
    page.locator("button", has_text=re.compile("^(Save|Keep)")).first.click()
    page.locator("a", has_text="out").first.click(modifiers=["Control"])
    page.goto(attacker.at("localhost", "/after"))
    page.goto(node.address + "/notes")
    code = page.locator("a", has_text="Keep in Weal").get_attribute("href") or ""
    name = httpx.URL(node.address).host.split(".")[0]
    assert name not in code  # the bookmark runs in foreign pages, and they may read it
    assert all(name not in " ".join(one) for one in attacker.came)
    assert attacker.came


def test_nobody_else_can_listen_where_a_browser_looks_first(start_node: Any) -> None:
    node = start_node("ada")
    port = httpx.URL(node.address).port
    for family, host in ((socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1")):
        with socket.socket(family) as squatter, pytest.raises(OSError, match="in use"):
            squatter.bind((host, port))
    with socket.socket(socket.AF_INET6) as squatter:
        squatter.bind(("::1", 0))
        squatter.listen()
        with pytest.raises(NodeError, match="is taken"):
            loopback.listen(squatter.getsockname()[1], "")


def test_a_new_address_ends_what_the_old_one_gave(page: Page, start_node: Any) -> None:
    node = start_node("ada")
    page.goto(node.link)
    page.goto("about:blank")  # what the page still fetches, its icon, would be refused under the old name
    command = [sys.executable, "-m", "weal_node", "login", "--new-address", "--home", str(node.home)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (link,) = re.findall(r"http://\S+", said)
    assert httpx.URL(link).host != httpx.URL(node.address).host
    page.goto(link)
    assert page.url.endswith("/welcome")  # nothing is here yet
    answer = httpx.get(node.address + "/today")
    assert answer.status_code == 421
    assert httpx.URL(link).host not in answer.text


def test_a_page_here_asks_no_other_address_for_a_picture_and_shows_no_script_its_cookie(
    page: Page, start_node: Any, attacker: Attacker
) -> None:
    node = start_node("ada")
    page.goto(node.link)
    other = page.context.new_page()  # what the policy stops is said in its console
    other.goto(node.address + "/today")
    assert other.evaluate("document.cookie") == ""
    loads = """(address) => new Promise((done) => { const it = new Image(); it.onload = () => done("shown");
      it.onerror = () => done("refused"); it.src = address; document.body.append(it); })"""
    assert other.evaluate(loads, attacker.at("localhost", "/pixel.png")) == "refused"
    assert other.evaluate(loads, node.address + "/static/weal.svg") == "shown"
    assert attacker.came == []
