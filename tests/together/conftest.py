"""A community's services on a free port, over real TLS, in this process; and people who come to it.

The SuperLink is left out: it is a process of its own, and has tests of its own.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import grpc
import pytest

from weal_coordinator import charters, config, keys, setup
from weal_coordinator.config import Home, Settings
from weal_coordinator.rpc.server import Served, serve
from weal_coordinator.store import invites, mail
from weal_coordinator.store.database import Database as CoordinatorDatabase
from weal_node import keys as keyring
from weal_node.keys import Keys
from weal_node.mail.outbox import Outbox
from weal_node.outbound.channel import pinned_certificate
from weal_node.outbound.community import Community
from weal_node.store.database import Database
from weal_protocol import cards
from weal_protocol.cards import Member
from weal_protocol.invite import Invite


@dataclass
class Person:
    """A member: keys, their connection, their node's database and correspondence."""

    name: str
    keys: Keys
    community: Community
    database: Database
    letters: Outbox

    @property
    def key(self) -> bytes:
        return self.keys.agent_public

    async def close(self) -> None:
        await self.community.close()
        await asyncio.to_thread(self.database.close)


def card_of(own: Keys, name: str, **changes: object) -> bytes:
    """A signed member card."""
    keys_ = (own.agent_public, own.ratification_public, own.seal_public, own.fleet_public)
    member = Member(*keys_, name, "light", 1_700_000_000_000)
    return cards.issue(replace(member, **changes), own.agent)  # type: ignore[arg-type]  # fields of a Member


class CommunityServer:
    """A founded community whose server can be stopped and started, as after a crash or an upgrade."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.place = Home(folder / "community")
        setup.found(self.place, "commons", settings)
        self.settings = settings
        self.people: list[Person] = []
        self.server: Served | None = None

    async def start(self) -> None:
        self.database = CoordinatorDatabase(config.database_url(self.place, self.settings))
        rules = charters.settled(self.place, self.database, setup.now_ms())
        own = setup.own_card(self.place, self.database)
        self.server, port = await serve(self.place, self.settings, rules, self.database, own, setup.now_ms)
        self.settings = replace(self.settings, grpc_port=port)  # the same again after a restart

    async def stop(self) -> None:
        if self.server is not None:
            await self.server.stop(0)
            self.server = None
            self.database.close()

    def invite(self) -> Invite:
        code = secrets.token_urlsafe(18)
        with self.database.write() as connection:
            invites.add(connection, [code], setup.now_ms())
        where = f"127.0.0.1:{self.settings.grpc_port}"
        coordinator = keys.load(self.place).agent_public.hex()
        return Invite("commons", where, where, keys.fingerprint(self.place).hex(), coordinator, code)

    async def person(self, name: str, **changes: object) -> Person:
        """Let someone new join, with these changes to their card."""
        own, given = keyring.new(), self.invite()
        folder = self.folder / name
        await Community.join(given, own, card_of(own, name, **changes), folder)
        community = Community.open(folder, own)
        database = Database(folder / "node.db")
        someone = Person(name, own, community, database, Outbox(database, own, community, setup.now_ms))
        self.people.append(someone)
        return someone

    async def channel(self) -> grpc.aio.Channel:
        """A bare connection that trusts the certificate, for whoever is not a well-behaved node."""
        pem = (await asyncio.to_thread(pinned_certificate, self.invite())).strip()
        options = (("grpc.ssl_target_name_override", "localhost"), ("grpc.max_send_message_length", -1))
        address = f"127.0.0.1:{self.settings.grpc_port}"
        return grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(pem), options=options)

    def waiting(self, who: Person | None = None) -> int:
        """How many letters wait, for one or for everyone."""
        with self.database.read() as connection:
            return len(mail.fetch(connection, who.key, 1_000)) if who else mail.waiting(connection)


@pytest.fixture
async def community(tmp_path: Path) -> AsyncIterator[CommunityServer]:
    """A community of which five letters fill a mailbox."""
    found = CommunityServer(tmp_path, Settings(grpc_port=0, mail_limit=5))
    await found.start()
    yield found
    for someone in found.people:
        await someone.close()
    await found.stop()
