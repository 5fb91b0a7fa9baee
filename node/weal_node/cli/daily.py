"""Commands of every day: write a note, see what the agent has to say."""

import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weal_node.cli.program import HomeOption, JsonOption, app
from weal_node.errors import VaultError

if TYPE_CHECKING:  # the command line must start at once
    from weal_node.config import Home


@app.command()
def note(
    text: Annotated[str | None, typer.Argument(help="The note; else --file, else standard input.")] = None,
    home: HomeOption = None,
    title: Annotated[str, typer.Option(help="Else the first line.")] = "",
    file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, readable=True)] = None,
    visibility: Annotated[
        str,
        typer.Option(
            help="public, community or private; else the folder's default, or private before you join a community and public after."
        ),
    ] = "",
    folder: Annotated[str, typer.Option(help="A folder of the vault.")] = "",
    undo: Annotated[
        str,
        typer.Option("--undo", metavar="ID", help="Write nothing: keep a note here that is about to leave, or all."),
    ] = "",
    again: Annotated[
        bool, typer.Option("--again", help="A second note of the same words within a minute, not the same once more.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a note into the vault, or take back one that has not left yet."""
    from weal_node import config
    from weal_node.app.lock import HomeLock
    from weal_node.app.once import note_now

    if undo:
        _undo(home, undo, as_json)
        return
    if text is None:
        raw = file.read_bytes() if file else sys.stdin.buffer.read()
        try:
            text = raw.decode()
        except UnicodeDecodeError as fault:
            raise VaultError("the note is not UTF-8 text", "Save it as UTF-8, or use `weal import`") from fault
    place = config.home(home)
    wanted = {"title": title, "body": text, "visibility": visibility, "folder": folder}
    wanted |= {"again": "yes"} if again else {}
    with HomeLock(place, must=False, make=False) as lock:
        lock_held = lock.held
        if lock.held:
            saved = note_now(place, config.read(place), wanted)
        else:
            from weal_node.cli.running import ask

            saved = ask(place, "POST", "/cli/note", dict(wanted))
    if as_json:
        typer.echo(json.dumps(saved))
        return
    typer.echo(f"{saved['path']} ({saved['visibility']})")
    if not saved["new"]:
        typer.echo("These words were saved a moment ago: this is that note. --again makes a second one.")
    for line in _fate(place, saved, running=not lock_held):
        typer.echo(line)


def _fate(place: "Home", saved: dict[str, Any], running: bool) -> Iterator[str]:
    """Say whether and when a note that was just saved leaves, and how it stays here after all."""
    from weal_node import config
    from weal_node.cli.running import page
    from weal_node.commons.review import COPIES

    other_home = "" if place == config.home() else f" --home {shlex.quote(str(place.root))}"
    undo = f"weal note --undo {saved['id'][:12]}{other_home}"
    if saved["visibility"] == "private":
        yield "It stays here."
        return
    if saved["held"]:
        yield f"Held back: it seems to hold {saved['held']}."
        yield f"Look at it, and say whether it may leave: {page(place, '/notes/' + saved['id'], running)}"
        yield f"Or keep it here: {undo}"
        return
    seconds = config.read(place).publish_delay_s
    delay = f"{seconds // 60}:{seconds % 60:02} min" if seconds >= 60 else f"{seconds} s"
    if not (place.community / "membership.json").exists():
        yield "This node is in no community: the note stays here. When you join one you are asked whether it may leave."
    elif place.paused.exists():
        yield f"Everything is paused: the note waits here, and leaves after `weal on`, but not within {delay}."
    else:
        yield f"It leaves in {delay}{'' if running else ', or when the node runs again after that: weal up'}."
    yield f"Until it leaves you can keep it here: {undo}, or {page(place, '/notes/leaving', running)}"
    if saved["first"]:
        yield COPIES


def _undo(home: Path | None, which: str, as_json: bool) -> None:
    from weal_node import config
    from weal_node.app.lock import HomeLock
    from weal_node.app.once import undo_now
    from weal_node.cli.running import ask

    place = config.home(home)
    with HomeLock(place, must=False, make=False) as lock:
        done = undo_now(place, which) if lock.held else ask(place, "POST", "/cli/undo", {"note": which})
    if as_json:
        typer.echo(json.dumps(done))
        return
    for path in done["kept"]:
        typer.echo(f"{path} stays here.")
    if not done["kept"]:
        typer.echo("Nothing is about to leave.")


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
        if card.get("model"):
            typer.echo(f"    A model wrote this from your notes and others'; nobody has checked it. ({card['model']})")
    if not found["cards"]:
        typer.echo(f"Nothing for today{': ' + found['silent'] if found['silent'] else ''}.")
    if found["held_back"]:
        typer.echo(f"{found['held_back']} held back.")
