"""Any request to any address of the page is answered within its budget, and never with a fault of the server's.

Paths come from the table of routes and fields from the source of the pages themselves, so that a new page is tried without a word here;
values are those that pages know, and what people and programs send by mistake or on purpose. Schemathesis makes the requests. A run has
WEAL_FUZZ requests an address, 3 unless that says otherwise; before a release 300."""

import asyncio
import inspect
import os
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from weal_node.commands.table import COMMANDS
from weal_node.deals.acts import ACTS
from weal_node.web.routes import TABLE

pytestmark = pytest.mark.slow
EXAMPLES = int(os.environ.get("WEAL_FUZZ", "3"))  # requests an address
BUDGET_S = 60.0  # the test's own failsafe: what hangs is said as such
ODD = (
    "", " ", "0", "-1", "1", "-0", "1e999", "nan", "inf", "0x10", "١٢", "²", "9" * 19, "-" + "9" * 30, "9" * 5_000, "1.5", "1_000",
    "\x00", "a\x00b", "\r\n", "\u2028", "\ufeff", "\ufffd", "..", "../../etc/passwd", ".git/config", "a/../../b", "CON", "a" * 300, "ä" * 300,
    "é", "e\u0301", "\U0001f600", "<script>", "{{x}}", "%00", "%ff", "'; --", "2026-02-30", "9999-12-31", "0000-00-00", "25:61", "24:00-24:00",
    "tag:", "since:9999999999", "since:0", "until:x", "in:", "is:", "author:", '"', "*", "NEAR(", "---\na: [", "on", "yes", "no", "null", "[]",
    "weal1.", "weal1.AAAA", "public", "private", "community", "accept", "reject", "first", "second", "more", "less", "pin", "CC-BY-4.0",
    "factors", "light", "local", "label-private", "none", "http://[", "//evil.example", "javascript:1", "all", "look", "start", "stop", "take",
)  # fmt: skip


COMMAND = "/cli/{name}"
ADDRESSES = [  # of the one address of all commands, each command's
    row
    for method, path, handler in TABLE
    for row in (
        [(method, f"/cli/{name}", COMMANDS[name]) for name in COMMANDS]
        if path == COMMAND
        else [(method, path, handler)]
    )
]


def at(path: str) -> str:
    """A path of the table as OpenAPI writes it."""
    return re.sub(r":path}", "}", path)


def fields(path: str, handler: Any) -> list[str]:
    """The names of fields that a page's module, or that of an act's row, asks for, in forms, addresses or JSON; of a command, its
    arguments."""
    if handler in COMMANDS.values():
        return [*inspect.signature(handler).parameters][1:]
    rows = [act.given for act in ACTS if path == f"/deals/{{id}}/{act.name}"]
    module = inspect.getmodule(rows[0] if rows else inspect.unwrap(handler))
    assert module is not None
    source = inspect.getsource(module)
    return sorted(set(re.findall(r"""(?:get\(|text\(|every\(|\[|, )"([a-z_]{1,12})"(?=[\],)])""", source)))


def schema(known: Sequence[str]) -> Any:
    """An OpenAPI document of the table."""
    value = {"anyOf": [{"enum": [*known]}, {"enum": [*ODD]}, {"type": "string", "maxLength": 40}]}
    anything = {"anyOf": [value, {"type": ["number", "null", "boolean", "array", "object", "integer"]}]}
    paths: dict[str, Any] = {}
    for method, path, handler in ADDRESSES:
        names = [name for name in fields(path, handler) if name != "place"]
        place = {"place": {"enum": ["", "nowhere", "\x00", "a" * 5_000, "~nobody/x"]}}
        form = {"type": "object", "properties": dict.fromkeys(names, value) | place, "additionalProperties": False}
        within = re.findall(r"{(\w+)", path)
        said: dict[str, Any] = {
            "parameters": [{"name": name, "in": "path", "required": True, "schema": value} for name in within],
            "responses": {"default": {"description": "anything but a fault"}},
        }
        if method == "GET":
            said["parameters"] += [{"name": name, "in": "query", "schema": value} for name in names]
        else:
            kind = "application/json" if path.startswith("/cli/") else "application/x-www-form-urlencoded"
            body = {**form, "properties": dict.fromkeys(names, anything) | place} if "json" in kind else form
            said["requestBody"] = {"content": {kind: {"schema": body}}, "required": True}
        paths.setdefault(at(path), {})[method.lower()] = said
    return schemathesis.openapi.from_dict(
        {"openapi": "3.1.0", "info": {"title": "Weal", "version": "1"}, "paths": paths}
    )


LABELS = [f"{method} {path}" for method, path, _ in ADDRESSES]
KINDS = (
    None,
    None,
    None,
    "application/json",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "text/plain; charset=nonsense",
    "",
)
RAW = st.one_of(
    st.none(), st.none(), st.none(), st.binary(max_size=60),
    st.sampled_from([
        b"a=%ff&a=%00&%=%&&==", b"id=1&id=2&id=3", b"&" * 2_000, b'{"id": 1e999}', b'{"id": "\\ud800", "tier": "\\ud800", "note": "\\ud800"}',
        b"[" * 50_000, b'{"id": NaN}', b"\xff\xfe{}", b'{"id": ' + b"9" * 5_000 + b"}", b"null", b"[]", b'"a"',
    ]),
)  # fmt: skip


@pytest.mark.parametrize("label", LABELS)
def test_no_request_is_answered_with_a_fault_of_the_servers(house: Any, label: str) -> None:
    method, path = label.split(" ", 1)
    operation = schema(house.known)[at(path)][method]
    right, wrong = (
        operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    )

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(right, right, wrong), RAW, st.sampled_from(KINDS), st.booleans())
    def tried(case: "Case[Any]", raw: bytes | None, kind: str | None, alone: bool) -> None:
        if method == "GET":
            raw = kind = None
        answer = house.loop.run_until_complete(house.send(case, path, raw, kind, alone))
        assert answer.status_code < 500, (answer.status_code, answer.text[:2_000])
        assert "Traceback" not in answer.text

    tried()


@settings(
    max_examples=EXAMPLES * 20,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    st.binary(max_size=40),
    st.sampled_from(["", *sorted({path.split("{")[0] for _, path, _ in TABLE})]),
    st.sampled_from(["GET", "POST", "HEAD", "PUT", "X"]),
)
def test_no_path_of_any_bytes_is_a_fault_of_the_servers(house: Any, tail: bytes, head: str, method: str) -> None:
    case_path = (head or "/") + quote(tail)

    async def asked() -> int:
        desk = house.node.desk
        session = desk.login.use_link(desk.login.new_link()) or ""
        headers = {
            "origin": house.page.home,
            "x-csrf": desk.login.csrf_of(session) or "",
            "cookie": f"{house.page.cookie}={session}",
        }
        async with httpx.AsyncClient(transport=httpx.ASGITransport(house.page), base_url=house.page.home) as client:
            answer = await asyncio.wait_for(client.request(method, case_path, headers=headers), BUDGET_S)
            return answer.status_code

    assert house.loop.run_until_complete(asked()) < 500
