"""The command that shows what is in a person's own notes."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from weal_node.cli.program import HomeOption, JsonOption, app

TIMEOUT_S = 120.0  # a node that has just begun to read answers with what it has
NAMES = {
    "repeated": "Written again and again",
    "due": "Dates you wrote down",
    "wish": "What you want",
    "near": "Old notes that bear on new ones",
    "mention": "Named, never linked",
    "copy": "Twice",
    "unwritten": "Linked, never written",
    "question": "A question you left open",
    "recurs": "Who and where recurs",
}


@app.command()
def look(
    home: HomeOption = None,
    do: Annotated[str, typer.Option("--do", metavar="LINE", help="Keep this line as wanted: Today may bring it.")] = "",
    done: Annotated[str, typer.Option("--done", metavar="LINE", help="Done or no longer: never shown again.")] = "",
    unlike: Annotated[
        str, typer.Option("--not", metavar="LINE", help="Not like this: no such line of this note.")
    ] = "",
    back: Annotated[str, typer.Option("--back", metavar="LINE", help="Take back what you said of a line.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="By words and links alone, where no node runs.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what you wrote in your own notes and may have lost sight of, each line with its note."""
    from weal_node import config
    from weal_node.cli.calling import Calling, call
    from weal_node.cli.finding import bar

    said = {"do": do, "done": done, "unlike": unlike, "back": back}
    gesture, line = next(((name, value) for name, value in said.items() if value), ("", ""))
    with bar(as_json) as progress:
        asked = {"line": line, "gesture": gesture, "quick": quick}
        looked = call(config.home(home), "look", asked, Calling(TIMEOUT_S, progress=progress))
    if as_json:
        typer.echo(json.dumps(looked))
        return
    rule = ""
    for found in looked["lines"]:
        if found["rule"] != rule:
            rule = found["rule"]
            typer.echo(f"\n{NAMES[rule]}")
        _say(found)
    if looked["wanted"]:
        typer.echo("\nYou asked for")
        for found in looked["wanted"]:
            typer.echo(f"  {found['line'][:8]}  {found['act'] or found['quotes'][0]['quote']}")
    for remark in looked["remarks"]:
        typer.echo(f"\n{remark}")
    typer.echo(f"\n{_standing(looked)}")
    if looked["lines"]:
        typer.echo("weal look --do, --done or --not, and the first signs of a line.")


def _say(found: dict[str, Any]) -> None:
    typer.echo(f"  {found['line'][:8]}  {found['act'] or found['says']}")
    if found["act"]:
        typer.echo(f"            {found['says']}")
    for quote in found["quotes"]:
        words = f"“{quote['quote']}”  " if quote["quote"] else ""
        typer.echo(f"            {words}({quote['path']}{_day(quote['dated_ms'])})")


def _day(ms: int) -> str:
    return f", {datetime.fromtimestamp(ms / 1_000, UTC):%-d %b %Y}" if ms else ""


def _standing(looked: dict[str, Any]) -> str:
    count, notes = len(looked["lines"]), looked["notes"]
    if not notes:
        return 'There are no notes yet. Write one: weal note "...", or bring some: weal import FOLDER.'
    things = f"{count} line{'' if count == 1 else 's'} from {notes} note{'' if notes == 1 else 's'}."
    if looked["notes_read"] < notes:
        return f"{things} {looked['notes_read']} of the notes are read so far."
    if looked["texts_read"] < looked["texts"]:
        return f"{things} Old notes and repeated wishes are still being compared: {looked['texts_read']} of {looked['texts']}."
    return things
