"""Commands that bring notes in: `weal import`, planned first, with a progress bar; Ctrl-C stops it, the same again goes on."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weal_node.cli.program import HomeOption, JsonOption, app

if TYPE_CHECKING:
    from weal_node.config import Home

POLL_S = 0.3


@app.command("import")
def bring_in(
    place: Annotated[
        Path, typer.Argument(help="A folder, an Obsidian vault, a ChatGPT or Claude export, USER.md, MEMORY.md.")
    ],
    home: HomeOption = None,
    into: Annotated[str, typer.Option(help="A folder of the vault; else one named like the source.")] = "",
    plan: Annotated[bool, typer.Option("--plan", help="Only say what would be done.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Import notes. They stay private until you say who may read them; the same import again brings only what is new."""
    from weal_node import config
    from weal_node.app.lock import HomeLock

    found, where = config.home(home), place.expanduser().absolute()
    with HomeLock(found, must=False, make=False) as lock:
        done = (
            _here(found, where, into, plan, yes, as_json)
            if lock.held
            else _there(found, where, into, plan, yes, as_json)
        )
    if as_json:
        typer.echo(json.dumps(done))
        return
    for name, why in done["refused"]:
        typer.echo(f"Not taken: {name}: {why}")
    if done["state"] == "failed":
        typer.echo(done["fault"], err=True)
        raise typer.Exit(1)
    if done["state"] in ("done", "stopped"):
        typer.echo(
            f"{done['written']} notes imported"
            + (", then stopped: the same command goes on." if done["state"] == "stopped" else ".")
        )
        typer.echo("They are private. Say who may read them on the page, under Notes.")


def _here(found: "Home", where: Path, into: str, plan_only: bool, yes: bool, quiet: bool) -> dict[str, Any]:
    """Import while no node runs; the caller holds the lock."""
    from weal_node.app.clock import now_ms
    from weal_node.loop import share
    from weal_node.loop.bring import bring, planned
    from weal_node.loop.importing import Standing, plan_json
    from weal_node.store.database import Database
    from weal_node.vault import history
    from weal_node.vault.folder import Vault

    database = Database(found.database)
    try:
        history.recover(found.vault)
        vault, stop = Vault(found.vault, database.read_now(share.rules)), False
        plan = planned(database, where, into, lambda _done, _total: True)
        if not _agreed(plan_json(plan), plan_only, yes, quiet):
            return Standing("planned", str(where), 0, plan.total, plan).as_json()
        with _bar(plan.total, quiet) as show:
            import signal

            def stopping(*_: object) -> None:
                nonlocal stop
                stop = True

            signal.signal(signal.SIGINT, stopping)

            def seen(done: int, total: int) -> bool:
                show(done, total)
                return not stop

            brought = asyncio.run(bring(database, vault, now_ms(), where, into, seen, plan.total))
        state = "done" if brought.whole else "stopped"
        return Standing(state, str(where), plan.total, plan.total, plan, brought).as_json()
    finally:
        database.close()


def _there(found: "Home", where: Path, into: str, plan_only: bool, yes: bool, quiet: bool) -> dict[str, Any]:
    """Let the running node import."""
    from weal_node.cli.running import ask

    def until(state: str, show: Any) -> dict[str, Any]:
        now = ask(found, "GET", "/api/import")
        while now["state"] == state:
            show(now["done"], now["total"])
            time.sleep(POLL_S)
            now = ask(found, "GET", "/api/import")
        return now

    ask(found, "POST", "/cli/import", {"act": "plan", "place": str(where), "into": into})
    now = until("planning", lambda _done, _total: None)
    if now["state"] != "planned" or not _agreed(now["plan"], plan_only, yes, quiet):
        ask(found, "POST", "/cli/import", {"act": "stop"})
        return now
    ask(found, "POST", "/cli/import", {"act": "start"})
    with _bar(now["total"], quiet) as show:
        try:
            return until("running", show)
        except KeyboardInterrupt:
            ask(found, "POST", "/cli/import", {"act": "stop"})
            return until("running", show)


def _agreed(plan: dict[str, Any], plan_only: bool, yes: bool, quiet: bool) -> bool:
    if not quiet:
        typer.echo(
            f"{plan['kind']}: {plan['new']} new notes, {plan['changed']} changed, {plan['known']} known already"
            + (f", into {plan['into']}/" if plan["into"] else "")
        )
        typer.echo(
            f"{plan['flagged']} may give something away, {plan['refused']} cannot be taken, {plan['candidates']} lines may be principles"
        )
        for name, what in [*plan["flagged_names"][:20], *plan["refused_names"][:20]]:
            typer.echo(f"  {name}: {what}")
    return not plan_only and (yes or typer.confirm("Import?"))


@contextmanager
def _bar(total: int, quiet: bool) -> Iterator[Any]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=quiet) as bar:
        task = bar.add_task("import", total=total or None)
        yield lambda done, _total: bar.update(task, completed=done)
