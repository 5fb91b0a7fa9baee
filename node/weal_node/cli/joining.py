"""The command that joins a community: first all that would leave, then the person's word on each note written so far."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from weal_node.cli.living import print_offers
from weal_node.cli.program import HomeOption, JsonOption, app

if TYPE_CHECKING:  # the command line must start at once
    from weal_node.commons.consent import ConsentQuestion, Queued
    from weal_node.config import Home

SUGGESTED = "factors"  # as in federation/tiers.py, which is too slow to load for `--help`


@app.command()
def join(
    invite: Annotated[str, typer.Argument(help="The text that begins with weal1.")],
    home: HomeOption = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask. Notes written so far stay here, but for those of --share.")
    ] = False,
    share: Annotated[
        list[str] | None,
        typer.Option("--share", metavar="TITLE", help="A note written so far that may leave; its title, path or id."),
    ] = None,
    keep_all: Annotated[bool, typer.Option("--keep-all", help="Keep every note written so far here.")] = False,
    name: Annotated[str, typer.Option(help="Your name as members will see it, for a node made just now.")] = "",
    tier: Annotated[str, typer.Option(help="What you give to aggregation; `weal tier` changes it later.")] = SUGGESTED,
    as_json: JsonOption = False,
) -> None:
    """Join a community, after showing all that will leave, note by note, and what each tier of aggregation costs."""
    from weal_node import config
    from weal_node.app.lock import HomeLock
    from weal_node.app.setup import set_up
    from weal_node.cli.calling import Calling, call
    from weal_node.commons import consent
    from weal_node.errors import TypedError
    from weal_node.federation.membership import known
    from weal_node.federation.tiers import delay, offers, rounds_of, will_leave

    if share and keep_all:
        raise TypedError("--share and --keep-all say opposite things", "Give one of them")
    place = config.home(home)
    settings = config.read(place)
    if name and not place.keys.exists():
        settings = replace(settings, name=name)
    rounds = rounds_of(invite)
    known(tier)
    asked = _asked(place)
    ticked = consent.chosen(asked, share or ())
    if not as_json:
        for line in will_leave(invite, settings, asked):
            typer.echo(line)
        _list(asked, ticked, delay(settings))
        print_offers(offers(settings, rounds_of=rounds), tier)
    if not yes:
        if asked.queued and not share and not keep_all:
            ticked = _tick(asked.queued)
        if not typer.confirm("Join?"):
            raise typer.Abort
    with HomeLock(place, must=False) as lock:
        if lock.held and not place.keys.exists():
            set_up(place, settings.name)
    given = {"invite": invite, "tier": tier, "share": sorted(ticked)}
    community = call(place, "join", given, Calling(settings=settings))["community"]
    if as_json:
        left = [queued.note.path for queued in asked.queued if queued.note.id in ticked]
        stay = [queued.note.path for queued in asked.queued if queued.note.id not in ticked]
        typer.echo(json.dumps({"community": community, "may_leave": left, "kept": stay}))
        return
    typer.echo(f"Joined {community}.")
    if asked.queued:
        going = f"{_notes(len(ticked))} may leave in {delay(settings)}" if ticked else "No note written so far leaves"
        typer.echo(
            f"{going}; {_notes(len(asked.queued) - len(ticked))} kept here. About to leave, on Notes, lists both."
        )


def _asked(place: "Home") -> "ConsentQuestion":
    """Return what is queued in this home; nothing where there is no node yet."""
    from weal_node.cli.calling import call
    from weal_node.commons.consent import ConsentQuestion, Queued
    from weal_node.records import Note, Visibility

    if not place.keys.exists():
        return ConsentQuestion((), 0)
    told = call(place, "join-preview", {})
    queued = [
        Queued(Note(**(row["note"] | {"visibility": Visibility(row["note"]["visibility"])})), row["held"], row["left"])
        for row in told["queued"]
    ]
    return ConsentQuestion(tuple(queued), told["total"], told["unread"], told["letters"])


def _list(asked: "ConsentQuestion", ticked: frozenset[str], delay: str) -> None:
    typer.echo(f"Notes that may leave: {len(asked.queued)} of your {asked.total}.")
    if not asked.queued:
        return
    typer.echo(f"None leaves unless you say so, and none before {delay} have passed from your yes:")
    for queued in asked.queued:
        typer.echo(f"  [{'x' if queued.note.id in ticked else ' '}] {_line(queued)}")


def _line(queued: "Queued") -> str:
    note = queued.note
    why = f"{note.visibility}{'' if note.stated else ', by its folder'}"
    held = f"; held back even so: it seems to hold {queued.held}" if queued.held else ""
    return f"{note.title or 'Untitled'} ({note.path}; {why}{held})"


def _tick(queued: "Sequence[Queued]") -> frozenset[str]:
    """Ask whether all stay, and where not, note by note; no is the answer to an empty line."""
    if typer.confirm(f"Keep {'it' if len(queued) == 1 else f'all {len(queued)} of them'} here?", default=True):
        return frozenset()
    return frozenset(row.note.id for row in queued if typer.confirm(f"Let {_line(row)} leave?", default=False))


def _notes(count: int) -> str:
    return f"{count} note{'' if count == 1 else 's'}"
