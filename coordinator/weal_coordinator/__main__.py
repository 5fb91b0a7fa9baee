"""`weal-coordinator`: found a community, run it, invite people, run a round, see how it stands."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from weal_coordinator import config
from weal_coordinator.config import Settings
from weal_protocol.errors import WealError

app = typer.Typer(
    help="Run a Weal community.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
HomeOption = Annotated[Path | None, typer.Option("--home", help="Folder of this coordinator [WEAL_COORDINATOR_HOME]")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON")]


@app.command()
def init(
    name: Annotated[str, typer.Option(help="The community's name")],
    home: HomeOption = None,
    host: Annotated[str, typer.Option(help="Address that members connect to")] = "127.0.0.1",
    any_port: Annotated[bool, typer.Option("--any-port", help="Use whatever ports are free")] = False,
) -> None:
    """Found a community: keys, certificate, charter."""
    from weal_coordinator import setup  # imports SQLAlchemy and cryptography: not for --help

    place = config.home(home)
    settings = Settings(host=host, grpc_port=0, fleet_port=0, web_port=0) if any_port else Settings(host=host)
    setup.found(place, name, settings)
    typer.echo(
        f"Founded {name} in {place.root}. Its rules: {place.charter}. Next: weal-coordinator up --home {place.root}"
    )


@app.command()
def up(home: HomeOption = None) -> None:
    """Run the community until Ctrl-C."""
    from weal_coordinator.app import locked
    from weal_coordinator.app import up as run

    place = config.home(home)
    settings = config.read(place)
    with locked(place):
        asyncio.run(run(place, settings))


@app.command()
def invite(
    home: HomeOption = None, count: Annotated[int, typer.Option(help="How many")] = 1, as_json: JsonOption = False
) -> None:
    """Make invites, each good for one person."""
    from weal_coordinator import setup

    made = setup.make_invites(config.home(home), count)
    typer.echo(json.dumps({"invites": list(made)}) if as_json else "\n".join(made))


@app.command(name="round")
def one_round(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Run one round of private aggregation now."""
    from weal_coordinator.federation import rounds as federation

    result = federation.run_round(config.home(home))
    if as_json:
        typer.echo(json.dumps(asdict(result)))
        return
    released = (
        f"release {result.release}"
        if result.release
        else "nothing released: the population is below the charter's floor"
    )
    typer.echo(
        f"Round {result.number}: {result.used} of {result.sampled} drawn members counted; epsilon {result.epsilon:.2f} so far; {released}."
    )


@app.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say how the community stands; changes nothing."""
    from weal_coordinator.status import status as look

    found = look(config.home(home))
    if as_json:
        typer.echo(json.dumps(found))
        return
    state = f"running at {found['running']['grpc']}" if found["running"] else "not running"
    typer.echo(f"{found['community']} in {found['home']}: {state}")
    typer.echo(
        f"{found['members']} members, {found['invites_open']} open invites, {found['records']} records, {found['mail_waiting']} letters waiting"
    )
    typer.echo(f"{len(found['rounds'])} rounds, epsilon {found['epsilon']:.2f} of at most {found['epsilon_cap']:g}")


def main() -> None:
    """Run the command line; a fault that we name is told in one line, with the next step."""
    try:
        app()
    except WealError as fault:
        Console(stderr=True).print(f"[red]{fault.what}.[/red] {fault.hint}", highlight=False, soft_wrap=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
