"""The community that this node is in, from the terminal: what its charter changed, and the person's word on what rounds cost now."""

import json
from typing import Annotated, Any

import typer

from weal_node.cli.program import HomeOption, JsonOption, app


@app.command()
def community(
    home: HomeOption = None,
    agree: Annotated[
        bool, typer.Option("--agree", help="Agree to what rounds cost by the charter in force, after it is shown.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --agree: do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say which community this is, what its charter changed, and whether rounds wait for your word."""
    from weal_node import config
    from weal_node.cli.calling import call

    place = config.home(home)
    found = call(place, "charter", {})
    asked = agree and found["waits"]
    if asked:
        if not as_json:
            _show(found)
        if not yes and not typer.confirm("Agree to what rounds cost now?"):
            raise typer.Abort
        found = call(place, "agree-charter", {"number": found["number"]})
    if as_json:
        typer.echo(json.dumps(found))
    elif agree and not asked:
        typer.echo("Nothing waits for your word: rounds cost what you agreed to.")
    elif agree:
        agreed = "Agreed: rounds are answered again." if not found["waits"] else "Rounds wait for your word yet."
        typer.echo(agreed)
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    from weal_node.deals.times import day

    typer.echo(f"{found['name']} ({found['id'][:16]})")
    for why in found["forks"]:
        typer.echo(f"ALARM: the coordinator shows other charters than before: {why}. They were refused.")
    changes = found["changes"]
    if not changes:
        typer.echo("Its charter is as it was founded.")
    for change in changes[::-1]:
        typer.echo(f"Charter {change['number']}, signed {day(change['at_ms'])}:")
        for line in change["difference"]:
            typer.echo(f"    {line}")
    if found["waits"]:
        typer.echo("Rounds cost something else than you agreed to, and this node gives nothing until you agree.")
        typer.echo(found["cost"])
        typer.echo("Agree: weal community --agree")
