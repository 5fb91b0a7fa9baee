"""Every command that a home answers, by name. A running node answers it at /cli/NAME, `weal` itself where no node runs."""

import inspect
from collections.abc import Mapping
from typing import Any

from weal_node.commands import agent, asking, community, looking, notes
from weal_node.commands.home import Command, HomeServices
from weal_node.errors import NotFoundError
from weal_protocol.errors import WealError

COMMANDS: Mapping[str, Command] = {
    **notes.COMMANDS,
    **community.COMMANDS,
    **agent.COMMANDS,
    **looking.COMMANDS,
    **asking.COMMANDS,
}


async def perform(home: HomeServices, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Do what a command does and return its answer, which JSON can say. WealError for arguments that it does not take."""
    command = COMMANDS.get(name)
    if command is None:
        raise NotFoundError(f"there is no command {name[:40]!r}", "See `weal --help`")
    return await command(home, **arguments(command, given))


def arguments(command: Command, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given as the arguments that the command declares; WealError where one is missing or of another type.
    What it does not declare is left out: a newer `weal` may say more than this node knows."""
    declared = [*inspect.signature(command).parameters.values()][1:]
    for parameter in declared:
        if parameter.name not in given:
            if parameter.default is parameter.empty:
                raise WealError(f"{parameter.name} is missing", "See `weal --help`")
        elif not _is(given[parameter.name], parameter.annotation):
            raise WealError(f"{parameter.name} is not what it should be", "See `weal --help`")
    return {parameter.name: given[parameter.name] for parameter in declared if parameter.name in given}


def _is(value: object, kind: Any) -> bool:
    """Whether a value that JSON said is of the declared type: str, bool, int, those or None, or list[str]."""
    if kind == list[str]:
        return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    if isinstance(value, bool):  # which Python calls an int
        return kind is bool
    return isinstance(value, kind)
