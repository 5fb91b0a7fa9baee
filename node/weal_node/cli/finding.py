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
    from urllib.parse import urlencode

    from weal_node import config
    from weal_node.app.find import search_now
    from weal_node.app.lock import HomeLock
    from weal_node.cli.running import ask

    place = config.home(home)
    asked = " ".join(words)
    with HomeLock(place, must=False, make=False) as lock:
        if lock.held:
            with _bar(as_json) as progress:
                found = search_now(place, asked, limit, way, progress)
        else:
            found = ask(place, "GET", f"/api/search?{urlencode({'q': asked, 'limit': limit, 'way': way})}")
    if as_json:
        typer.echo(json.dumps(found))
        return
    for hit in found["hits"]:
        typer.echo(f"{hit['title'] or 'An item of the commons'}  ({hit['name'] or 'you'}, {hit['visibility']})")
        typer.echo(f"    {_line(hit)}")
    if not found["hits"]:
        typer.echo(f"{found['said']}." if found.get("said") else "Nothing found.")


@app.command()
def index(
    home: HomeOption = None,
    again: Annotated[bool, typer.Option("--again", help="Throw the index away first.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the search index up to date while no node runs; a running one does that by itself."""
    from weal_node import config
    from weal_node.app.find import index_now
    from weal_node.app.lock import HomeLock

    place = config.home(home)
    with HomeLock(place, make=False), _bar(as_json) as progress:
        total = index_now(place, again, progress)
    typer.echo(json.dumps({"passages": total}) if as_json else f"{total} passages can be found.")


@app.command()
def draft(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Ask your language models, if you named any, for drafts of proposals; those worth it wait for Today."""
    from weal_node import config
    from weal_node.app.lock import HomeLock
    from weal_node.cli.running import ask
    from weal_node.errors import NodeError

    place = config.home(home)
    with HomeLock(place, must=False, make=False) as lock:
        if lock.held:
            raise NodeError("the node is not running", "Start it: weal up")
        found = ask(place, "POST", "/cli/draft", {})
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(
        f"{found['kept']} new of {found['written']} drafts; {found['refused']} lines did not rest on their sources."
    )
    for fault in found["faults"]:
        typer.echo(f"  {fault}")


@contextmanager
def _bar(quiet: bool) -> "Iterator[Progress]":
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
