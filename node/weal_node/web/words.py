"""What a program sends: one JSON object, or a clear refusal."""

from typing import Any

from starlette.requests import Request

from weal_protocol.errors import WealError


async def object_of(request: Request) -> dict[str, Any]:
    """Return the JSON object of this request; WealError where its body is none, or is nested too deep to be read."""
    try:
        found = await request.json()
    except (ValueError, RecursionError) as fault:
        raise WealError("that is not JSON") from fault
    if not isinstance(found, dict):
        raise WealError("that is not a JSON object")
    return found
