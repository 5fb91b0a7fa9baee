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
from weal_simulations.bench import studying

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


SeedOption = Annotated[int, typer.Option(help="Decides every person, split and answer; floors are reported on 1")]
PeopleOption = Annotated[int | None, typer.Option(min=2, help="How many people; the benchmark's number by default")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object")]
ReportOption = Annotated[Path | None, typer.Option(help="Write a page with tables and plots to this file")]
DataOption = Annotated[Path | None, typer.Option(help="A Polis export, or a folder with items.csv and choices.csv")]
UnusedDataOption = Annotated[
    Path | None, typer.Option("--data", help="Not used by this study, which makes up what it needs")
]


@app.command(help=studying.STUDIES["learning"])
def learning(
    data: DataOption = None,
    seed: SeedOption = 1,
    people: PeopleOption = None,
    splits: Annotated[int | None, typer.Option(min=1, help="How often people are split anew, 5 by default")] = None,
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    """Predict unseen people from k answers."""
    studying.show(studying.run("learning", seed, people, data=data, splits=splits), as_json, report)


@app.command(help=studying.STUDIES["federation"])
def federation(
    data: DataOption = None,
    epsilon: Annotated[
        list[float] | None, typer.Option(min=0.1, help="A budget, may be given again; by default none, 8, 3 and 1")
    ] = None,
    tier: Annotated[
        list[str] | None, typer.Option(help="light, factors or label-private; may be given again; by default all")
    ] = None,
    everyone: Annotated[
        bool, typer.Option("--everyone", help="Thirty rounds of everyone, as the design's, not twenty of a fifth")
    ] = False,
    seed: SeedOption = 1,
    people: PeopleOption = None,
    splits: Annotated[int, typer.Option(min=1, help="How often people are split anew, 3 by default")] = 3,
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    """Aggregate under differential privacy and predict people whom nobody met; always with the row without noise."""
    more: dict[str, Any] = {"epsilons": tuple(dict.fromkeys((None, *epsilon)))} if epsilon else {}
    if tier:
        if unknown := sorted(set(tier) - set(studying.TIERS)):
            raise WealError(f"there is no tier {unknown[0]}", f"Choose among {', '.join(studying.TIERS)}")
        more["tiers"] = tuple(dict.fromkeys(tier))
    found = studying.run("federation", seed, people, data=data, splits=splits, everyone=everyone, **more)
    studying.show(found, as_json, report)


@app.command(help=studying.STUDIES["bargaining"])
def bargaining(
    domains: Annotated[Path | None, typer.Option(help="A folder of JSON domains; without it they are made up")] = None,
    noise: Annotated[
        float, typer.Option(min=0, max=1, help="How far models err: sd, as a share of the range of a party's utility")
    ] = 0.0,
    data: UnusedDataOption = None,
    seed: SeedOption = 1,
    people: PeopleOption = None,
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    """Bargain in every domain by every mechanism."""
    studying.say_unused("bargaining", data)
    studying.show(studying.run("bargaining", seed, people, domains_at=domains, noise=noise), as_json, report)


@app.command(help=studying.STUDIES["load"])
def load(
    phase: Annotated[
        list[str] | None, typer.Option(help="rest, idle, round50, round100 or soak; may be given again; by default all")
    ] = None,
    rounds: Annotated[int, typer.Option(min=5, help="Of the soak")] = 500,
    data: UnusedDataOption = None,
    seed: SeedOption = 1,
    people: PeopleOption = None,
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    """Real processes: resident memory at rest, 1,000 who wait, rounds of 50 and of 100, many rounds."""
    studying.say_unused("load", data)
    more: dict[str, Any] = {"phases": tuple(phase)} if phase else {}
    studying.show(studying.run("load", seed, people, rounds=rounds, **more), as_json, report)


def _study(name: str, about: str) -> None:
    def command(
        data: UnusedDataOption = None,
        seed: SeedOption = 1,
        people: PeopleOption = None,
        as_json: JsonOption = False,
        report: ReportOption = None,
    ) -> None:
        studying.say_unused(name, data)
        studying.show(studying.run(name, seed, people), as_json, report)

    app.command(name, help=about)(command)


for _name, _about in studying.STUDIES.items():
    if _name not in studying.WITH_OPTIONS:
        _study(_name, _about)


@app.command()
def floors(
    names: Annotated[list[str] | None, typer.Argument(help="Only these studies; all of them by default")] = None,
    data: DataOption = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Run every study at benchmark size and hold what it measures against what was promised; exit 1 when something is missed."""
    if unknown := sorted(set(names or ()) - set(studying.STUDIES)):
        raise WealError(f"there is no study {unknown[0]}", f"Choose among {', '.join(studying.STUDIES)}")
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
