"""Running studies from the command line: a progress bar, a table or one JSON object, a report; and all floors at once."""

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from weal_protocol.errors import WealError
from weal_simulations.bench import catalogue, report
from weal_simulations.bench.study import Floor, Study

aside = Console(stderr=True, highlight=False)


def run(name: str, seed: int, people: int | None, **more: Any) -> Study:
    """Run one study with a progress bar on stderr."""
    module = importlib.import_module(catalogue.entries()[name].module)
    bar = Progress(
        TextColumn(name), BarColumn(), TimeRemainingColumn(), TextColumn("{task.description}"), console=aside
    )
    with bar:
        task = bar.add_task("", total=1.0)
        said = ""

        def tell(share: float, text: str) -> None:
            nonlocal said
            bar.update(task, completed=share, description=text)
            if not aside.is_terminal and text != said:  # a bar is drawn on terminals alone; a log gets a line a step
                aside.print(f"{name} {share:4.0%} {text}", soft_wrap=True)
            said = text

        found: Study = module.run(seed, people or module.PEOPLE, tell, **more)
    return found


def show(found: Study, as_json: bool, target: Path | None) -> None:
    """Print a study, as a table or as one JSON object, and write its report when asked to."""
    if target is not None:
        try:
            target.write_text(report.page(found), encoding="utf-8")
        except OSError as fault:
            raise WealError(f"the report cannot be written: {fault}", "Name a file in a folder that exists") from fault
    if as_json:
        typer.echo(json.dumps(found.as_json()))
        return
    console = Console(highlight=False)
    for keys, rows in report.groups(found.rows).items():
        table = Table(*keys)
        for one in rows:
            table.add_row(*(report.cell(one, key) for key in keys))
        console.print(table)
    if found.floors:
        console.print(floors_table(found.floors))


def floors_table(floors: Sequence[Floor]) -> Table:
    """Return a table of promises against what was measured, and of those that were not measured."""
    table = Table("floor", "value", "promised", "met")
    for floor in floors:
        value, promised, met = report.standing(floor)
        table.add_row(escape(floor.name), value, promised, met if floor.met else f"[red]{escape(met)}[/red]")
    return table


def say_unused(name: str, data: Path | None) -> None:
    """Say that a study does not read what --data names, where one was named: the same option may be given to every study.
    name: of a study, or of several."""
    entry = catalogue.entries().get(name)
    if data is not None and not (entry and "data" in entry.options):
        instead = entry.instead if entry else ""
        aside.print(f"{name} makes up what it needs: --data is not used here{instead}.", soft_wrap=True)


def all_floors(seed: int, data: Path | None, as_json: bool, names: Sequence[str] = ()) -> bool:
    """Run studies at benchmark size, print all floors against their values; return whether all are met. names: only these; else
    all but those that stand ALONE, which are named as left out. A floor that was not measured is listed, and is not met."""
    entries = catalogue.entries()
    if names and not any("data" in entries[name].options for name in names):
        say_unused(" and ".join(names), data)
    left_out = {} if names else {entry.name: entry.alone for entry in entries.values() if entry.alone}
    wanted = [name for name in entries if (name in names if names else name not in left_out)]
    found = [(name, floor) for name in wanted for floor in _floors_of(name, seed, data)]
    met = all(floor.met for _, floor in found)
    if as_json:
        listed = [{"study": name, **floor.as_json()} for name, floor in found]
        typer.echo(json.dumps({"seed": seed, "floors": listed, "left_out": left_out, "met": met}))
        return met
    console = Console(highlight=False)
    console.print(floors_table([floor for _, floor in found]))
    for name, why in left_out.items():
        console.print(f"Left out: {name} {why}", soft_wrap=True)
    return met


def _floors_of(name: str, seed: int, data: Path | None) -> Sequence[Floor]:
    if name == "learning" and data is None:  # all that is promised there is about real people: minutes for nothing
        lacking: Sequence[Floor] = importlib.import_module("weal_simulations.studies.reward.promises").floors((), "")
        return lacking
    return run(name, seed, None, **({"data": data} if "data" in catalogue.entries()[name].options else {})).floors
