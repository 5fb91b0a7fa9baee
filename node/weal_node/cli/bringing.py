"""Commands that bring notes in: `weal import`, planned first, with a progress bar; Ctrl-C stops it, the same again goes on."""

import asyncio
import json
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

    found = config.home(home)
    wish = ImportRequest(place.expanduser().absolute(), into, plan, yes, as_json)
    with HomeLock(found, must=False, make=False) as lock:
        done = here(found, wish) if lock.held else there(found, wish)
        running = not lock.held
    if as_json:
        typer.echo(json.dumps(done))
    else:
        say(found, done, running)
    if done["state"] == "failed":
        raise typer.Exit(1)


def check(wish: ImportRequest) -> None:
    """Refuse, before anything is done, a source that is none; the error says what can be one."""
    from weal_node.vault import sources

    sources.recognise(wish.where)


def here(found: "Home", wish: ImportRequest) -> dict[str, Any]:
    """Import while no node runs; the caller holds the lock. Return how it stands, as `Standing.as_json`."""
    from weal_node.app.clock import now_ms
    from weal_node.commons import review
    from weal_node.importing.importing import bring, planned
    from weal_node.importing.job import ImportState, plan_json
    from weal_node.store import imports
    from weal_node.store.database import Database
    from weal_node.vault import history
    from weal_node.vault.folder import Vault

    database = Database(found.database)
    try:
        history.recover(found.vault)
        vault, stop = Vault(found.vault, database.read_now(review.rules)), False
        with bar("look", 0, wish.quiet) as show:

            def looked(done: int, total: int) -> bool:
                show(done, total)
                return True

            plan = planned(database, wish.where, wish.into, looked, vault)
            show(plan.total, plan.total)
        if not _agreed(plan_json(plan), wish):
            return ImportState("planned", str(wish.where), 0, plan.total, plan).as_json()
        with bar("import", plan.total, wish.quiet) as show:
            import signal

            def stopping(*_: object) -> None:
                nonlocal stop
                stop = True

            before = signal.signal(signal.SIGINT, stopping)

            def seen(done: int, _total: int) -> bool:
                show(done, max(plan.total, done))
                return not stop

            try:
                brought = asyncio.run(bring(database, vault, now_ms(), wish.where, wish.into, seen))
            finally:
                signal.signal(signal.SIGINT, before)
        state, lines = "done" if brought.whole else "stopped", len(database.read_now(imports.candidates))
        return ImportState(state, str(wish.where), plan.total, plan.total, plan, brought, principles=lines).as_json()
    finally:
        database.close()


def there(found: "Home", wish: ImportRequest) -> dict[str, Any]:
    """Let the running node import."""
    from weal_node.cli.running import ask

    def until(state: str, show: Any) -> dict[str, Any]:
        while (now := ask(found, "GET", "/api/import"))["state"] == state:
            show(now["done"], now["total"])
            time.sleep(POLL_S)
        if now["state"] in ("planned", "done"):
            show(now["total"], now["total"])  # the last look was a moment ago
        return now

    def stop() -> None:
        ask(found, "POST", "/cli/import", {"act": "stop"})

    ask(found, "POST", "/cli/import", {"act": "plan", "place": str(wish.where), "into": wish.into})
    try:
        with bar("look", 0, wish.quiet) as show:
            now = until("planning", show)
        if now["state"] != "planned" or not _agreed(now["plan"], wish):
            stop()
            return now
    except (KeyboardInterrupt, typer.Abort):
        stop()
        raise
    ask(found, "POST", "/cli/import", {"act": "start"})
    with bar("import", now["total"], wish.quiet) as show:
        try:
            return until("running", show)
        except KeyboardInterrupt:
            stop()
            return until("running", show)


def say(found: "Home", done: dict[str, Any], running: bool) -> None:
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
        typer.echo(f"Say it here: {page(found, '/notes/review', running)}")


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
    for one in plan["left"]:
        typer.echo(f"  Left: {one['count']} {one['unit']}{'' if one['count'] == 1 else 's'}: {one['why']}")
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
