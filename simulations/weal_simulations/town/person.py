"""A person at their node: everything they do goes through the pages that a browser would show."""

import time
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from types import TracebackType
from typing import Any, TypeVar

import httpx

from weal_protocol.errors import WealError

LINK = r"http://[a-z2-7]+\.localhost:\d+/login\?token=\S+"  # as a node prints it
TIMEOUT_S = 900.0  # ends what would never end
POLL_S = 0.2
MOVED_ON = "the deal has moved on"  # what a page says where a letter came after it was shown
RELOADS = 3
T = TypeVar("T")


class PageError(WealError):
    """A page refused what the person did, or did not show what was waited for."""


class ToLoopback(httpx.HTTPTransport):
    """Leads `*.localhost` to 127.0.0.1, as browsers do by themselves; the system's names need not know it."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, its Host header as it was."""
        host = "127.0.0.1" if request.url.host.endswith(".localhost") else request.url.host
        led = request.url.copy_with(host=host)
        return super().handle_request(
            httpx.Request(
                request.method, led, headers=request.headers, stream=request.stream, extensions=request.extensions
            )
        )


class Person:
    """Logs in with a link that the node printed, and keeps the session. Use as a context manager."""

    def __init__(self, name: str, link: str) -> None:
        self.name = name
        address = link.split("/login", 1)[0]
        self._client = httpx.Client(
            base_url=address,
            headers={"Origin": address},
            timeout=TIMEOUT_S,
            follow_redirects=True,
            trust_env=False,
            transport=ToLoopback(),
        )
        self._checked(self._client.get(link))

    def __enter__(self) -> "Person":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def judge(self, item: str, vote: int) -> None:
        """Accept (+1) or reject (-1) an item of the commons on its page."""
        self._fill(f"/items/{item}", f"/items/{item}/judge", choice="accept" if vote > 0 else "reject")

    def write_note(self, title: str, body: str, *, needs: Iterable[str], offers: Iterable[str]) -> None:
        """Write a public note."""
        self._fill(
            "/notes/new",
            "/notes",
            title=title,
            body=body,
            visibility="public",
            needs="\n".join(needs),
            offers="\n".join(offers),
        )

    def look_for_deals(self) -> None:
        """Have the agent look through notes for deals."""
        self._fill("/deals", "/deals/find")

    def propose(self, member: str, gives: str, gets: str) -> None:
        """Draft a deal that this person thought of themselves. member: hex agent key."""
        self._fill("/deals", "/deals/propose", member=member, gives=gives, gets=gets)

    def propose_lines(self, members: list[str], lines: str) -> None:
        """Draft a deal with these others in lines that say who gives what to whom."""
        self._fill("/deals", "/deals/propose", member=members, lines=lines)

    def on_deal(self, deal: str, act: str, **fields: str | list[str]) -> None:
        """Answer a deal on its page. act: enter, decline, rank, ratify, rate or cancel. Where a letter came in between, the page
        says to load it again, and a person does."""
        for _ in range(RELOADS):
            try:
                return self._fill(f"/deals/{deal}", f"/deals/{deal}/{act}", **fields)
            except PageError as fault:
                if MOVED_ON not in str(fault):
                    raise
        self._fill(f"/deals/{deal}", f"/deals/{deal}/{act}", **fields)

    def deals(self) -> list[dict[str, Any]]:
        """Return the deals as the page shows them."""
        return list(self.read("/api/deals")["deals"])

    def read(self, path: str) -> dict[str, Any]:
        """Return the JSON behind a page."""
        return dict(self._checked(self._client.get(path)).json())

    def page(self, path: str) -> str:
        """Return a page as a browser would get it."""
        return self._checked(self._client.get(path)).text

    def answers(self, path: str) -> bool:
        """Say whether a path answers well."""
        return self._client.get(path).is_success

    def wait(self, what: str, found: Callable[[], T | None], deadline_s: float) -> T:
        """Look again and again until there is something; PageError after the deadline."""
        end = time.monotonic() + deadline_s
        while (value := found()) is None:
            if time.monotonic() > end:
                raise PageError(f"{self.name} waited {deadline_s:.0f} s in vain until {what}")
            time.sleep(POLL_S)
        return value

    def _fill(self, page: str, action: str, **fields: str | list[str]) -> None:
        """Open a page, fill the form that leads to `action`, send it."""
        shown = self._checked(self._client.get(page))
        hidden = forms(shown.text).get(action)
        if hidden is None:
            raise PageError(f"{page} of {self.name} shows no form that leads to {action}")
        self._checked(self._client.post(action, data=hidden | fields))

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        said = " ".join(_text(answer.text).split())[:300]
        raise PageError(f"{answer.request.url.path} of {self.name} answered {answer.status_code}: {said}")


def forms(html: str) -> dict[str, dict[str, str]]:
    """Return the hidden fields of every form that is posted, by where the form leads."""
    reader = _Forms()
    reader.feed(html)
    return reader.found


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._fields = self.found.setdefault(given.get("action", ""), {})
        elif tag == "input" and given.get("type") == "hidden" and self._fields is not None:
            self._fields[given.get("name", "")] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None


def _text(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    return " ".join(reader.words)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)
