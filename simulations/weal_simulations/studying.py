"""Running studies from the command line: a progress bar, a table or one JSON object, a report; and all floors at once."""

import importlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from weal_protocol.errors import WealError
from weal_simulations import report
from weal_simulations.study import Floor, Study

STUDIES = {
    "learning": "How well are unseen people predicted from k answers, against five baselines?",
    "queries": "How fast do questions find the best, and what do they teach?",
    "drift": "Does the agent follow a person who changes, and what does watching for it cost?",
    "goodhart": "Does choosing harder by a learnt score make the person worse off?",
    "universes": "In which universe is the person happier: their own, the agent's, or with foresight alone?",
    "gate": "Is the agent silent until it understands, and worth it when it speaks?",
    "principles": "What is a stated principle worth in answers, and what does a wrong one cost?",
    "control": "Are edits, undo, forgetting and explanations exact?",
    "latency": "How long from a gesture to a page that knows of it?",
    "discovery": "Are proposals both welcome and new?",
    "commons": "Do bridges and matches tie what belongs together?",
    "search": "How fast is search over 50,000 notes, and what does it cost in memory?",
    "federation": "What does privacy cost a community in accuracy for people nobody has met?",
    "audit": "Does the federation keep the epsilon that its accountant claims?",
    "scan": "What does the scan before publication find, and how often does it stop ordinary talk?",
    "kills": "Does kill -9 lose a note that was acknowledged?",
    "sync": "How fast do records come in, do copies converge, and how fast is a topic's page over 50,000 notes?",
    "bargaining": "How good are the deals that agents find, and what do they tell each other?",
    "liars": "What does lying gain, and what does it cost whoever is lied to?",
    "barter": "Are chains of help found, fast and nearly as good as could be?",
    "load": "What do rounds, and members who only wait, cost a coordinator?",
    "poison": "What can members who lie do to everyone else, and which defence costs how much?",
    "wire": "What becomes of deals on a wire that is against them, and how fast are they on one that is not?",
}
TIERS = ("light", "factors", "label-private")  # that `federation` compares
ON_DATA = ("learning", "federation")  # those that read a folder of real opinions
WITH_OPTIONS = (*ON_DATA, "bargaining", "load")  # those whose commands have options of their own
ALONE = ("load",)  # wants a quiet machine for most of an hour: not among all floors at once
aside = Console(stderr=True, highlight=False)


def run(name: str, seed: int, people: int | None, **more: Any) -> Study:
    """Run one study with a progress bar on stderr."""
    module = importlib.import_module(f"weal_simulations.studies.{name}")
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
    """Return a table of promises against what was measured."""
    table = Table("floor", "value", "promised", "met")
    for floor in floors:
        sign = "at least" if floor.at_least else "at most"
        table.add_row(
            floor.name, f"{floor.value:.4g}", f"{sign} {floor.floor:g}", "yes" if floor.met else "[red]NO[/red]"
        )
    return table


def all_floors(seed: int, data: Path | None, as_json: bool, pick: Callable[[str], bool] = lambda _: True) -> bool:
    """Run every study at benchmark size, print all floors against their values; return whether all are met."""
    found: list[tuple[str, Floor]] = []
    for name in STUDIES:
        if pick(name) and name not in ALONE:
            more = {"data": data} if name in ON_DATA else {}
            found += [(name, floor) for floor in run(name, seed, None, **more).floors]
    met = all(floor.met for _, floor in found)
    if as_json:
        listed = [{"study": name, **floor.as_json()} for name, floor in found]
        typer.echo(json.dumps({"seed": seed, "floors": listed, "met": met}))
    else:
        Console(highlight=False).print(floors_table([floor for _, floor in found]))
    return met
