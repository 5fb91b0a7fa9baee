"""Mail straight from node to node where that is possible, through the relay where it is not; nothing is lost in between."""

import asyncio
import secrets
from pathlib import Path
from typing import Any

import pytest

from support.waiting import PATIENCE_S
from weal_coordinator.setup import now_ms
from weal_node import certificate
from weal_node.mail.outbox import Outbox, Routes
from weal_node.outbound.direct import DirectConnections
from weal_node.rpc.mail import mail
from weal_node.rpc.server import serve
from weal_protocol.envelope import Envelope

pytestmark = pytest.mark.together


async def test_mail_goes_direct_while_it_can_and_by_the_relay_when_not(community: Any, tmp_path: Path) -> None:
    ada, shown = await community.person("Ada"), certificate.at(tmp_path, now_ms())
    got: list[bytes] = []
    arrived = asyncio.Event()

    async def keep(letter: Envelope) -> None:
        got.append(letter.body)
        arrived.set()

    async def take(ciphertext: bytes) -> None:
        await bo.letters.take(ciphertext, {"invite": keep})

    server, port = await serve("127.0.0.1:0", shown, ada.community, (mail(ada.community, take),))
    bo = await community.person("Bo", address=f"127.0.0.1:{port}", certificate_sha256=shown.sha256)
    await bo.community.refresh()
    await ada.community.refresh()
    direct = DirectConnections(ada.keys)
    letters = Outbox(ada.database, ada.keys, ada.community, now_ms, routes=Routes(direct=direct))
    session = secrets.token_bytes(16)

    async def say(body: bytes) -> None:
        await letters.send(bo.key, session, "invite", body, now_ms() + 60_000)
        await letters.send_waiting()

    await say(b"straight")
    assert (got, direct.delivered, community.waiting()) == ([b"straight"], 1, 0)
    await server.stop(0)
    await say(b"round about")
    assert (got, direct.delivered, community.waiting(bo)) == ([b"straight"], 1, 1)
    arrived.clear()
    running = asyncio.create_task(bo.letters.run({"invite": keep}))
    async with asyncio.timeout(PATIENCE_S):
        await arrived.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert got == [b"straight", b"round about"]
    await direct.close()
