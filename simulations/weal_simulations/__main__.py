"""`weal-simulate`: many people on the same code. Each study is a command; `--json` prints one object."""

import json
import os
import signal
import time
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as a node runs; read once, when NumPy is first imported

from weal_protocol.errors import WealError
from weal_simulations.bench import catalogue, options, studying

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},  # of every command: they take it over
)
aside = Console(stderr=True, highlight=False)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"weal-simulate {metadata.version('weal')}")
        raise typer.Exit


@app.callback()
def study(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version and exit")
    ] = False,
) -> None:
    """Studies with many people, on the same code as the nodes."""


@app.command()
def demo(
    data: Annotated[Path | None, typer.Option(help="A Polis export; without it people are made up")] = None,
    seed: Annotated[int, typer.Option(help="Decides who is chosen, and every made-up person")] = 1,
    stay: Annotated[bool, typer.Option("--stay", help="Leave everything running and print login links")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object")] = False,
) -> None:
    """A coordinator, a crowd and three nodes, as real processes: votes, rounds, predictions, a deal."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where whoever started us ignores it
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))  # so that it ends as by Ctrl-C
    from weal_simulations.town import demo as stage
    from weal_simulations.worlds import demo_town, polis

    began = time.monotonic()
    opinions = polis.read(data) if data else demo_town.opinions(seed)
    with aside.status("") as status:

        def say(line: str) -> None:
            aside.print(f"[dim]{time.monotonic() - began:5.0f} s[/dim]  {line}", soft_wrap=True)
            status.update(line)

        with stage.demo(opinions, seed, stage.Staging(), say) as shown:
            status.stop()
            typer.echo(json.dumps(shown.found)) if as_json else show_demo(shown.found)
            if stay:
                rest(shown.links(), err=as_json)
            status.start()


def _add(entry: catalogue.Entry) -> None:
    """Make a command of a study."""

    def act(given: dict[str, Any]) -> None:
        seed, people, as_json, report = (given.pop(name) for name in ("seed", "people", "as_json", "report"))
        if "data" not in entry.options:
            studying.say_unused(entry.name, given.pop("data"))
        own = {name: value for name, value in given.items() if value}
        studying.show(studying.run(entry.name, seed, people, **own), as_json, report)

    app.command(entry.name, help=entry.question)(options.command(entry, act))


for _entry in catalogue.entries().values():
    _add(_entry)


@app.command()
def floors(
    names: Annotated[list[str] | None, typer.Argument(help="Only these studies; all of them by default")] = None,
    data: options.DataOption = None,
    seed: options.SeedOption = 1,
    as_json: options.JsonOption = False,
) -> None:
    """Run every study at benchmark size and hold what it measures against what was promised; exit 1 when something is missed."""
    if unknown := sorted(set(names or ()) - set(catalogue.entries())):
        raise WealError(f"there is no study {unknown[0]}", f"Choose among {', '.join(catalogue.entries())}")
    if not studying.all_floors(seed, data, as_json, names or ()):
        raise typer.Exit(1)


def rest(links: list[str], err: bool) -> None:
    """Print login links and wait for Ctrl-C."""
    for link in links:
        typer.echo(f"Log in with this link, it works once: {link}", err=err)
    typer.echo("Everything runs until Ctrl-C.", err=err)
    try:
        signal.pause()
    except KeyboardInterrupt:
        return


def show_demo(found: dict[str, Any]) -> None:
    """Print what a run has shown, for a reader."""
    console = Console(highlight=False)
    nodes = Table("node", "labels", "accuracy", "of the prior", "log-loss", "of the prior", "release")
    for number, one in enumerate(found["nodes"], start=1):
        figures = (one["accuracy_private"], one["accuracy_global"], one["log_loss_private"], one["log_loss_global"])
        nodes.add_row(str(number), str(one["labels"]), *(f"{figure:.3f}" for figure in figures), str(one["release"]))
    rounds = Table("round", "drawn", "counted", "epsilon so far")
    for one in found["rounds"]:
        rounds.add_row(str(one["number"]), str(one["sampled"]), str(one["used"]), f"{one['epsilon']:.2f}")
    deals = Table("deal", "messages", "bits told", "gains over no deal", "ratified by", "agreement")
    for number, one in enumerate(found["deals"], start=1):
        bits, gains = (", ".join(f"{value:.1f}" for value in one[name]) for name in ("bits", "gains"))
        deals.add_row(
            str(number),
            str(one["messages"]),
            bits,
            gains,
            f"{len(one['ratified_by'])} people",
            one["agreement_sha256"][:16],
        )
    for table in (nodes, rounds, deals):
        console.print(table)
    sizes = ", ".join(f"{one['name']} {one['rss_mb']:.0f} MB" for one in found["processes"])
    console.print(f"{len(found['disclosures'])} disclosures in the three ledgers. Memory: {sizes}.")


def main() -> None:
    """Run the command line; a fault that we name is told in one line, with the next step."""
    try:
        app()
    except WealError as fault:
        aside.print(f"[red]{fault.what}.[/red] {fault.hint}", soft_wrap=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
