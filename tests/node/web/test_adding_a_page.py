"""A page is its module, its template, its row in the table, and a link to it: what a form on it says stands in the page's own module."""

import ast
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import pytest
from jinja2 import ChoiceLoader, DictLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from weal_node.web import page, routes
from weal_node.web.page import STATIC, back_to, show

WEB = Path(page.__file__).parent


def a_page(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A page of two addresses, as its module would be, with its template."""
    made = ModuleType("weal_node.web.weather")

    async def see(request: Request) -> Response:
        return show(request, "weather.html", sky="clear")

    async def wish(request: Request) -> Response:
        return back_to("/weather", "wished")

    for handler in (see, wish):
        handler.__module__ = made.__name__
    made.__dict__.update(see=see, wish=wish, SAID={"wished": "The sky has been told."})
    monkeypatch.setitem(sys.modules, made.__name__, made)
    template = '{% extends "base.html" %}{% block title %}Weather{% endblock %}{% block content %}<p>{{ sky }}</p>{% endblock %}'
    assert page.TEMPLATES.loader is not None
    both = ChoiceLoader([DictLoader({"weather.html": template}), page.TEMPLATES.loader])
    monkeypatch.setattr(page.TEMPLATES, "loader", both)
    return made


async def test_a_module_a_template_and_two_rows_make_a_page_that_says_what_its_form_did(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weather = a_page(monkeypatch)
    rows = (("GET", "/weather", weather.see), ("POST", "/weather", weather.wish))
    monkeypatch.setattr(routes, "TABLE", (*routes.TABLE, *rows))
    app = Starlette(routes=routes.routes(str(STATIC)))
    app.state.desk = SimpleNamespace(settings=SimpleNamespace(name="ada"), joined=None, paused=False)

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": {"csrf": "c"}}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(with_state), base_url="http://node") as client:
        answer = await client.post("/weather")
        assert answer.headers["location"] == "/weather?said=wished"
        seen = (await client.get("/weather?said=wished")).text
        assert "<p>clear</p>" in seen
        assert "The sky has been told." in seen
        assert "The sky" not in (await client.get("/weather?said=The+sky")).text  # an address puts no words on a page


def outcomes(value: ast.expr) -> set[str]:
    """The words that an expression may come to, where it is one word or another."""
    if isinstance(value, ast.IfExp):
        return outcomes(value.body) | outcomes(value.orelse)
    return {value.value} if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value else set()


def said_in(path: Path) -> tuple[set[str], set[str]]:
    """The names of sentences that a module holds, and those that it answers forms with."""
    held, used = set[str](), set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SAID":
            tables = [table for table in ast.walk(node.value) if isinstance(table, ast.Dict)]
            keys = [key for table in tables for key in table.keys if isinstance(key, ast.Constant)]
            held |= {str(key.value) for key in keys}
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "back_to" and len(node.args) > 1:
            used |= outcomes(node.args[1])
    return held, used


def test_a_sentence_has_one_name_in_one_module() -> None:
    held = Counter(name for path in WEB.rglob("*.py") for name in said_in(path)[0])
    assert {name for name, count in held.items() if count > 1} == set()
    assert set(held) <= set(routes.sentences())


def test_a_page_says_what_stands_in_its_module_or_what_several_say() -> None:
    shared, _ = said_in(WEB / "page.py")
    said = {path.stem: said_in(path) for path in WEB.rglob("*.py")}
    assert sum(len(used) for _, used in said.values()) > 30
    assert {module: used - held - shared for module, (held, used) in said.items() if used - held - shared} == {}
