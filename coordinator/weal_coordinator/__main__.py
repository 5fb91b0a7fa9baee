"""`weal-coordinator`: found a community, run it, invite people, run a round, see how it stands."""

import asyncio
import json
from dataclasses import asdict, replace
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from weal_coordinator import config
from weal_coordinator.config import Settings
from weal_protocol.errors import WealError

HELP = """Run a Weal community.

First `init`. Then `up`, which stays, and beside it `invite`, once for each person, and `status`.
The rules are in charter.toml of its folder, the addresses and limits in coordinator.toml."""
NAMES = {"help_option_names": ["-h", "--help"]}  # every command takes them over
app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, context_settings=NAMES)
HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of this coordinator [WEAL_COORDINATOR_HOME, else your data folder]"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"weal-coordinator {metadata.version('weal')}")
        raise typer.Exit


@app.callback(help=HELP)
def coordinate(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version and exit")
    ] = False,
) -> None:
    """Run a Weal community."""


@app.command()
def init(
    name: Annotated[str, typer.Option(help="The community's name")],
    home: HomeOption = None,
    host: Annotated[str, typer.Option(help="Address that members connect to")] = "127.0.0.1",
    any_port: Annotated[bool, typer.Option("--any-port", help="Use whatever ports are free")] = False,
    database_url: Annotated[
        str, typer.Option(help="postgresql://USER:PASSWORD@HOST/DATABASE; without it, SQLite in the folder")
    ] = "",
) -> None:
    """Found a community: keys, certificate, charter, database."""
    from weal_coordinator import setup  # imports SQLAlchemy and cryptography: not for --help

    place = config.home(home)
    settings = Settings(host=host, database_url=database_url)
    if any_port:
        settings = replace(settings, grpc_port=0, fleet_port=0, web_port=0)
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
    """Make invites, each good for one person, while `up` runs."""
    from weal_coordinator import setup

    made = setup.make_invites(config.home(home), count)
    typer.echo(json.dumps({"invites": list(made)}) if as_json else "\n".join(made))


@app.command(name="round")
def one_round(
    home: HomeOption = None,
    only_finish: Annotated[
        bool, typer.Option("--only-finish", help="Run none: release what was charged and cut short")
    ] = False,
    below_floor: Annotated[
        bool, typer.Option("--below-floor", help="Even with too few people: it is charged, and nothing is released")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run one round of private aggregation now, while `up` runs. By itself `up` runs them as the charter says."""
    from weal_coordinator.federation import rounds

    if only_finish:
        rounds.only_finish(config.home(home))
        return
    result = rounds.run_round(config.home(home), below_floor)
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
    """Say how the community stands: members, rounds, privacy spent, the last release. Changes nothing."""
    from weal_coordinator import setup
    from weal_coordinator import status as look

    found = look.status(config.home(home), setup.now_ms())
    typer.echo(json.dumps(found) if as_json else "\n".join(look.lines(found, setup.now_ms())))


@app.command()
def members(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List everybody who is or was a member: name, first digits of the key, and since when. Changes nothing."""
    from weal_coordinator import status as look

    found = look.members(config.home(home))
    typer.echo(json.dumps({"members": found}) if as_json else "\n".join(look.member_lines(found)))


@app.command()
def expel(
    who: Annotated[
        str, typer.Argument(metavar="NAME_OR_KEY", help="A member's name, or 8 or more digits of their key")
    ],
    why: Annotated[str, typer.Option(help="One line for every member to read")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Expel a member for good, with all their devices. Every member is told, with your reason.

    What hangs on them ends at once: sessions, mail, open deals, their part in rounds. What they published is given out no more; whoever
    has a copy keeps it. They cannot come back with any of their keys. This cannot be taken back.
    """
    from weal_coordinator.federation.expel import expel as act

    done = act(config.home(home), who, why)
    if as_json:
        told = {
            "name": done.said.name,
            "number": done.said.number,
            "agent_keys": [k.hex() for k in done.said.agent_keys],
        }
        typer.echo(json.dumps(told | {"running": done.running, "left": list(done.left)}))
        raise typer.Exit(1 if done.left else 0)
    devices = len(done.said.agent_keys)
    typer.echo(
        f"Expelled {done.said.name} ({done.said.agent_keys[0].hex()[:16]}{f', {devices} devices' if devices > 1 else ''}): "
        f"notice {done.said.number}, which members read within half a minute{'' if done.running else ' of the next start'}."
    )
    for one in done.left:
        typer.echo(f"Not ended yet: {one}", err=True)
    raise typer.Exit(1 if done.left else 0)


charter_app = typer.Typer(invoke_without_command=True, context_settings=NAMES)
app.add_typer(charter_app, name="charter")


@charter_app.callback()
def charter(
    context: typer.Context,
    home: HomeOption = None,
    as_json: JsonOption = False,
    text: Annotated[bool, typer.Option("--text", help="Print the charter in force as it stands, nothing else")] = False,
) -> None:
    """List the charters so far: number, date, digest, and what each changed. Changes nothing."""
    from weal_coordinator import status as look

    if context.invoked_subcommand is not None:
        return
    found = look.charter_chain(config.home(home))
    if text:
        typer.echo(found["text"], nl=False)
        return
    typer.echo(json.dumps(found) if as_json else "\n".join(look.charter_lines(found)))


@charter_app.command()
def amend(
    home: HomeOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make charter.toml, as you have edited it, the next charter: signed, numbered, and read by every member. `up` must not run.

    The community stays the same: members, releases and both ledgers. Where rounds would cost something else, each member's node
    answers none until its person has agreed. What was in force stays readable for ever.
    """
    from weal_coordinator import setup
    from weal_coordinator.app import locked
    from weal_coordinator.federation import amend as act

    place = config.home(home)
    config.read(place)
    with locked(place):
        wish = act.proposed(place)
        if not as_json:
            typer.echo("\n".join(wish.difference))
        if not yes and not typer.confirm("Make this the next charter?"):
            raise typer.Abort
        done = act.amend(place, wish.text, setup.now_ms())
    if as_json:
        told = {"number": done.number, "at_ms": done.at_ms, "sha256": done.sha256.hex(), "asks": wish.asks}
        typer.echo(json.dumps(told | {"difference": list(wish.difference)}))
        return
    typer.echo(f"Charter {done.number} is signed, kept and read back: {done.sha256.hex()[:16]}.")
    if wish.asks:
        typer.echo("Rounds cost something else by it: each member's node answers none until its person has agreed.")
    typer.echo(f"It is in force, and members read it, from the next start: weal-coordinator up --home {place.root}")


@app.command()
def chains(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say who could help whom all round, from everybody's public notes and answers. Changes nothing, binds nobody."""
    from weal_coordinator import status as look

    found = look.chains(config.home(home))
    if as_json:
        listed = [
            {
                "id": one.id.hex(),
                "stands": one.stands,
                "links": [{"giver": k.giver.member, "gift": k.gift, "taker": k.taker.member} for k in one.links],
            }
            for one in found
        ]
        typer.echo(json.dumps({"chains": listed}))
        return
    for one in found:
        links = "; ".join(f"{k.giver.member[:8]} {k.gift} to {k.taker.member[:8]}" for k in one.links)
        typer.echo(f"{one.id.hex()}: {links}{' (stands)' if one.stands else ''}")
    if not found:
        typer.echo("Nobody's public notes make a circle yet.")


def main() -> None:
    """Run the command line; a fault that we name is told in one line, with the next step."""
    try:
        app()
    except WealError as fault:
        Console(stderr=True).print(
            f"[red]{escape(fault.what)}.[/red] {escape(fault.hint)}", highlight=False, soft_wrap=True
        )
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
