"""Deals from the terminal: where each stands and what is to be done next. Deciding is for the page: what is approved is seen there."""

import json
from typing import Annotated, Any

import typer

from weal_node.cli.program import HomeOption, JsonOption, app


@app.command()
def deals(
    home: HomeOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that have ended too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List your deals: how each stands, with whom, about what, and what is to be done next."""
    from weal_node import config
    from weal_node.cli.calling import call

    known = call(config.home(home), "deals", {})
    if as_json:
        typer.echo(json.dumps(known))
        return
    deals = known["deals"]
    shown = [deal for deal in deals if everything or not deal["ended"]]
    for deal in sorted(shown, key=lambda deal: not deal["waits_for_you"]):  # stable: newest first among each
        _show(deal)
    hidden = len(deals) - len(shown)
    if not known["joined"]:
        typer.echo("This node is in no community yet, and deals are made there. With an invite: weal join INVITE")
    elif not deals:
        typer.echo("No deals yet. They come from the lines needs and offers in notes, yours and others'; or propose")
        typer.echo("one of your own on the page, under Community.")
    elif hidden:
        typer.echo(f"{hidden} ended: weal deals --all")
    if any(deal["waits_for_you"] for deal in shown):
        typer.echo("You decide on the page, under Community: weal login")


def _show(deal: dict[str, Any]) -> None:
    others = " and ".join(name for name in deal["names"] if name != "you")
    about = str(deal["chosen"]["text"]) if deal["chosen"] else "; ".join(deal["offered"])
    typer.echo(_plain(f"- {deal['subject']}  ({deal['standing']}, with {others})"))
    typer.echo(_plain(f"    {about}"))
    if deal.get("stranger"):
        typer.echo(_plain(f"    {deal['stranger']}"))
    typer.echo(_plain(f"    Next: {deal['next']}."))


def _plain(line: str) -> str:
    """Return the line without what could act on a terminal: others wrote some of its words."""
    return "".join(letter if letter.isprintable() else " " for letter in line)
