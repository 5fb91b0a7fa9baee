"""Commands of every day: write a note, see what the agent has to say."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from weal_node.cli.program import HomeOption, JsonOption, app


@app.command()
def note(
    text: Annotated[str | None, typer.Argument(help="The note; else --file, else standard input.")] = None,
    home: HomeOption = None,
    title: Annotated[str, typer.Option(help="Else the first line.")] = "",
    file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, readable=True)] = None,
    visibility: Annotated[str, typer.Option(help="public, community or private.")] = "public",
    as_json: JsonOption = False,
) -> None:
    """Write a note into the vault."""
    from weal_node import config
    from weal_node.app.lock import HomeLock
    from weal_node.app.once import note_now

    if text is None:
        text = file.read_text() if file else sys.stdin.read()
    place = config.home(home)
    wanted = {"title": title, "body": text, "visibility": visibility}
    with HomeLock(place, must=False, make=False) as lock:
        if lock.held:
            saved = note_now(place, config.read(place), **wanted)
        else:
            from weal_node.cli.running import ask

            saved = ask(place, "POST", "/cli/note", dict(wanted))
    typer.echo(json.dumps(saved) if as_json else f"{saved['path']} ({saved['visibility']})")


@app.command()
def today(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show what your agent would put to you today: at most three cards, often none."""
    from weal_node import config
    from weal_node.app.lock import HomeLock
    from weal_node.app.once import today_now

    place = config.home(home)
    with HomeLock(place, must=False, make=False) as lock:
        if lock.held:
            found = today_now(place, config.read(place))
        else:
            from weal_node.cli.running import ask

            found = ask(place, "GET", "/api/today")
    if as_json:
        typer.echo(json.dumps(found))
        return
    for card in found["cards"]:
        typer.echo(f"- {card['text']}  ({card['probability']:.0%})")
    if not found["cards"]:
        typer.echo(f"Nothing for today{': ' + found['silent'] if found['silent'] else ''}.")
    if found["held_back"]:
        typer.echo(f"{found['held_back']} held back.")
