"""Commands that look for something in what the node knows."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weal_node.cli.program import HomeOption, JsonOption, app

if TYPE_CHECKING:  # the command line must start at once
    from weal_node.search.indexing import Progress


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="Words; also tag:x author:x is:x in:mine since:2026-01-31")],
    home: HomeOption = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    way: Annotated[str, typer.Option(help="both, words (faster at the first time) or meaning.")] = "both",
    as_json: JsonOption = False,
) -> None:
    """Search your notes and others' that this node keeps."""
    from weal_node import config
    from weal_node.cli.calling import Calling, call

    asked = {"text": " ".join(words), "limit": limit, "way": way}
    with bar(as_json) as progress:
        answer = call(config.home(home), "search", asked, Calling(progress=progress))
    if as_json:
        typer.echo(json.dumps(answer))
        return
    for hit in answer["hits"]:
        typer.echo(f"{hit['title'] or 'An item of the commons'}  ({hit['name'] or 'you'}, {hit['visibility']})")
        typer.echo(f"    {_line(hit)}")
    if not answer["hits"]:
        typer.echo(f"{answer['said']}." if answer.get("said") else "Nothing found.")


@app.command()
def index(
    home: HomeOption = None,
    again: Annotated[bool, typer.Option("--again", help="Throw the index away first.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the search index up to date while no node runs; a running one does that by itself."""
    from weal_node import config
    from weal_node.app import headless
    from weal_node.app.lock import HomeLock

    place = config.home(home)
    with HomeLock(place, make=False), bar(as_json) as progress:
        total = headless.index(place, again, progress)
    typer.echo(json.dumps({"passages": total}) if as_json else f"{total} passages can be found.")


@app.command()
def draft(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Ask your language models, if you named any, for drafts of proposals; those worth it wait for Today."""
    from weal_node import config
    from weal_node.cli.calling import call

    made = call(config.home(home), "draft", {})
    if as_json:
        typer.echo(json.dumps(made))
        return
    typer.echo(
        f"{made['kept']} new of {made['written']} drafts; {made['refused']} lines did not rest on their sources."
    )
    for fault in made["faults"]:
        typer.echo(f"  {fault}")


@contextmanager
def bar(quiet: bool) -> "Iterator[Progress]":
    """Give one progress bar on standard error, shown only where a person looks."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("Reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=None, visible=False)
        yield lambda done, of_all: bar.update(task, completed=done, total=of_all, visible=True)


def _line(hit: dict[str, Any]) -> str:
    return f"{hit['path']}: {hit['snippet']}" if not hit["author"] else str(hit["snippet"])
