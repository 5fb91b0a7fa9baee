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
from weal_simulations import studies
from weal_simulations.bench import report
from weal_simulations.bench.study import Floor, Study

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
INSTEAD = {"bargaining": "; give --domains for domains of your own"}  # what else a study reads
WITH_OPTIONS = (*ON_DATA, "bargaining", "load")  # those whose commands have options of their own
ALONE = {
    "load": "wants a quiet machine for most of an hour; run it by itself: weal-simulate floors load"
}  # not among all floors
aside = Console(stderr=True, highlight=False)


def run(name: str, seed: int, people: int | None, **more: Any) -> Study:
    """Run one study with a progress bar on stderr."""
    module = importlib.import_module(_module_of(name))
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


def _module_of(name: str) -> str:
    """Return the module of a study: one of its name, in the folder of its subject."""
    (there,) = Path(studies.__path__[0]).glob(f"*/{name}.py")
    return f"{studies.__name__}.{there.parent.name}.{name}"


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
    """Say that a study does not read what --data names, where one was named: the same option may be given to every study."""
    if data is not None and name not in ON_DATA:
        aside.print(f"{name} makes up what it needs: --data is not used here{INSTEAD.get(name, '')}.", soft_wrap=True)


def all_floors(seed: int, data: Path | None, as_json: bool, names: Sequence[str] = ()) -> bool:
    """Run studies at benchmark size, print all floors against their values; return whether all are met. names: only these; else
    all but those that stand ALONE, which are named as left out. A floor that was not measured is listed, and is not met."""
    if names and not set(names) & set(ON_DATA):
        say_unused(" and ".join(names), data)
    left_out = {} if names else ALONE
    run_ones = [name for name in STUDIES if (name in names if names else name not in ALONE)]
    found = [(name, floor) for name in run_ones for floor in _floors_of(name, seed, data)]
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
        lacking: Sequence[Floor] = importlib.import_module("weal_simulations.studies.reward.learning").floors(())
        return lacking
    return run(name, seed, None, **({"data": data} if name in ON_DATA else {})).floors
