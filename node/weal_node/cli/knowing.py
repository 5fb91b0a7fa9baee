"""Commands that say what the agent knows of its person."""

import json
from collections.abc import Iterator
from typing import Any

import typer

from weal_node.cli.program import HomeOption, JsonOption, app

FEW = 2  # answers under each sentence, as on the page
NAMED = 8  # things that are not known


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
        for answer in sentence["answers"][:FEW]:
            yield f"    {answer['said']}"
    if not known["answers"]:
        yield "Nothing yet: your agent learns from your answers alone. Answer a few questions under Teach: weal up"
    elif not known["sentences"]:
        yield "Nothing clear enough to say in a sentence yet. Answer a few more questions under Teach: weal up"
    if known["unknown"]:
        named, more = known["unknown"][:NAMED], len(known["unknown"]) - NAMED
        yield f"Not known yet: {', '.join(named)}{f', and {more} more' if more > 0 else ''}."
