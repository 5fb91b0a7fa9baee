"""Commands that keep, or let go: export, backup, restore, forget."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weal_node.cli.program import HomeOption, JsonOption, app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weal_node.config import Home
    from weal_node.upkeep.backup import Lock

PassphraseOption = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="A file with the passphrase; else WEAL_PASSPHRASE, else asked for."),
]
SLOW_S = 600.0  # forgetting reads a whole home back
SHORTEST = 12  # characters of a passphrase for a new backup


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="A folder or a .zip that does not exist yet.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write everything of this node in open formats: Markdown, a git bundle, JSON lines. Without your keys."""
    from weal_node import config
    from weal_node.app.lock import HomeLock
    from weal_node.upkeep.export import export as write

    place = config.home(home)
    with HomeLock(place, must=False, make=False):
        done = write(place, target.expanduser().absolute())
    typer.echo(
        json.dumps(asdict(done))
        if as_json
        else f"{done.files} files and {done.rows} rows in {done.target}. It is not encrypted."
    )


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A file that does not exist yet.")],
    home: HomeOption = None,
    recipient: Annotated[list[str] | None, typer.Option(help="age1... or ssh-...; instead of a passphrase.")] = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the whole node, keys too, into one encrypted file (age). The node may be running."""
    from weal_node import config
    from weal_node.app.clock import now_ms
    from weal_node.app.lock import HomeLock
    from weal_node.errors import NodeError, NotSetUpError
    from weal_node.upkeep.backup import Lock
    from weal_node.upkeep.backup import backup as write

    place = config.home(home)
    if target.exists():  # before a passphrase is thought up for it
        raise NodeError(f"{target} is there already", "Name a file that does not exist yet")
    if not place.keys.is_dir():
        raise NotSetUpError(f"there is no node in {place.root}", "Nothing to back up; see `weal init`")
    lock = Lock(recipients=tuple(recipient)) if recipient else Lock(_passphrase(passphrase_file, new=True))
    if lock.passphrase and len(lock.passphrase) < SHORTEST:
        raise NodeError(
            f"a passphrase has at least {SHORTEST} characters", "Some words that nobody else would put together"
        )
    with HomeLock(place, must=False, make=False) as held:
        kept = write(place, target.expanduser().absolute(), lock, now_ms(), alone=held.held)
    if as_json:
        typer.echo(json.dumps({"target": str(target), "files": kept.files, "size": kept.size}))
        return
    typer.echo(
        f"{kept.files} files, {kept.size} bytes, in {target}."
        + ("" if recipient else " It was opened again and compared.")
    )
    typer.echo("Whoever opens it is you. Without the passphrase or key nobody opens it, neither do you.")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="What `weal backup` wrote.")],
    home: HomeOption = None,
    identity: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A file with AGE-SECRET-KEY-... or an ssh key.")
    ] = None,
    passphrase_file: PassphraseOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every byte, write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a node from a backup, in a home that does not exist yet. Every byte is checked first."""
    from weal_node import config
    from weal_node.upkeep.backup import look
    from weal_node.upkeep.backup import restore as bring_back
    from weal_node.upkeep.read_back import differing, look_first

    place = config.home(home)
    look_first(source, None if dry_run else place)
    lock = _identity(identity, passphrase_file)
    kept = look(source, lock) if dry_run else bring_back(source, lock, place)
    wrong = [] if dry_run else differing(place, kept)
    if as_json:
        shown: dict[str, Any] = {
            "files": kept.files,
            "size": kept.size,
            "made_ms": kept.made_ms,
            "home": str(place.root),
            "differing": wrong,
        }
        typer.echo(json.dumps(shown | ({"manifest": kept.sha256} if dry_run else {})))
        return
    if dry_run:
        for name, sha256 in sorted(kept.sha256.items()):
            typer.echo(f"{sha256}  {name}")
        typer.echo(f"{kept.files} files, {kept.size} bytes, all as the manifest says. Nothing was written.")
        return
    for name in wrong:
        typer.echo(f"Not as in the backup, when read back: {name}")
    read = "; read back, all are as in the backup" if not wrong else f"; {len(wrong)} of them are not as in the backup"
    came = kept.files - len(kept.left)
    typer.echo(f"{came} files restored into {place.root}{read}. Next: weal {'doctor' if wrong else 'up'}")
    if kept.left:
        typer.echo(
            f"Not taken: {len(kept.left)} files that steer git or belong to a run, such as {kept.left[0]!a}. They hold no notes."
        )
    typer.echo("Do not run the same node in two places at once.")
    typer.echo(
        "Rounds of aggregation since this backup count as answered: the first that is called is left out, to count them."
    )


@app.command()
def forget(
    what: Annotated[str, typer.Argument(help="note, label or everything.")],
    which: Annotated[str, typer.Argument(help="A note's path or id; an answer's id.")] = "",
    home: HomeOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take a note, an answer or everything out of this node for good, history too, and look whether it is gone."""
    from weal_node import config
    from weal_node.cli.calling import Calling, call
    from weal_node.errors import NodeError

    place = config.home(home)
    if what not in ("note", "label", "everything") or (what != "everything" and not which):
        raise NodeError(
            f"{what} {which} cannot be forgotten".replace("  ", " "), "weal forget note PATH, label ID, or everything"
        )
    if not yes and not typer.confirm(_question(place, what, which)):
        raise typer.Abort
    if what == "everything":
        done = _everything_gone(place)
    else:
        done = call(place, "forget", {"what": what, "which": which}, Calling(timeout_s=SLOW_S))
    if as_json:
        typer.echo(json.dumps(done))
        return
    typer.echo(f"Forgotten: {done['what']}." + (f" {done['versions']} versions." if done["versions"] else ""))
    for line in _read_back(what, done):
        typer.echo(line)
    if done["left"]:
        typer.echo(
            f"It was published {done['left']} times. What others copied stays with them; the ledger keeps that it left."
        )


def _read_back(what: str, done: dict[str, Any]) -> "Iterator[str]":
    """Say what was looked for afterwards, and what was found."""
    if what == "note":
        yield "Looked for its title, path, id and each of its lines: in every file of this node, the whole history, every table."
    for place in done["remains"]:
        yield f"Still there: {place}"
    for place in done["elsewhere"]:
        yield f"Words that it had too, maybe of others: {place}"
    for place in done["closed"]:
        yield f"Not looked into: {place}"
    if not done["remains"] and not done["elsewhere"] and not done["closed"]:
        yield "Nothing of it is left on this node. Deleted blocks of a disk, and older backups, are out of reach."
    elif not done["remains"]:
        yield "No path, no id and no line that is surely of it is left in what was looked into."


def _question(place: "Home", what: str, which: str) -> str:
    """Return the question, with what would be lost; NotFoundError where there is no such thing, before anybody is asked."""
    from weal_node.cli.calling import call

    if what == "everything":
        return f"Delete the whole node in {place.root}, keys and all: {_everything(place)}? Nothing brings it back but a backup."
    there = call(place, "forget-preview", {"what": what, "which": which})
    if what == "label":
        return f"Forget the answer {which} for good? Nothing brings it back but a backup."
    many = f"{there['versions']} version{'' if there['versions'] == 1 else 's'}"
    gone = ", whose file is gone" if there["gone"] else ""
    left = f", which left {there['left']} time{'' if there['left'] == 1 else 's'}" if there["left"] else ""
    named = f"{there['title']!r} ({there['path']}{gone}{left})"
    return f"Forget {named} for good, with {many} in the history? Nothing brings it back but a backup."


def _everything(place: "Home") -> str:
    """Return in words what is in a home."""
    from weal_node.errors import NotSetUpError

    if not place.keys.is_dir():
        raise NotSetUpError(f"there is no node in {place.root}", "Nothing was deleted")
    notes = sum(1 for _ in place.vault.rglob("*.md"))
    said = [f"{notes} note{'' if notes == 1 else 's'} with every version"]
    if place.vault.is_symlink():
        said = [f"the history of {notes} notes (the notes themselves, in {place.vault.resolve()}, stay)"]
    said += ["your answers", "the ledger", "your keys"]
    if (place.community / "membership.json").exists():
        said.append("your membership, of which `weal leave` would first tell your community")
    return ", ".join(said)


def _everything_gone(place: "Home") -> dict[str, Any]:
    """Delete the home; AlreadyRunningError while a node runs there."""
    from weal_node.app.lock import HomeLock
    from weal_node.errors import AlreadyRunningError
    from weal_node.upkeep import erasure

    with HomeLock(place, must=False, make=False) as lock:
        if not lock.held:
            raise AlreadyRunningError(f"a node is running in {place.root}", "Stop it first")
        return asdict(erasure.everything(place))


def _passphrase(file: Path | None, new: bool) -> str:
    from weal_node.errors import NodeError

    if file is not None:
        try:
            return file.read_text().strip("\n")
        except (OSError, UnicodeDecodeError) as fault:
            raise NodeError(f"{file} cannot be read", "Name a file that holds the passphrase alone") from fault
    given = os.environ.get("WEAL_PASSPHRASE")
    return (
        given
        if given is not None
        else str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True))
    )


def _identity(file: Path | None, passphrase_file: Path | None) -> "Lock":
    from weal_node.upkeep.backup import Lock

    if file is None:
        return Lock(_passphrase(passphrase_file, new=False))
    text = file.read_text(errors="replace")
    keys = tuple(line.strip() for line in text.splitlines() if line.startswith("AGE-SECRET-KEY-"))
    return Lock(identities=keys or (text,))
