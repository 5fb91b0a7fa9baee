"""compose.yaml is well formed, and every command it calls exists with these options. No engine is needed."""

import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import typer.main
import yaml

from weal_coordinator.__main__ import app as coordinator
from weal_node.__main__ import app as node

TOP = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((TOP / "compose.yaml").read_text())
PROGRAMS = {"weal": node, "weal-coordinator": coordinator}


def calls(command: list[str]) -> list[list[str]]:
    """The program calls in a compose command, which is either one call or `sh -c` with several."""
    if command[:2] == ["sh", "-c"]:
        parts = command[2].replace("&&", ";").replace("||", ";").split(";")
        return [
            words for part in parts if (words := [w for w in shlex.split(part) if w != "exec"]) and words[0] in PROGRAMS
        ]
    return [command]


def test_a_coordinator_and_three_nodes() -> None:
    assert set(COMPOSE["services"]) == {"coordinator", "node-1", "node-2", "node-3"}


@pytest.mark.parametrize("service", sorted(COMPOSE["services"]))
def test_the_commands_exist(service: str) -> None:
    found = calls(COMPOSE["services"][service]["command"])
    assert found
    for words in found:
        group = typer.main.get_command(PROGRAMS[words[0]])
        assert isinstance(group, click.Group)
        command = group.commands[words[1]]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words[2:] if word.startswith("--")} <= known


@pytest.mark.parametrize("service", sorted(COMPOSE["services"]))
def test_the_build_files_exist(service: str) -> None:
    build = COMPOSE["services"][service]["build"]
    assert (TOP / build["context"] / build["dockerfile"]).is_file()
