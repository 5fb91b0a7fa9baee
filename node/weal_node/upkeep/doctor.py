"""A look at a node that says what is wrong with it; nothing is changed."""

import datetime as dt
import json
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import psutil

from weal_node import keys
from weal_node.config import Home, Settings
from weal_node.errors import NodeError
from weal_node.features.encoder import find_weights
from weal_node.federation import charter
from weal_node.outbound import providers
from weal_node.outbound.membership import joined
from weal_node.store import aside, charters, expulsions, mail, releases
from weal_node.upkeep import whole
from weal_node.upkeep.supervisor import TaskState
from weal_node.vault.folder import Vault
from weal_protocol import release_log
from weal_protocol.errors import PeerError, WealError

REACH_TIMEOUT_S = 3.0
SAID = 5  # files with something wrong that are named


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: is it well, and what was seen."""

    name: str
    ok: bool
    detail: str


def examine(
    place: Home, settings: Settings, standing: Iterable[TaskState] = (), further: Iterable[Check] = ()
) -> dict[str, Any]:
    """Return a report as JSON: {"ok", "checks", "rss_mb", "home"}. Blocking: reads the database and the weights.

    `standing` is the running node's background work, `further` what only it can look at. `rss_mb` is the resident
    memory of the running node, None while none runs."""
    tasks = tuple(standing)
    checks = [
        _keys(place),
        _database(place),
        _vault(place, running=bool(tasks)),
        _weights(),
        _ledger(place, settings),
        *two_ledgers(place),
        *refused_letters(place),
        *set_aside(place),
        *_expelled(place),
        *log_of_releases(place),
        *charter_of(place),
        _models(place, settings),
        *further,
        *map(_work, tasks),
    ]
    return {
        "ok": all(check.ok for check in checks),
        "checks": list(map(asdict, checks)),
        "rss_mb": resident_mb(place),
        "home": str(place.root),
    }


def resident_mb(place: Home) -> float | None:
    """Return the resident memory of the node that runs in this home, in MB; None while none runs."""
    try:
        pid = int(json.loads(place.running.read_text())["pid"])
        return round(float(psutil.Process(pid).memory_info().rss) / 1e6, 1)
    except (OSError, ValueError, KeyError, psutil.Error):
        return None


def _keys(place: Home) -> Check:
    loose = [file.name for file in sorted(place.keys.glob("*")) if file.stat().st_mode & 0o077]
    if not place.keys.is_dir():
        return Check("keys", False, "there are none; run: weal init")
    if place.root.stat().st_mode & 0o077:
        return Check("keys", False, f"others on this machine may look into this home; run: chmod 700 {place.root}")
    if loose:
        return Check("keys", False, f"others on this machine may read {', '.join(loose)}; run: chmod 600 on them")
    try:
        juror = keys.load(place.keys).ratification_public.hex()
    except WealError as fault:
        return Check("keys", False, fault.what)
    return Check(
        "keys",
        True,
        f"yours, and readable by you alone; should your community make you a juror, this is the key to give it: {juror}",
    )


def _database(place: Home) -> Check:
    try:
        with _read_only(place) as connection:
            answer = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as fault:
        return Check("database", False, f"cannot be read: {fault}")
    return Check("database", answer == "ok", "whole" if answer == "ok" else f"damaged: {answer}; restore a backup")


def _vault(place: Home, running: bool) -> Check:
    whole_history, history = whole.notes(place.vault, running)
    linked = f", in {place.vault.resolve()}" if place.vault.is_symlink() else ""
    notes, faults = Vault(place.vault).read_all()
    count = len(notes)
    warnings = list(chain.from_iterable(note.warnings for note in notes))
    sentences = [f"{count} note{'' if count == 1 else 's'}{linked}, {history}"]
    for fault_kind, lines in (("cannot be read", faults), ("warnings about front matter", warnings)):
        if lines:
            more = f"; and {len(lines) - SAID} more" if len(lines) > SAID else ""
            sentences.append(f"{len(lines)} {fault_kind}: {'; '.join(lines[:SAID])}{more}")
    return Check("vault", whole_history, ". ".join(sentences))


def _weights() -> Check:
    try:
        find_weights()
    except NodeError as fault:
        return Check("encoder", False, f"{fault.what}; {fault.hint}")
    return Check("encoder", True, "weights as pinned")


def _ledger(place: Home, settings: Settings) -> Check:
    try:
        with _read_only(place) as connection:
            spent, count = connection.execute("SELECT coalesce(sum(epsilon), 0), count(*) FROM disclosures").fetchone()
    except sqlite3.Error as fault:
        return Check("privacy ledger", False, f"cannot be read: {fault}")
    detail = f"epsilon {spent:.3f} of {settings.epsilon_cap:g}, {count} disclosure{'' if count == 1 else 's'}"
    return Check("privacy ledger", spent <= settings.epsilon_cap + 1e-9, detail)


def two_ledgers(place: Home) -> tuple[Check, ...]:
    """Say whether the coordinator's ledger agreed with this node's when they were last compared; nothing before that."""
    try:
        with _read_only(place) as connection:
            row = connection.execute(
                "SELECT own, theirs, disagreements FROM accounts ORDER BY at_ms DESC LIMIT 1"
            ).fetchone()
    except sqlite3.Error:
        return ()  # the check of the database says more
    if row is None:
        return ()
    wrong = json.loads(row[2])
    detail = "; ".join(wrong) or f"they agree: epsilon {row[0]:.3f} by this node, {row[1]:.3f} by the coordinator"
    return (Check("two ledgers", not wrong, detail),)


def _counted(reasons: Mapping[str, int]) -> str:
    return "; ".join(f"{count} x {reason}" for reason, count in reasons.items())


def refused_letters(place: Home) -> tuple[Check, ...]:
    """Say which letters were refused, by reason, round notices among them; nothing while none was. It is no fault of this node's."""
    try:
        with _read_only(place) as connection:
            refusals = mail.refusals(connection)
    except sqlite3.Error:
        return ()  # the check of the database says more
    summary = _counted(refusals)
    return (Check("letters refused", True, summary),) if refusals else ()


def set_aside(place: Home) -> tuple[Check, ...]:
    """Say what of others could not be used, by kind and reason; nothing while all could. It is no fault of this node's."""
    try:
        with _read_only(place) as connection:
            counts, examples = aside.counts(connection), aside.every(connection, SAID)
    except sqlite3.Error:
        return ()  # the check of the database says more
    if not counts:
        return ()
    reasons = _counted(counts)
    which = ", ".join(key[:16] for _, key, _ in examples)
    detail = f"{reasons} ({which}); everything else goes on, and these are tried again as they change"
    return (Check("set aside", True, detail),)


def _expelled(place: Home) -> tuple[Check, ...]:
    """Say who was expelled from the community; nothing while nobody was."""
    try:
        with _read_only(place) as connection:
            people = expulsions.people(connection)
    except sqlite3.Error:
        return ()  # the check of the database says more
    names = "; ".join(f"{name}{f' ({why})' if why else ''}" for name, why in people)
    return (Check("expelled", True, f"{names}: by notices that your community signed"),) if people else ()


def log_of_releases(place: Home) -> tuple[Check, ...]:
    """Say whether the coordinator's releases followed from one another, as this node was shown them; nothing before the first."""
    try:
        with _read_only(place) as connection:
            head, forks = releases.held(connection), releases.forks(releases.history(connection))
    except (sqlite3.Error, PeerError):
        return ()  # the check of the database says more
    if head is None and not forks:
        return ()
    shown = f"ends with release {head.number}, {release_log.digits(head.sha256)}" if head else ""
    return (Check("log of releases", not forks, "; ".join(fork.why for fork in forks) or shown),)


def charter_of(place: Home) -> tuple[Check, ...]:
    """Say what became of the community's charter: an alarm where what was shown does not go on from it, and whether rounds wait for the
    person's word. Nothing for a charter that is as it was founded."""
    if (membership := joined(place.community)) is None:
        return ()
    try:
        with _read_only(place) as connection:
            forks, waits = charters.forks(connection, membership.id), charter.waits(connection, membership)
    except sqlite3.Error:
        return ()  # the check of the database says more
    changes = charter.changes(membership)
    if not changes and not forks and not waits:
        return ()
    said = [*forks]
    if changes:
        many = f"{len(changes)} change{'' if len(changes) == 1 else 's'}"
        said.append(f"{many}, the last on {dt.datetime.fromtimestamp(changes[0].at_ms / 1_000, dt.UTC):%Y-%m-%d}")
    if waits:
        said.append("rounds cost something else than you agreed to, and none is answered until: weal community --agree")
    return (Check("charter", not forks, "; ".join(said)),)


def _models(place: Home, settings: Settings) -> Check:
    """Say which language models may be asked; nothing is sent to them."""
    try:
        known_providers = providers.read(place.models)
    except WealError as fault:
        return Check("language models", False, f"{fault.what}; {fault.hint}")
    if not known_providers:
        return Check("language models", True, "none; nothing needs one")
    if place.models.stat().st_mode & 0o077:
        return Check(
            "language models", False, f"others on this machine may read {place.models.name}; run: chmod 600 on it"
        )
    names = ", ".join(map("{0.name} ({0.tier})".format, known_providers))
    return Check("language models", True, f"{names}; at most {settings.model_cost_cap:g} a day")


def reachable(place: Home) -> tuple[Check, ...]:
    """Say whether the joined community's address answers at all; nothing for a node that joined none. Sends nothing."""
    try:
        joined = json.loads((place.community / "membership.json").read_text())
        name, address = str(joined["name"]), str(joined["grpc"])
        host, _, port = address.rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), timeout=REACH_TIMEOUT_S).close()
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError):
        return (Check("community", False, "it cannot be reached; is the network up, and the coordinator running?"),)
    return (Check("community", True, f"{name} answers at {address}"),)


def _work(task: TaskState) -> Check:
    detail = task.state
    if task.faults:
        detail += f"; {task.faults} fault{'' if task.faults == 1 else 's'}, the last: {task.last_fault}"
    detail += f"; {task.remark}" if task.remark else ""
    return Check(f"work: {task.name}", task.state != "waiting", detail)


@contextmanager
def _read_only(place: Home) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write, closed at the end (sqlite3's own `with` only commits). Without a log beside the
    database nobody has it open, and `immutable` keeps even that file from being made."""
    how = "mode=ro" if place.database.with_name(place.database.name + "-wal").exists() else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"file:{place.database}?{how}", uri=True, timeout=5.0)
    try:
        yield connection
    finally:
        connection.close()
