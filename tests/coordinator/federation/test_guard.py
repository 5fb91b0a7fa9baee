"""The public listener: what is not for members, too large, or in another's name is refused before Flower sees it, by a name in the log."""

from typing import Any

import httpx
import pytest

from weal_coordinator.federation.guard import FLEET, MAX_BODY_BYTES, PUSH, FleetOnly


async def behind(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """What is guarded: says yes to everything."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def ask(guard: Any, path: str, body: Any = b"", method: str = "POST") -> int:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url="http://x") as client:
        return (await client.request(method, path, content=body)).status_code


async def pieces() -> Any:
    yield b"x"


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        ("/v1/control/start-run", b"", 404, "not for members"),
        (FLEET + "get-fab", b"", 404, "not for members"),
        ("/v1/runtime/many", b"", 404, "not for members"),
        (FLEET + "push-object", bytes(MAX_BODY_BYTES + 1), 413, "a body of unknown size, or too large"),
        (FLEET + "push-object", pieces, 413, "a body of unknown size, or too large"),
        (PUSH, b"in another's name", 400, "a reply in another's name, or of too many parts"),
    ],
)
async def test_what_is_refused_is_named_in_the_log(
    path: str, body: Any, status: int, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    guard = FleetOnly(behind, lambda said: said == b"lawful")
    assert await ask(guard, path, body() if callable(body) else body) == status
    assert guard.refused == {reason: 1}
    assert [record.message for record in caplog.records] == [
        f"a request to the public port was refused (1 so far): {reason}"
    ]


async def test_what_members_need_passes() -> None:
    guard = FleetOnly(behind, lambda said: said == b"lawful")
    assert await ask(guard, PUSH, b"lawful") == 200
    assert await ask(guard, FLEET + "activate-node", b"anything") == 200
    assert await ask(guard, "/health", method="GET") == 200


async def test_a_stranger_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    guard = FleetOnly(behind, lambda _: True)
    for _ in range(100):
        assert await ask(guard, "/") == 404
    assert len(caplog.records) == 7  # the 1st, 2nd, 4th, ... 64th
