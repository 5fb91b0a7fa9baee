"""A community of members who copy records: coordinator and nodes in one process, over real servers and TLS."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_coordinator import config, setup
from weal_coordinator import keys as coordinator_keys
from weal_coordinator.community import charter
from weal_coordinator.rpc.server import serve as serve_community
from weal_coordinator.store import invites, members, records
from weal_coordinator.store.database import Database as CoordinatorDatabase
from weal_node import certificate, keys
from weal_node.commons.reconcile import Puller
from weal_node.commons.serving import Replica
from weal_node.outbound.community import Community
from weal_node.outbound.peer import Peer
from weal_node.rpc import record_sync
from weal_node.rpc.server import serve as serve_peers
from weal_node.store.database import Database
from weal_protocol import cards
from weal_protocol.invite import Invite
from weal_protocol.record import Record


@dataclass
class SyncNode:
    """A node's keys, copy and connection."""

    keys: keys.Keys
    database: Database
    community: Community
    puller: Puller


async def answering(folder: Path, node: SyncNode, caller: SyncNode) -> tuple[Peer, Callable[[], Awaitable[None]]]:
    """Let a node answer directly; return the caller's connection to it and what ends both."""
    shown = certificate.at(folder, 1_764_000_000_000)
    await node.community.refresh()
    server, port = await serve_peers(
        "127.0.0.1:0", shown, node.community, (record_sync.service(Replica(node.database), node.community),)
    )
    shown_card = card(node.keys, "peer", f"127.0.0.1:{port}", shown.sha256)
    peer = await Peer.reach(cards.read(shown_card), caller.keys)

    async def stop() -> None:
        await peer.close()
        await server.stop(0)

    return peer, stop


@dataclass
class SyncCommunity:
    """A community whose coordinator answers on a free port."""

    place: config.Home
    database: CoordinatorDatabase
    port: int

    def take(self, made: Sequence[Record]) -> None:
        """Keep records as if their authors had published them."""
        with self.database.write() as connection:
            for published in made:
                records.add(connection, published, "")

    @contextlib.asynccontextmanager
    async def node(self, folder: Path) -> AsyncIterator[SyncNode]:
        """A member with an empty copy."""
        own = keys.new()
        folder.mkdir()  # noqa: ASYNC240 -- once, at the start
        code = secrets.token_urlsafe(16)
        with self.database.write() as connection:
            invites.add(connection, [code], setup.now_ms())
        where, coordinator = f"127.0.0.1:{self.port}", coordinator_keys.load(self.place).agent_public.hex()
        invite = Invite("sync", where, where, coordinator_keys.fingerprint(self.place).hex(), coordinator, code)
        await Community.join(invite, own, card(own, folder.name), folder)
        community, database = Community.open(folder, own), Database(folder / "node.db")
        await community.refresh()
        try:
            yield SyncNode(own, database, community, Puller(database, community, own.agent_public))
        finally:
            await community.close()
            await asyncio.to_thread(database.close)


@contextlib.asynccontextmanager
async def community(folder: Path, authors: Sequence[Ed25519PrivateKey]) -> AsyncIterator[SyncCommunity]:
    """Found one in this folder, with these authors as members, for as long as the `with` lasts."""
    place, settings = config.Home(folder), config.Settings(grpc_port=0)
    setup.found(place, "sync", settings)
    database = CoordinatorDatabase(config.database_url(place, settings))
    with database.write() as connection:
        for number, author in enumerate(authors):
            own = keys.Keys(
                author, Ed25519PrivateKey.generate(), keys.new().seal, ec.generate_private_key(ec.SECP384R1())
            )
            members.add(connection, own.agent_public, card(own, f"author {number}"), setup.now_ms())
    rules = charter.read(place.charter.read_text())
    own_card = setup.own_card(place, database)
    server, port = await serve_community(place, settings, rules, database, own_card, setup.now_ms)
    try:
        yield SyncCommunity(place, database, port)
    finally:
        await server.stop(0)
        database.close()


def card(own: keys.Keys, name: str, address: str = "", sha256: bytes = b"") -> bytes:
    """Return a signed member card."""
    public = (own.agent_public, own.ratification_public, own.seal_public, own.fleet_public)
    return cards.issue(cards.Member(*public, name, "none", setup.now_ms(), address, sha256), own.agent)
