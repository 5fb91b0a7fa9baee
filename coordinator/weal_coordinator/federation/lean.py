"""Flower's middlewares in one layer instead of nine: the same steps in the same order, at a fraction of the time.

Each of them is a Starlette `BaseHTTPMiddleware`, which runs all that lies below it in a task of its own and passes the body through streams: most of a
millisecond a layer, and most of what a SuperLink does. Their `dispatch` functions compose without that.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response

Next = Callable[[Request], Awaitable[Response]]
Dispatch = Callable[[Request, Next], Awaitable[Response]]


def in_one_layer(app: Any) -> Any:
    """Return the app with its middlewares composed. It must not have answered yet. Others than Flower's kind stay as they are."""
    if all(issubclass(one.cls, BaseHTTPMiddleware) for one in app.user_middleware):
        steps = [one.cls(None, *one.args, **one.kwargs).dispatch_func for one in app.user_middleware]
        app.user_middleware = [Middleware(BaseHTTPMiddleware, dispatch=composed(steps))]
    return app


def composed(steps: Sequence[Dispatch]) -> Dispatch:
    """Return one step that does these, outermost first."""

    async def dispatch(request: Request, last: Next) -> Response:
        def after(place: int) -> Next:
            if place == len(steps):
                return last

            async def following(asked: Request) -> Response:
                return await steps[place](asked, after(place + 1))

            return following

        return await after(0)(request)

    return dispatch
