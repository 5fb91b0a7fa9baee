"""A coordinator's settings, read once and passed in; and where its files lie."""

import ipaddress
import json
import os
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import platformdirs

from weal_coordinator.errors import CoordinatorError

MOST_HOST = 253  # characters
LABEL = re.compile(
    r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
)  # of a host's name (RFC 1123); others in their form for machines, xn--...


@dataclass(frozen=True, slots=True)
class Settings:
    """Addresses and limits. A port of 0 means any free one."""

    host: str = "127.0.0.1"  # what members connect to; also in the certificate
    grpc_port: int = 8640  # directory, relay, commons, releases
    fleet_port: int = 8641  # the guarded SuperLink: Fleet API only
    web_port: int = 8642  # public page, /healthz, /readyz
    database_url: str = ""  # "": SQLite in the home
    mail_limit: int = 256  # letters waiting for one member
    mail_limit_bytes: int = 4 * 1024 * 1024  # the same, in bytes
    author_limit: int = 50_000  # records of one member in the commons
    author_limit_bytes: int = 256 * 1024 * 1024  # the same, in bytes
    bundle_hours: int = 168  # an epoch of the git bundles of public notes; 0 makes none
    session_s: int = 3_600  # how long a member stays signed in


@dataclass(frozen=True, slots=True)
class Home:
    """Where a coordinator keeps its things."""

    root: Path

    @property
    def settings(self) -> Path:
        """TOML."""
        return self.root / "coordinator.toml"

    @property
    def charter(self) -> Path:
        """TOML: the community's rules that a machine reads."""
        return self.root / "charter.toml"

    @property
    def keys(self) -> Path:
        """Folder of private keys, mode 0700."""
        return self.root / "keys"

    @property
    def certificate(self) -> Path:
        """PEM, self-signed; its SHA-256 is in every invite."""
        return self.root / "certificate.pem"

    @property
    def database(self) -> Path:
        """SQLite, unless the settings name another database."""
        return self.root / "coordinator.db"

    @property
    def superlink(self) -> Path:
        """JSON written by the SuperLink's process when it is ready: pid and ports."""
        return self.root / "superlink.json"

    @property
    def bundles(self) -> Path:
        """Folder of git bundles of the public notes, one an epoch."""
        return self.root / "bundles"

    @property
    def running(self) -> Path:
        """JSON of the running coordinator: pid and addresses."""
        return self.root / "running.json"

    @property
    def lock(self) -> Path:
        """Held by the one process that runs this home."""
        return self.root / "lock"

    @property
    def schedule(self) -> Path:
        """JSON: what became of the last round that was begun by itself, for `status`."""
        return self.root / "schedule.json"

    @property
    def round_lock(self) -> Path:
        """Held while a round is in progress."""
        return self.root / "round.lock"


def home(given: Path | None = None) -> Home:
    """Return the home: the given one, else WEAL_COORDINATOR_HOME, else the platform's data folder."""
    chosen = given or os.environ.get("WEAL_COORDINATOR_HOME") or platformdirs.user_data_dir("weal-coordinator")
    return Home(Path(chosen).expanduser().absolute())


def read(place: Home) -> Settings:
    """Return the settings of this home; CoordinatorError names the bad line."""
    if not place.settings.exists():
        raise CoordinatorError(f"there is no coordinator in {place.root}", "Run `weal-coordinator init` first")
    try:
        given = tomllib.loads(place.settings.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise CoordinatorError(f"{place.settings} is not valid TOML: {fault}", "Mend the line") from fault
    known = {field.name: type(getattr(Settings(), field.name)) for field in fields(Settings)}
    for name, value in given.items():
        if name not in known:
            raise CoordinatorError(f"{place.settings} has an unknown setting: {name}", "Remove it")
        if not isinstance(value, known[name]) or isinstance(value, bool):
            raise CoordinatorError(f"{name} in {place.settings} must be a {known[name].__name__}", "Mend the line")
    return Settings(**given)


def host(given: str) -> str:
    """Return the address that members connect to; CoordinatorError for one that is neither a host's name nor an IPv4 address."""
    labels = given.removesuffix(".").split(".")
    well = len(given) <= MOST_HOST and all(LABEL.fullmatch(label) for label in labels)
    if well and labels[-1].isdigit():  # no name ends in a number (RFC 3696): four of them, or a mistake
        try:
            ipaddress.IPv4Address(given)
        except ValueError:
            well = False
    if not well:
        raise CoordinatorError(
            f"{given[:80]!r} is no address that members could connect to",
            "Give a host's name such as weal.example, or an IPv4 address, without a port",
        )
    return given


def database_url(place: Home, settings: Settings) -> str:
    """Return the SQLAlchemy URL of the coordinator's own state."""
    return settings.database_url or f"sqlite:///{place.database}"


def running(place: Home) -> dict[str, Any]:
    """Return pid and addresses of the running coordinator; CoordinatorError when none runs."""
    try:
        found: dict[str, Any] = json.loads(place.running.read_text())
        os.kill(int(found["pid"]), 0)
    except (OSError, ValueError, KeyError) as fault:
        raise CoordinatorError(f"no coordinator is running in {place.root}", "Start `weal-coordinator up`") from fault
    return found


def runs(place: Home) -> bool:
    """Say whether a coordinator is running in this home."""
    try:
        running(place)
    except CoordinatorError:
        return False
    return True
