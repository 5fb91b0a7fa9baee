"""Another user of this machine reaches the SuperLink's private port, and without its secret is told nothing and does nothing."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from weal_coordinator.federation.locked import HEADER, Locked, secret_beside


async def behind(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 403),
        ([(HEADER, "")], 403),
        ([(HEADER, "wrong")], 403),
        ([(HEADER, "right"), (HEADER, "right")], 403),
        ([("authorization", "right")], 403),
        ([(HEADER, "right")], 200),
    ],
)
@pytest.mark.parametrize(
    "path", ["/v1/control/start-run", "/v1/runtime/many", "/v1/fleet/push-messages", "/health", "/"]
)
async def test_only_the_secret_opens(path: str, headers: list[tuple[str, str]], status: int) -> None:
    guarded: Any = Locked(behind, "right")
    transport = httpx.ASGITransport(guarded)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        assert (await client.post(path, headers=headers)).status_code == status


def test_the_secret_is_in_the_home_of_the_certificate(tmp_path: Path) -> None:
    assert secret_beside(tmp_path / "certificate.pem") == ""
    (tmp_path / "superlink.json").write_text(json.dumps({"pid": 1, "secret": "s"}))
    assert secret_beside(tmp_path / "certificate.pem") == "s"
