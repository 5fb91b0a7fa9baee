"""Vocabulary: the words that pages use, and what each means."""

from starlette.requests import Request
from starlette.responses import Response

from weal_node.web.page import show


async def see(request: Request) -> Response:
    """GET /vocabulary: one word for one thing."""
    return show(request, "vocabulary.html")
