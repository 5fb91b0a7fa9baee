"""Commands that keep, or let go: export, backup, restore, forget."""

import asyncio
import contextlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weal_node.cli.program import HomeOption, JsonOption, app

if TYPE_CHECKING:
    from weal_node.config import Home
    from weal_node.loop.backup import Lock

PassphraseOption = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="A file with the passphrase; else WEAL_PASSPHRASE, else asked for."),
]
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
    from weal_node.loop.export import export as write

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
    from weal_node.errors import NodeError
    from weal_node.loop.backup import Lock
    from weal_node.loop.backup import backup as write

    place = config.home(home)
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
    from weal_node.loop.backup import look
    from weal_node.loop.backup import restore as bring_back

    place, lock = config.home(home), _identity(identity, passphrase_file)
    kept = look(source, lock) if dry_run else bring_back(source, lock, place)
    if as_json:
        shown: dict[str, Any] = {
            "files": kept.files,
            "size": kept.size,
            "made_ms": kept.made_ms,
            "home": str(place.root),
        }
        typer.echo(json.dumps(shown | ({"manifest": kept.sha256} if dry_run else {})))
        return
    if dry_run:
        for name, sha256 in sorted(kept.sha256.items()):
            typer.echo(f"{sha256}  {name}")
        typer.echo(f"{kept.files} files, {kept.size} bytes, all as the manifest says. Nothing was written.")
        return
    typer.echo(f"{kept.files - len(kept.left)} files restored into {place.root}, byte for byte. Next: weal up")
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
    from weal_node.app.lock import HomeLock
    from weal_node.cli.running import ask
    from weal_node.errors import AlreadyRunningError, NodeError

    place = config.home(home)
    if what not in ("note", "label", "everything") or (what != "everything" and not which):
        raise NodeError(
            f"{what} {which} cannot be forgotten".replace("  ", " "), "weal forget note PATH, label ID, or everything"
        )
    if not yes and not typer.confirm(_question(place, what, which)):
        raise typer.Abort
    with HomeLock(place, must=False, make=False) as lock:
        if lock.held:
            done = _forget_here(place, what, which)
        elif what == "everything":
            raise AlreadyRunningError(f"a node is running in {place.root}", "Stop it first")
        else:
            done = ask(place, "POST", "/cli/forget", {"what": what, "which": which})
    if as_json:
        typer.echo(json.dumps(done))
        return
    typer.echo(f"Forgotten: {done['what']}." + (f" {done['versions']} versions." if done["versions"] else ""))
    for one in done["remains"]:
        typer.echo(f"Still there: {one}")
    if not done["remains"]:
        typer.echo(
            "Looked for it: nothing of it is left on this node. Deleted blocks of a disk, and older backups, are out of reach."
        )
    if done["left"]:
        typer.echo(
            f"It was published {done['left']} times. What others copied stays with them; the ledger keeps that it left."
        )


def _question(place: "Home", what: str, which: str) -> str:
    if what == "everything":
        joined = (
            " You are in a community: `weal leave` first tells it."
            if (place.community / "membership.json").exists()
            else ""
        )
        return f"Delete the whole node in {place.root}, keys and all? Nothing brings it back but a backup.{joined}"
    return f"Forget {what} {which} for good, in every version? Nothing brings it back but a backup."


def _forget_here(place: "Home", what: str, which: str) -> dict[str, Any]:
    from weal_node import keys as keyring
    from weal_node.app.clock import now_ms
    from weal_node.loop import forget as act
    from weal_node.store.database import Database
    from weal_node.vault import history
    from weal_node.vault.folder import Vault

    if what == "everything":
        return asdict(act.everything(place))
    with contextlib.closing(Database(place.database)) as database:
        if what == "label":
            return asdict(asyncio.run(act.label(database, which, now_ms())))
        history.recover(place.vault)
        own = keyring.load(place.keys).agent_public.hex()
        return asdict(asyncio.run(act.note(database, Vault(place.vault), own, which)))


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
    from weal_node.loop.backup import Lock

    if file is None:
        return Lock(_passphrase(passphrase_file, new=False))
    text = file.read_text(errors="replace")
    keys = tuple(line.strip() for line in text.splitlines() if line.startswith("AGE-SECRET-KEY-"))
    return Lock(identities=keys or (text,))
