"""Commands about the node itself: make it, run it, log in, choose and leave, look after it."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weal_node.cli.program import HomeOption, JsonOption, app

if TYPE_CHECKING:  # the command line must start at once
    from weal_node.config import Home
    from weal_node.federation.tiers import Offer

ALIVE_S = 5.0  # within which a node that does not hang says that it lives: that asks nothing of disk or model
REPORT_S = 60.0  # of its own report, which reads the whole database


@app.command()
def init(
    home: HomeOption = None,
    name: Annotated[str, typer.Option(help="Your name as other members will see it.")] = "me",
    vault: Annotated[
        Path | None,
        typer.Option(help="A folder of notes to open as it is, such as an Obsidian vault; else an empty one."),
    ] = None,
    bring: Annotated[
        Path | None,
        typer.Option("--import", help="Then import, as `weal import` does: first the plan, then the question."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Import without asking.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a node: keys, a vault, a database. No account, no network."""
    from weal_node import config
    from weal_node.app.lock import HomeLock
    from weal_node.app.setup import set_up
    from weal_node.cli import bringing

    place, done = config.home(home), None
    wish = bringing.ImportRequest(bring.expanduser().absolute(), yes=yes, quiet=as_json) if bring else None
    with HomeLock(place):
        if wish is not None:
            bringing.check(wish)  # before there is a node: who mistyped a name types the whole line again
        set_up(place, name, vault)
        if not as_json:
            typer.echo(f"Your node is in {place.root}")
            typer.echo(f"Your notes are in {place.vault.resolve()}")
        if wish is not None:
            done = bringing.here(place, wish)
    if as_json:
        made = {"home": str(place.root), "vault": str(place.vault)}
        typer.echo(json.dumps(made | ({"import": done} if done else {})))
        return
    if done is not None:
        bringing.say(place, done, running=False)
        typer.echo("What you wrote and may have lost sight of: weal look")
    typer.echo("Next: weal up")


@app.command("up")
def serve(
    home: HomeOption = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port of the page; 0 for any free one.")] = None,
) -> None:
    """Run the node and its page, until Ctrl-C. Makes the node first where there is none."""
    from weal_node import config
    from weal_node.app.lock import HomeLock
    from weal_node.app.serve import up
    from weal_node.app.setup import set_up

    place = config.home(home)
    with HomeLock(place):
        if not place.keys.exists():
            set_up(place, config.read(place).name)
            typer.echo(f"A new node, in {place.root}")
        up(place, config.read(place), port, _announce)


def _announce(address: str, token: str) -> None:
    link = f"{address}/login?token={token}"
    typer.echo(f"Weal is running at {address}")
    typer.echo(f"Log in with this link, it works once: {link}")
    port = address.rpartition(":")[2]
    typer.echo(f"Whether it lives, any program on this machine may ask: http://127.0.0.1:{port}/healthz")
    if sys.stdout.isatty():
        import segno

        segno.make(link, error="l").terminal(compact=True)
    sys.stdout.flush()


@app.command("tier")
def choose_tier(
    tier: Annotated[str | None, typer.Argument(help="What to give from now on; without it, all are listed.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """See or change what you give to your community's aggregation."""
    from weal_node import config
    from weal_node.cli.calling import call

    place = config.home(home)
    done = call(place, "tier", {"tier": tier})
    chosen = str(done["tier"])
    if as_json:
        typer.echo(json.dumps(done))
    elif tier is not None:
        typer.echo(f"From now on: {chosen}. Your community hears of it as soon as your node reaches it.")
    else:
        from weal_node.federation.tiers import offers
        from weal_node.outbound.membership import joined

        community = joined(place.community)
        print_offers(offers(config.read(place), rounds_of=community.rounds if community else None), chosen)


def print_offers(offers: "Sequence[Offer]", chosen: str) -> None:
    """Print every tier with what it gives, hides and costs; the chosen one is marked."""
    typer.echo("What you can give to aggregation:")
    for offer in offers:
        typer.echo(f"{'* ' if offer.tier == chosen else '  '}{offer.tier}: {offer.gives}")
        if offer.tier != "none":
            typer.echo(f"    Hidden: {offer.hides}")
        typer.echo(f"    Price: {offer.costs}")


@app.command()
def leave(
    home: HomeOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Leave your community. What others copied of your public notes stays with them."""
    from weal_node import config
    from weal_node.cli.calling import call

    place = config.home(home)
    if not yes and not typer.confirm("Leave? Nothing more is sent or fetched; both ledgers keep what was spent."):
        raise typer.Abort
    done = call(place, "leave", {})
    typer.echo(json.dumps(done) if as_json else f"You have left {done['community']}.")


@app.command()
def login(
    home: HomeOption = None,
    end_sessions: Annotated[bool, typer.Option("--end-sessions", help="Log every browser out.")] = False,
    new_address: Annotated[
        bool, typer.Option("--new-address", help="Give the page another name, which ends every session and bookmark.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask the running node for a new login link; the one before ends."""
    from weal_node import config
    from weal_node.cli.calling import call

    done = call(config.home(home), "login", {"end_sessions": end_sessions, "new_address": new_address})
    typer.echo(json.dumps(done) if as_json else f"Log in with this link, it works once: {done['link']}")


@app.command()
def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check the node without changing anything; exit status 1 while something is wrong."""
    from weal_node import config
    from weal_node.app.lock import HomeLock
    from weal_node.upkeep.doctor import examine, reachable

    place = config.home(home)
    with HomeLock(place, must=False, make=False) as lock:
        if lock.held:
            report = examine(place, config.read(place), further=() if place.paused.exists() else reachable(place))
        else:
            report = _of_running(place)
    if as_json:
        typer.echo(json.dumps(report))
    else:
        for check in report["checks"]:
            typer.echo(f"{'ok ' if check['ok'] else 'NO '} {check['name']}: {check['detail']}")
        typer.echo(f"Home: {place.root}")
        if report["rss_mb"] is not None:
            typer.echo(f"Memory of the running node: {report['rss_mb']:.0f} MB")
    if not report["ok"]:
        raise typer.Exit(1)


def _of_running(place: "Home") -> dict[str, Any]:
    """Return the running node's report, or, where it does not answer, what can be seen of it from outside, and that it hangs."""
    from weal_node import config
    from weal_node.cli.running import ask, within
    from weal_node.errors import NodeError, SilentError
    from weal_node.upkeep.doctor import Check, examine

    try:
        within(ALIVE_S, lambda: ask(place, "GET", "/healthz", timeout_s=ALIVE_S))
        return within(REPORT_S, lambda: ask(place, "GET", "/api/doctor", timeout_s=REPORT_S))
    except SilentError as fault:
        hint = "Stop it (Ctrl-C where it runs, else kill its process) and start it again: weal up; what was acknowledged is on disk"
        return examine(place, config.read(place), further=[Check("node", False, f"{fault.what}. {hint}")])
    except NodeError as fault:  # it holds the home, and has not opened its door, or its files are gone
        return examine(place, config.read(place), further=[Check("node", False, f"{fault.what}. {fault.hint}")])
