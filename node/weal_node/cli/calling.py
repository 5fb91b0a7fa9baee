"""Do a command of `weal_node.commands`: the node that runs in this home does it, else this process under the home's lock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weal_node.cli.running import TIMEOUT_S, ask

if TYPE_CHECKING:  # the command line must start at once
    from weal_node.config import Home, Settings


@dataclass(frozen=True, slots=True)
class Calling:
    """How a command is done.

    timeout_s: within which a running node must answer.
    settings: where no node runs; else what weal.toml says.
    progress: told how far it is (done, of all) where no node runs.
    """

    timeout_s: float = TIMEOUT_S
    settings: "Settings | None" = None
    progress: Callable[[int, int], None] = lambda _done, _all: None


@dataclass(frozen=True, slots=True)
class CommandReply:
    """What a command returned, and whether a node that runs did it."""

    said: dict[str, Any]
    running: bool


PLAINLY = Calling()


def call(place: "Home", name: str, given: Mapping[str, Any], how: Calling = PLAINLY) -> dict[str, Any]:
    """Do the command of this name and return its answer. given: its arguments, as its function in `weal_node.commands` names them."""
    return answer(place, name, given, how).said


def answer(place: "Home", name: str, given: Mapping[str, Any], how: Calling = PLAINLY) -> CommandReply:
    """Do the command of this name; return its answer, and who gave it."""
    from weal_node.app.lock import HomeLock

    with HomeLock(place, must=False, make=False) as lock:
        if lock.held:
            from weal_node.app import headless

            return CommandReply(headless.perform(place, name, given, how.settings, how.progress), running=False)
    return CommandReply(ask(place, "POST", f"/cli/{name}", dict(given), how.timeout_s), running=True)
