"""A study's command: the options of every study, and those that its module declares."""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from weal_simulations.bench.catalogue import Entry

KINDS: Mapping[str, Any] = {
    "int": int | None,
    "float": float | None,
    "floats": list[float] | None,
    "texts": list[str] | None,
    "path": Path | None,
    "flag": bool,
}

SeedOption = Annotated[int, typer.Option(help="Decides every person, split and answer; floors are reported on 1")]
PeopleOption = Annotated[int | None, typer.Option(min=2, help="How many people; the benchmark's number by default")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object")]
ReportOption = Annotated[Path | None, typer.Option(help="Write a page with tables and plots to this file")]
DataOption = Annotated[Path | None, typer.Option(help="A Polis export, or a folder with items.csv and choices.csv")]
UnusedDataOption = Annotated[
    Path | None, typer.Option("--data", help="Not used by this study, which makes up what it needs")
]


def command(entry: Entry, act: Callable[[dict[str, Any]], None]) -> Callable[..., None]:
    """Return what typer makes a command of: it calls `act` with every option by name, None where it was not given."""
    parameters = [_own(name, said) for name, said in entry.options.items()]
    if "data" not in entry.options:
        parameters.append(_parameter("data", UnusedDataOption, None))
    parameters += [
        _parameter("seed", SeedOption, 1),
        _parameter("people", PeopleOption, None),
        _parameter("as_json", JsonOption, False),
        _parameter("report", ReportOption, None),
    ]

    def run(**given: Any) -> None:
        act(given)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _own(name: str, said: Mapping[str, Any]) -> inspect.Parameter:
    kind: Any = KINDS[said["kind"]]
    option = typer.Option(
        said.get("option", f"--{name}"), min=said.get("least"), max=said.get("most"), help=said["help"]
    )
    default = False if said["kind"] == "flag" else None
    return _parameter(name, Annotated[kind, option], default)


def _parameter(name: str, annotation: Any, default: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
