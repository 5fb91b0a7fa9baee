"""Stand-ins for a community: its coordinator is another process, and takes seconds to start."""

from collections.abc import Awaitable, Callable, Mapping
from types import SimpleNamespace
from typing import Any

from weal_node.errors import CommunityError
from weal_protocol.record import Record


class Commons:
    """Keeps what is published. names: its members', by agent key in hex.

    away: it cannot be reached.  lost_answers: how often it takes what came and its answer is lost.  meanwhile: awaited when something has come.
    """

    id = "c" * 64

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self.names = names or {}
        self.came: list[Record] = []
        self.away = False
        self.lost_answers = 0
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def publish(self, given: list[Record]) -> int:
        """Take these; return where the log stands."""
        if self.away:
            raise CommunityError("the community cannot be reached")
        self.came += given
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.lost_answers:
            self.lost_answers -= 1
            raise CommunityError("the community does not answer")
        return len(self.came)

    async def records(self, after: int) -> tuple[list[Record], int]:
        """Return what came after a place in the log, and where it stands."""
        return self.came[after:], len(self.came)

    def name_of(self, key: bytes) -> str:
        """A member's name."""
        return self.names[key.hex()]

    def members(self) -> list[Any]:
        """Everyone, known by their keys."""
        return [SimpleNamespace(agent_key=bytes.fromhex(key)) for key in self.names]


class Directory:
    """Knows who is a member, and who was. looked: how often it was asked for what is new."""

    def __init__(self, *keys: bytes) -> None:
        self.keys = set(keys)
        self.looked = 0

    def was_member(self, agent_key: bytes) -> bool:
        """Whether this key is or was a member's."""
        return agent_key in self.keys

    is_member = was_member

    async def member(self, agent_key: bytes) -> None:
        """Nothing, of a member; CommunityError for a stranger."""
        if agent_key not in self.keys:
            raise CommunityError("this key belongs to no member")

    async def refresh(self) -> None:
        """Count it."""
        self.looked += 1
