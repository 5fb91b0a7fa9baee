"""Commands of every day: write a note, see what the agent has to say."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from weal_node.cli.program import HomeOption, JsonOption, app
from weal_node.errors import VaultError


@app.command()
def note(
    text: Annotated[str | None, typer.Argument(help="The note; else --file, else standard input.")] = None,
    home: HomeOption = None,
    title: Annotated[str, typer.Option(help="Else the first line.")] = "",
    file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, readable=True)] = None,
    visibility: Annotated[
        str, typer.Option(help="public, community or private; else the folder's default, or public.")
    ] = "",
    folder: Annotated[str, typer.Option(help="A folder of the vault.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Write a note into the vault."""
    from weal_node import config
    from weal_node.app.lock import HomeLock
    from weal_node.app.once import note_now

    if text is None:
        raw = file.read_bytes() if file else sys.stdin.buffer.read()
        try:
            text = raw.decode()
        except UnicodeDecodeError as fault:
            raise VaultError("the note is not UTF-8 text", "Save it as UTF-8, or use `weal import`") from fault
    place = config.home(home)
    wanted = {"title": title, "body": text, "visibility": visibility, "folder": folder}
    with HomeLock(place, must=False, make=False) as lock:
        if lock.held:
            saved = note_now(place, config.read(place), wanted)
        else:
            from weal_node.cli.running import ask

            saved = ask(place, "POST", "/cli/note", dict(wanted))
    if as_json:
        typer.echo(json.dumps(saved))
        return
    typer.echo(f"{saved['path']} ({saved['visibility']})")
    if saved["held"]:
        typer.echo(
            f"Held back: it seems to hold {saved['held']}. Look at it on the page, and say whether it may leave."
        )
    elif saved["first"] and saved["visibility"] != "private":
        from weal_node.loop.share import COPIES

        typer.echo(f"It leaves after {config.read(place).publish_delay_s} s, until then you can undo. {COPIES}")


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
