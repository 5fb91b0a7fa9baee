"""The off switch: a file in the home. It needs no answer of the node, which heeds it within a second, and holds over restarts."""

import json

import typer

from weal_node.cli.program import HomeOption, JsonOption, app


@app.command()
def off(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Stop everything that leaves this node or comes in, every negotiation first; it stays stopped until `weal on`."""
    _turn(home, False, as_json)


@app.command()
def on(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Let the node take part again."""
    _turn(home, True, as_json)


def _turn(home: HomeOption, on: bool, as_json: bool) -> None:
    from weal_node import config
    from weal_node.errors import NotSetUpError

    place = config.home(home)
    if not place.keys.exists():
        raise NotSetUpError(f"there is no node in {place.root}", "Run `weal init`")
    if on:
        place.paused.unlink(missing_ok=True)
    else:
        place.paused.touch()
    said = (
        "On: this node takes part again."
        if on
        else "Off: nothing leaves this node, after a restart too. `weal on` ends it."
    )
    typer.echo(json.dumps({"on": on}) if as_json else said)
