"""A node that answers other members' nodes directly, where its settings say so; behind a NAT it need not."""

import asyncio
from collections.abc import Sequence

from weal_node import certificate
from weal_node.app.clock import now_ms
from weal_node.config import Home, Settings
from weal_node.federation.membership import Whereabouts
from weal_node.outbound.community import Community
from weal_node.rpc.server import Service, serve


class Peers:
    """The server and where it is found. `at` is None where it shall run and does not: the card stays as it is then."""

    def __init__(self, place: Home, settings: Settings, community: Community, services: Sequence[Service]) -> None:
        self._place = place
        self._settings = settings
        self._community = community
        self._services = services
        self.at: Whereabouts | None = None if settings.peer_listen else Whereabouts()

    async def run(self) -> None:
        """Answer until cancelled."""
        shown = await asyncio.to_thread(certificate.at, self._place.keys, now_ms())
        server, port = await serve(self._settings.peer_listen, shown, self._community, self._services)
        host, _, _ = self._settings.peer_listen.rpartition(":")
        self.at = Whereabouts(self._settings.peer_address or f"{host}:{port}", shown.sha256)
        try:
            await server.wait_for_termination()
        finally:
            self.at = None
            await server.stop(0)
