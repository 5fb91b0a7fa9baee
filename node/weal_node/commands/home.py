"""What a home offers to a command, whether a node runs in it or not."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from weal_node.assistant.model_calls import Models
from weal_node.config import Home, Settings
from weal_node.deals.views import DealView
from weal_node.errors import NodeError
from weal_node.federation.membership import JoinRequest
from weal_node.importing.job import Importing
from weal_node.mind.mind import Mind
from weal_node.rereading.rereading import Rereading
from weal_node.search.service import Search
from weal_node.store.database import Database
from weal_node.today.interruption import Quiet
from weal_node.vault.folder import Vault

Command = Callable[..., Awaitable[dict[str, Any]]]  # of HomeServices and the command's own arguments by name


@dataclass(frozen=True, slots=True)
class RunningNode:
    """What only a running node has.

    new_link: makes a login link, after ending every session (first) or taking another address (second) where that is wanted.
    check_not_paused: refuses what would send something while everything is paused.
    """

    models: Models
    importing: Importing
    new_link: Callable[[bool, bool], str]
    check_not_paused: Callable[[], None]


@dataclass(frozen=True, slots=True)
class HomeServices:
    """A home as commands see it. What costs something to have, or can fail, is had by calling for it.

    alone: whether the home is in no community.
    settings: NodeError where weal.toml cannot be read.
    own_key: hex agent key.
    mind: once it can judge; RefusedError where that takes too long.
    search: over an index that knows what is there now.
    rereading: what is found in the person's own notes.
    deals: as their person sees them; None where the home is in no community.
    join, leave: return the community's name.
    recover: mends in the vault what a killed node left, where no node runs.
    live_mind: the running node's, whether it can judge yet or not; None where no node runs.
    running: None where no node runs.
    """

    place: Home
    database: Database
    vault: Vault
    now_ms: Callable[[], int]
    alone: bool
    settings: Callable[[], Settings]
    own_key: Callable[[], str]
    quiet: Callable[[], Quiet]
    mind: Callable[[], Awaitable[Mind]]
    search: Callable[[], Awaitable[Search]]
    rereading: Rereading
    deals: Callable[[], Awaitable[Sequence[DealView] | None]]
    join: Callable[[JoinRequest], Awaitable[str]]
    leave: Callable[[], Awaitable[str]]
    recover: Callable[[], object]
    live_mind: Mind | None = None
    running: Callable[[], RunningNode] | None = None

    def node(self) -> RunningNode:
        """Return what only a running node has; NodeError where none runs."""
        if self.running is None:
            raise NodeError("the node is not running", "Start it: weal up")
        return self.running()

    async def learning_mind(self) -> Mind | None:
        """Return the mind that must hear of a change at once; None where no node runs, whose mind reads at its start what is stored."""
        return await self.mind() if self.live_mind is not None else None
