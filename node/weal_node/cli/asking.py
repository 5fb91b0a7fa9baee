"""`weal ask`: a question answered from notes."""

import json
from typing import Annotated, Any

import typer

from weal_node.cli.program import HomeOption, JsonOption, app

QUOTED = 3  # notes that are quoted in a terminal, unless more are asked for


@app.command()
def ask(
    question: Annotated[
        list[str], typer.Argument(help="In your own words; also in:mine, in:others, tag:x, since:2026-01-31")
    ],
    home: HomeOption = None,
    that: Annotated[
        int, typer.Option("--that", min=0, help="The note of this number answers it: first when asked again.")
    ] = 0,
    not_that: Annotated[int, typer.Option("--not", min=0, help="The note of this number does not answer it.")] = 0,
    model: Annotated[str, typer.Option(help="A language model that is to write an answer from these passages.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Quote every note that bears on it.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask your notes, and others' that this node keeps: the passages that bear on it, cited."""
    from weal_node import config
    from weal_node.cli.calling import call

    asked = {"text": " ".join(question), "that": that, "not_that": not_that, "model": model}
    answer = call(config.home(home), "ask", asked)
    if as_json:
        typer.echo(json.dumps(answer))
        return
    for line in _lines(answer, everything):
        typer.echo(line)
    if that or not_that:
        typer.echo("Remembered for when you ask this again.")


def _lines(answer: dict[str, Any], everything: bool) -> list[str]:
    if answer["said"]:
        return [f"{answer['said']}."]
    lines = _written(answer["answer"]) if "answer" in answer else []
    notes = answer["notes"]
    if not notes:
        lines.append("Your notes and those you can read do not say.")
        lines += [f"Nearest, though no answer: {note['title'] or 'Untitled'}" for note in answer["nearest"][:1]]
        lines.append("Search for single words with `weal search`, or write the question down with `weal note`.")
    elif not answer["sure"]:
        lines.append("Nothing answers it for sure; the nearest passages:")
    for number, note in enumerate(notes if everything else notes[:QUOTED], start=1):
        lines += _quoted(number, note)
    if len(notes) > QUOTED and not everything:
        lines.append(f"{len(notes) - QUOTED} more: --all")
    if answer["missing"]:
        lines.append(f"In no note: {', '.join(answer['missing'])}")
    if answer["people"]:
        people = [f"{person['name']} ({person['notes']})" for person in answer["people"]]
        lines.append(f"Who could know, by notes near it: {', '.join(people)}")
    return lines


def _quoted(number: int, note: dict[str, Any]) -> list[str]:
    remembered = "; you said it answers this" if note["said"] == "yes" else ""
    lines = [
        f"{number}. {note['title'] or 'Untitled'}  ({note['name'] or 'you'}, {_day(note['written_ms'])}{remembered})"
    ]
    for quote in note["quotes"]:
        heading = f"{quote['heading']}: " if quote["heading"] else ""
        lines.append(f"    {heading}{quote['text']}")
    return lines


def _written(answer: dict[str, Any]) -> list[str]:
    if not answer["sentences"]:
        return [f"{answer['model']} wrote nothing that rests on the passages."]
    lines = [f"{sentence['text']} [{', '.join(map(str, sentence['cites']))}]" for sentence in answer["sentences"]]
    lines += [
        f"  [{number}] {passage['title'] or 'Untitled'} ({passage['name'] or 'you'})"
        for number, passage in enumerate(answer["passages"], start=1)
    ]
    lines.append(f"Written by {answer['model']}; {len(answer['left_out'])} sentences without support were left out.")
    return [*lines, ""]


def _day(written_ms: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(written_ms / 1000, UTC).astimezone().strftime("%d %b %Y") if written_ms else "undated"
