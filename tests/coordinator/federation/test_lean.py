"""Flower's middlewares composed: same order, same answers, one layer; and Flower still has the kind that can be composed."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from weal_coordinator.federation.lean import in_one_layer

Next = Callable[[Request], Awaitable[Response]]
said: list[str] = []


class Reader(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Next) -> Response:
        said.append("reader")
        request.state.read = await request.body()
        response = await call_next(request)
        response.headers["x-read"] = str(len(request.state.read))
        return response


async def translator(request: Request, call_next: Next) -> Response:
    said.append("translator")
    try:
        return await call_next(request)
    except ValueError as fault:
        return JSONResponse({"fault": str(fault)}, 418)


async def answer(request: Request) -> Response:
    said.append("answer")
    if request.state.read == b"bad":
        raise ValueError("no")
    return PlainTextResponse(request.state.read + b"!")


def app() -> Starlette:
    layers = [Middleware(BaseHTTPMiddleware, dispatch=translator), Middleware(Reader)]
    return Starlette(routes=[Route("/", answer, methods=["POST"])], middleware=layers)


@pytest.mark.parametrize("body", [b"", b"good", b"bad"])
async def test_one_layer_answers_as_many_do(body: bytes) -> None:
    found = []
    for made in (app(), in_one_layer(app())):
        said.clear()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://x") as client:
            response = await client.post("/", content=body)
        found.append((response.status_code, response.content, response.headers.get("x-read"), tuple(said)))
    assert found[0] == found[1]
    assert found[0][-1] == ("translator", "reader", "answer")


def test_flower_still_has_middlewares_of_this_kind_only() -> None:
    """Not public API: this fails when an upgrade of Flower brings another kind, which would stay as it is."""
    from flwr.superlink.main import _get_middleware

    found = _get_middleware()
    assert len(found) > 1
    assert all(isinstance(one.cls, type) and issubclass(one.cls, BaseHTTPMiddleware) for one in found)
