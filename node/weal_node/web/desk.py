"""What the pages act on: one object, built by the app and passed in."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from weal_node.assistant.model_calls import Models
from weal_node.commons.contributions import BuildOn
from weal_node.config import Home, Settings
from weal_node.deals.deals import Deals
from weal_node.errors import RefusedError
from weal_node.federation.membership import JoinRequest
from weal_node.importing.job import Importing
from weal_node.importing.triage import Sifting
from weal_node.mind.edits import Edits
from weal_node.mind.mind import Mind
from weal_node.outbound.community import Community
from weal_node.rereading.rereading import Rereading
from weal_node.search.service import Search
from weal_node.store.database import Database
from weal_node.today.interruption import NO_QUIET, Quiet
from weal_node.upkeep.supervisor import Supervisor
from weal_node.vault.folder import Vault
from weal_node.web.door.login import Login
from weal_node.web.tray import Tray
from weal_protocol.cards import Member

PATIENCE_S = 30.0  # how long a page waits for the agent to have read its first statements


@dataclass(frozen=True, slots=True)
class Joined:
    """What there is only after joining a community."""

    name: str
    own_key: str  # hex agent key
    community: Community
    bargaining: Deals
    building: BuildOn

    def invitable(self) -> list[Member]:
        """Return the members to whom a deal can be proposed, by name."""
        besides = {self.own_key, self.community.coordinator.hex()}
        return [member for member in self.community.members() if member.agent_key.hex() not in besides]


@dataclass(slots=True)
class Desk:
    """The node as its pages see it. `joined` and `paused` change while it runs."""

    home: Home
    settings: Settings
    login: Login
    database: Database
    vault: Vault
    mind: Mind
    search: Search
    rereading: Rereading
    models: Models
    control: Edits
    watch: Supervisor
    importing: Importing
    sifting: Sifting
    own_key: str  # hex agent key
    now_ms: Callable[[], int]
    rng: random.Random
    join: Callable[[JoinRequest], Awaitable[str]]  # returns the community's name
    leave: Callable[[], Awaitable[str]]  # returns the name of the community that was left
    pause: Callable[[bool], Awaitable[None]]
    quiet: Quiet = NO_QUIET
    joined: Joined | None = None
    paused: bool = False
    principle_dismissed: bool = False
    tray: Tray = field(default_factory=Tray)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def minded(self) -> Mind:
        """Return the mind once it can judge; RefusedError when that takes too long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ready.wait(), PATIENCE_S if not self.fault() else 0.1)
        if not self.ready.is_set():
            raise RefusedError(
                f"your agent cannot judge yet: {self.fault() or 'it is still reading its first statements'}",
                "Load the page again soon; `weal doctor` says more",
            )
        return self.mind

    def fault(self) -> str:
        """Return what went wrong in background work that waits to be tried again; "" when nothing did."""
        for work in self.watch.standing():
            if work.state == "waiting":
                return work.last_fault
        return ""

    def names(self) -> dict[str, str]:
        """Return what members are called, by hex agent key; empty before joining."""
        members = self.joined.community.members() if self.joined else ()
        return {member.agent_key.hex(): member.name for member in members}

    def community(self) -> Joined:
        """Return the joined community; RefusedError before."""
        if self.joined is None:
            raise RefusedError("this node has not joined a community", "Ask for an invite, then: weal join INVITE")
        return self.joined

    def check_not_paused(self) -> None:
        """Refuse what would send something while everything is paused."""
        if self.paused:
            raise RefusedError("everything is paused: nothing leaves this node", "Resume on the Privacy page")
