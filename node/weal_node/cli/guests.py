"""Guests from the terminal: let an agent of another make in, or out."""

import json
from typing import Annotated

import typer

from weal_node.cli.program import HomeOption, JsonOption, app


@app.command()
def guest(
    name: Annotated[str, typer.Argument(help="What you call whoever runs the other agent.")],
    home: HomeOption = None,
    out: Annotated[bool, typer.Option("--out", help="Let the guests of this name in no more.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Let a foreign agent bargain with yours over A2A: print a token for it, once. It binds you to nothing."""
    import contextlib

    from weal_node import config
    from weal_node.app.clock import now_ms
    from weal_node.deals.guests import admit
    from weal_node.errors import NotFoundError, NotSetUpError
    from weal_node.store import guests
    from weal_node.store.database import Database

    place = config.home(home)
    if not place.keys.exists():
        raise NotSetUpError(f"there is no node in {place.root}", "Run `weal init`")
    with contextlib.closing(Database(place.database)) as database:
        if out:
            if not database.write_now(lambda connection: guests.dismiss(connection, name)):
                raise NotFoundError(f"there is no guest called {name}")
            typer.echo(json.dumps({"out": name}) if as_json else f"{name} is let in no more.")
            return
        token = admit(database, name, now_ms())
    listens = bool(config.read(place).a2a_listen)
    if as_json:
        typer.echo(json.dumps({"name": name, "token": token, "listens": listens}))
        return
    typer.echo(f"Token for {name}, shown once: {token}")
    if not listens:
        typer.echo('Set a2a_listen in weal.toml to answer foreign agents, such as a2a_listen = "127.0.0.1:8670"')
