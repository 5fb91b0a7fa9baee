"""Commands of every day: write a note, see what the agent has to say and what it knows."""

import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weal_node.cli.program import HomeOption, JsonOption, app
from weal_node.errors import VaultError

FEW = 2  # answers under each sentence of Mirror, as on the page
NAMED = 8  # things that are not known

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
    from weal_node.cli.calling import answer

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
    wanted = {"body": text, "title": title, "visibility": visibility, "folder": folder, "again": again}
    answered = answer(place, "note", wanted)
    saved = answered.said
    if as_json:
        typer.echo(json.dumps(saved))
        return
    typer.echo(f"{saved['path']} ({saved['visibility']})")
    if not saved["new"]:
        typer.echo("These words were saved a moment ago: this is that note. --again makes a second one.")
    for line in _fate(place, saved, running=answered.running):
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
    from weal_node.cli.calling import call

    done = call(config.home(home), "undo", {"note": which})
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
    from weal_node.cli.calling import call

    shown = call(config.home(home), "today", {})
    if as_json:
        typer.echo(json.dumps(shown))
        return
    for card in (*shown["asked"], *shown["cards"]):
        typer.echo(f"- {card['text']}")
        typer.echo(f"    {card['reason']}")
        if card.get("model"):
            typer.echo(f"    A model wrote this from your notes and others'; nobody has checked it. ({card['model']})")
    if not shown["cards"]:
        typer.echo(f"Nothing new today{': ' + shown['silent'] if shown['silent'] else ''}.")
    if shown["question"] and not shown["cards"]:
        first, other = shown["question"]
        typer.echo(
            f"One question would help most. Which would you rather: “{first}” or “{other}”? Answer it on the page, under Teach."
        )
    if shown["held_back"]:
        typer.echo(f"{shown['held_back']} held back.")


@app.command()
def mirror(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say what your agent knows about you, in sentences, with the answers under each."""
    from weal_node import config
    from weal_node.cli.calling import call

    known = call(config.home(home), "mirror", {})
    if as_json:
        typer.echo(json.dumps(known))
        return
    for line in _lines(known):
        typer.echo(line)


def _lines(known: dict[str, Any]) -> Iterator[str]:
    for sentence in known["sentences"]:
        count = sentence["from"]
        yield f"{sentence['text']}  ({sentence['sureness'].capitalize()}, from {count} answer{'' if count == 1 else 's'})"
        agreeing = dict.fromkeys(answer["said"] for answer in sentence["answers"] if answer["for"])
        for said in list(agreeing)[:FEW]:
            yield f"    {said}"
        for answer in [answer for answer in sentence["answers"] if not answer["for"]][:1]:
            yield f"    but {answer['said']}"
    if not known["answers"]:
        yield "Nothing yet: your agent learns from your answers alone. Answer a few questions under Teach: weal up"
    elif not known["sentences"]:
        yield "Nothing clear enough to say in a sentence yet. Answer a few more questions under Teach: weal up"
    if known["unknown"]:
        named, more = known["unknown"][:NAMED], len(known["unknown"]) - NAMED
        yield f"Not known yet: {', '.join(named)}{f', and {more} more' if more > 0 else ''}."
