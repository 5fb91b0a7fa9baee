"""Commands about what the community learnt together: what became of each release, and going back."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from weal_node.cli.program import HomeOption, JsonOption, app


@app.command()
def releases(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List what became of each release: adopted, kept unused because it predicts you worse, refused, or rolled back."""
    from weal_node import config
    from weal_node.cli.calling import call
    from weal_protocol import release_log

    history = call(config.home(home), "releases", {})
    if as_json:
        typer.echo(json.dumps(history))
        return
    for entry in history["history"]:
        when = datetime.fromtimestamp(entry["at_ms"] / 1_000, UTC).astimezone().strftime("%d %b %Y, %H:%M")
        unnamed = "?" if entry["act"] == "refused" else "built-in prior"
        typer.echo(f"{when}  {entry['number'] or unnamed}  {entry['act']}: {entry['why']}")
    if head := history["head"]:
        digits = release_log.digits(bytes.fromhex(head["sha256"]))
        typer.echo(
            f"The log ends with release {head['number']}, {digits}: compare with other members and the public page."
        )
    if history["forks"]:
        typer.echo("ALARM: the coordinator shows this node other releases than before. Ask whoever runs the community.")
    using = history["using"]
    typer.echo(f"In use: {f'release {using}' if using else 'the prior that a node begins with'}.")


@app.command()
def rollback(
    number: Annotated[
        int | None, typer.Argument(min=0, help="A release of `weal releases`, 0 for the built-in prior; else the last.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go back to the release used before, or to any that this node has. It stays so until you or a better one says otherwise."""
    from weal_node import config
    from weal_node.cli.calling import call

    done = call(config.home(home), "rollback", {"number": number})
    told = f"release {done['using']}" if done["using"] else "the prior that a node begins with"
    typer.echo(json.dumps(done) if as_json else f"In use from now on: {told}.")
