"""Commands that bring notes in: `weal import`, planned first, with a progress bar; Ctrl-C stops it, the same again goes on."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weal_node.cli.program import HomeOption, app

if TYPE_CHECKING:
    from weal_node.config import Home

POLL_S = 0.3
HERE = "A folder, an Obsidian vault, a ChatGPT or Claude export, USER.md, MEMORY.md."


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to bring, and how far to go. quiet: print nothing and ask nothing, so that without `yes` it is a plan."""

    where: Path
    into: str = ""
    plan_only: bool = False
    yes: bool = False
    quiet: bool = False


@app.command("import")
def bring_in(
    place: Annotated[Path, typer.Argument(help=HERE)],
    home: HomeOption = None,
    into: Annotated[str, typer.Option(help="A folder of the vault; else one named like the source.")] = "",
    plan: Annotated[bool, typer.Option("--plan", help="Only say what would be done.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object; without --yes the plan.")] = False,
) -> None:
    """Import notes. They stay private until you say who may read them; the same import again brings only what is new."""
    from weal_node import config
    from weal_node.app.lock import HomeLock

    there = config.home(home)
    wish = ImportRequest(place.expanduser().absolute(), into, plan, yes, as_json)
    with HomeLock(there, must=False, make=False) as lock:
        done = here(there, wish) if lock.held else ask_node(there, wish)
        running = not lock.held
    if as_json:
        typer.echo(json.dumps(done))
    else:
        say(there, done, running)
    if done["state"] == "failed":
        raise typer.Exit(1)


def check(wish: ImportRequest) -> None:
    """Refuse, before anything is done, a source that is none; the error says what can be one."""
    from weal_node.vault import sources

    sources.recognise(wish.where)


def here(place: "Home", wish: ImportRequest) -> dict[str, Any]:
    """Import while no node runs; the caller holds the lock. Return how it stands, as `ImportState.as_json`."""
    import contextlib

    from weal_node.app.clock import now_ms
    from weal_node.commons import review
    from weal_node.importing import job
    from weal_node.store.database import Database
    from weal_node.vault import history
    from weal_node.vault.folder import Vault

    source = job.ChosenSource(str(wish.where), wish.into)
    with contextlib.closing(Database(place.database)) as database:
        history.recover(place.vault)
        vault = Vault(place.vault, database.read_now(review.rules))
        with bar("look", 0, wish.quiet) as show:

            def looked(done: int, total: int) -> bool:
                show(done, total)
                return True

            planned = job.look(database, vault, source, looked)
            show(planned.total, planned.total)
        plan = planned.plan
        if plan is None or not _agreed(job.plan_json(plan), wish):
            return planned.as_json()
        with bar("import", plan.total, wish.quiet) as show, _interrupted() as stopping:

            def seen(done: int, total: int) -> bool:
                show(done, total)
                return not stopping.is_set()

            return asyncio.run(job.bring_planned(database, vault, now_ms(), source, plan, seen)).as_json()


@contextmanager
def _interrupted() -> Iterator[threading.Event]:
    """Give what Ctrl-C sets: the batch that is being written is written to its end."""
    import signal

    stopping = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stopping.set())
    try:
        yield stopping
    finally:
        signal.signal(signal.SIGINT, before)


def ask_node(place: "Home", wish: ImportRequest) -> dict[str, Any]:
    """Let the running node import."""
    from weal_node.cli.running import ask

    def until(state: str, show: Any) -> dict[str, Any]:
        while (now := ask(place, "GET", "/api/import"))["state"] == state:
            show(now["done"], now["total"])
            time.sleep(POLL_S)
        if now["state"] in ("planned", "done"):
            show(now["total"], now["total"])  # the last look was a moment ago
        return now

    def stop() -> None:
        ask(place, "POST", "/cli/import", {"act": "stop"})

    ask(place, "POST", "/cli/import", {"act": "plan", "place": str(wish.where), "into": wish.into})
    try:
        with bar("look", 0, wish.quiet) as show:
            now = until("planning", show)
        if now["state"] != "planned" or not _agreed(now["plan"], wish):
            stop()
            return now
    except (KeyboardInterrupt, typer.Abort):
        stop()
        raise
    ask(place, "POST", "/cli/import", {"act": "start"})
    with bar("import", now["total"], wish.quiet) as show:
        try:
            return until("running", show)
        except KeyboardInterrupt:
            stop()
            return until("running", show)


def say(home: "Home", done: dict[str, Any], running: bool) -> None:
    """Say what came of an import, and what waits for its person where."""
    from weal_node.cli.running import page

    for name, why in done["refused"]:
        typer.echo(f"Not taken: {name}: {why}")
    if done["state"] == "failed":
        typer.echo(done["fault"], err=True)
    if done["state"] not in ("done", "stopped"):
        return
    written, lines = done["written"], done["principles"]
    rest = ", then stopped: the same command goes on." if done["state"] == "stopped" else "."
    along = f", {done['files']} file{'' if done['files'] == 1 else 's'} with them" if done.get("files") else ""
    typer.echo(f"{written} note{'' if written == 1 else 's'} imported{along}{rest}")
    if written:
        typer.echo("Private until you say who may read them.")
    if lines:
        typer.echo(
            f"{lines} line{' waits' if lines == 1 else 's wait'} as candidate principles: none counts until you say so."
        )
    if written or lines:
        typer.echo(f"Say it here: {page(home, '/notes/review', running)}")


def _agreed(plan: dict[str, Any], wish: ImportRequest) -> bool:
    if wish.quiet:
        return wish.yes and not wish.plan_only
    typer.echo(
        f"{plan['kind']}: {plan['new']} new notes, {plan['changed']} changed, {plan['known']} known already"
        + (f", into {plan['into']}/" if plan["into"] else "")
    )
    typer.echo(
        f"{plan['flagged']} may give something away, {plan['refused']} cannot be taken, {plan['candidates']} lines may be principles"
    )
    for name, what in [*plan["flagged_names"][:20], *plan["refused_names"][:20]]:
        typer.echo(f"  {name}: {what}")
    for name in plan["replaced_names"]:
        typer.echo(f"  Replaced by its newer version: {name}")
    if plan["replaced"] > len(plan["replaced_names"]):
        typer.echo(f"  and {plan['replaced'] - len(plan['replaced_names'])} more are replaced")
    for name in plan["beside_names"]:
        typer.echo(f"  You changed {name} here: it stays, and the newer version comes beside it")
    if plan["files"]:
        typer.echo(f"{plan['files_by_kind']} that notes show or link to come along")
    if "conversation" in plan["taken"]:
        counts = (f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in plan["taken"].items())
        typer.echo(f"Taken: {', '.join(counts)}")
    for kind in plan["left"]:
        typer.echo(f"  Left: {kind['count']} {kind['unit']}{'' if kind['count'] == 1 else 's'}: {kind['why']}")
    return not wish.plan_only and (wish.yes or typer.confirm("Import?"))


@contextmanager
def bar(what: str, total: int, quiet: bool) -> Iterator[Any]:
    """Give what shows how far it is, on standard error; a total of 0 is not known yet."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
        task = bar.add_task(what, total=total or None)
        yield lambda done, of_all: bar.update(task, completed=done, total=of_all or total or None)
