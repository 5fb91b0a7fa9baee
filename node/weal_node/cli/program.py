"""`weal` as a program: its options, and how a fault is said. Heavy imports stand inside the commands: help comes at once."""

import io
import sqlite3
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from click import Context
from typer.core import TyperGroup

from weal_node.errors import hardship, reason
from weal_protocol.errors import WealError

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", envvar="WEAL_HOME", help="Where the node lives; else the platform's data folder."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

FIRST = (
    "up",
    "init",
    "login",
    "doctor",
    "note",
    "today",
    "ask",
    "search",
    "import",
    "join",
    "tier",
    "leave",
    "off",
    "on",
)


class Commands(TyperGroup):
    """The commands, those that a newcomer needs before the others."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Return their names as help lists them."""
        return sorted(self.commands, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


app = typer.Typer(
    name="weal",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},  # of every command: they take it over
)


def say_anything() -> None:
    """Let no letter of a note stop a command where the terminal has no such letter: it is shown by its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"weal {metadata.version('weal')}")
        raise typer.Exit


@app.callback()
def weal(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """One person's node: a vault of notes, a private reward model, an agent that looks for deals in which everyone gains."""


def run(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status; a named fault is said in two lines."""
    say_anything()
    try:
        result = app(arguments, standalone_mode=False)
    except WealError as fault:
        typer.echo(f"weal: {fault.what}", err=True)
        if fault.hint:
            typer.echo(f"      {fault.hint}", err=True)
        return 1
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("weal: stopped, nothing was done", err=True)
        return 1
    except (OSError, sqlite3.Error) as fault:
        if (named := hardship(fault)) is not None:
            typer.echo(f"weal: {named.what}", err=True)
            typer.echo(f"      {named.hint}", err=True)
            return 1
        if not isinstance(fault, OSError) or not fault.filename:
            raise
        typer.echo(f"weal: {fault.filename} cannot be used: {reason(fault)}", err=True)
        typer.echo("      See whether it is there and yours to write, or name another file or folder", err=True)
        return 1
    except Exception as fault:
        if hasattr(fault, "show") and hasattr(fault, "exit_code"):  # click's own faults about the arguments
            fault.show()
            return int(fault.exit_code)
        raise
    return int(result) if isinstance(result, int) else 0
