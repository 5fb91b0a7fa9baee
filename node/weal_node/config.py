"""A node's settings, read once and passed in; and where its files lie.

Order: defaults, then `weal.toml` in the home, then environment variables `WEAL_<NAME>`.
"""

import json
import os
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path

import platformdirs

from weal_node.errors import FolderError, NodeError
from weal_protocol.likeness import seen

LANGUAGES = ("en", "de", "es", "fr", "zh")  # of features/vocabulary.tsv

MAX_NAME_BYTES = 80  # of what a person is called
UNNAMED = "me"  # the name of somebody who has not said theirs


@dataclass(frozen=True, slots=True)
class Settings:
    """Every limit with its unit."""

    name: str = UNNAMED  # as other members see it
    language: str = "en"  # in which the public vocabulary's concepts are named: one of LANGUAGES
    host: str = "127.0.0.1"  # loopback only; the page has no other protection against a network
    port: int = 8650  # 0: any free one
    publish_delay_s: int = 600  # from saving a public note to sending it; undo until then
    epsilon_cap: float = 10.0  # lifetime, user level; the node vetoes a round that would pass it
    round_cap: int = 50  # rounds this node answers in all
    delta_cap: float = 1e-5  # a round whose delta is larger is refused: it would make epsilon look small
    label_epsilon_cap: float = 8.0  # lifetime, of each label against the coordinator, in tier "label-private"
    local_epsilon_cap: float = 8.0  # lifetime, of the person against anyone, in tier "local"
    peer_bits_cap: float = 2_000.0  # about the private reward, revealed to one peer, in all
    week_bits_cap: float = 10_000.0  # the same, to everyone, in seven days
    open_hours_cap: float = 40.0  # hours promised in deals that are not fulfilled yet
    stranger_hours_cap: float = 6.0  # hours promised to someone with whom no deal was fulfilled yet
    week_deals_cap: int = 20  # deals ratified in seven days
    careful_first_deals: bool = (
        False  # a member's first deal with us is negotiated as a stranger's: less told, less found
    )
    quiet_hours: str = (
        ""  # such as "22:00-07:00": Today says nothing new then; by default it does whenever it is opened
    )
    mirror_mib: int = 8_192  # room for others' records
    mirror_author_mib: int = 256  # of it for one person's
    peer_listen: str = (
        ""  # host:port for other members' nodes, such as "0.0.0.0:8660"; "": only the coordinator reaches us
    )
    peer_address: str = ""  # what they connect to, on your member card; "": the same as peer_listen
    a2a_listen: str = ""  # 127.0.0.1:port for foreign agents (A2A), with your own TLS in front; "": none
    a2a_address: str = ""  # how they reach it, such as "https://ada.example"; "": as a2a_listen
    model_cost_cap: float = (
        1.0  # most that calls of language models may cost in 24 hours, in the currency of their prices
    )
    model_timeout_s: float = 60.0  # of one call
    model_drafts: int = 8  # asked for at a time, at most 16
    model_private: str = "local"  # the furthest that words of private notes may go: local, trusted or public
    label_wait_s: float = 5.0  # how long a page waits for the new posterior


@dataclass(frozen=True, slots=True)
class Home:
    """Where a node keeps its things. Only `vault` is meant for other programs."""

    root: Path

    @property
    def settings(self) -> Path:
        """TOML, the person may edit it."""
        return self.root / "weal.toml"

    @property
    def keys(self) -> Path:
        """Folder of private keys, mode 0700."""
        return self.root / "keys"

    @property
    def database(self) -> Path:
        """SQLite: labels, ledger, deals, mirrored records, caches."""
        return self.root / "node.db"

    @property
    def vault(self) -> Path:
        """Markdown under git."""
        return self.root / "vault"

    @property
    def models(self) -> Path:
        """TOML, mode 0600: the language models that may be asked, with their keys. Missing by default."""
        return self.root / "models.toml"

    @property
    def community(self) -> Path:
        """The joined community: membership.json and its certificate."""
        return self.root / "community"

    @property
    def federation(self) -> Path:
        """What the federation process is handed, and nothing else of this home."""
        return self.root / "federation"

    @property
    def lock(self) -> Path:
        """Held by the one process that runs this home."""
        return self.root / "lock"

    @property
    def running(self) -> Path:
        """JSON of the running node: pid and port; where its page is says `page_name`, too."""
        return self.root / "running.json"

    @property
    def control(self) -> Path:
        """Token by which the command line speaks to the running node; mode 0600, new at every start."""
        return self.root / "control"

    @property
    def sessions(self) -> Path:
        """Hashes of the browsers' sessions; mode 0600."""
        return self.root / "sessions.json"

    @property
    def page_name(self) -> Path:
        """The name under which the page answers, one of this home alone; mode 0600, stable over restarts."""
        return self.root / "page-name"

    @property
    def paused(self) -> Path:
        """Stands here while the person has paused everything; a restart does not resume."""
        return self.root / "paused"


def home(given: Path | None = None) -> Home:
    """Return the home: the given one, else WEAL_HOME, else the platform's data folder. FolderError for ~ of nobody."""
    chosen = given or os.environ.get("WEAL_HOME") or platformdirs.user_data_dir("weal")
    try:
        return Home(Path(chosen).expanduser().absolute())
    except RuntimeError as fault:
        raise FolderError(
            f"{chosen} is no folder: there is nobody of that name here", "Choose another with --home, or in WEAL_HOME"
        ) from fault


def read(place: Home) -> Settings:
    """Return the settings of this home; NodeError names the bad line."""
    settings = Settings()
    try:
        text = place.settings.read_text() if place.settings.exists() else ""
        given: dict[str, object] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise NodeError(f"{place.settings} is not valid TOML: {fault}", "Mend the line or delete the file") from fault
    known = {field.name: type(getattr(settings, field.name)) for field in fields(settings)}
    if unknown := set(given) - set(known):
        raise NodeError(f"{place.settings} has unknown settings: {', '.join(sorted(unknown))}", "Remove them")
    for name in known:
        if (value := os.environ.get(f"WEAL_{name.upper()}")) is not None:
            given[name] = value
    if given.get("model_private", "local") not in ("local", "trusted", "public"):
        raise NodeError("model_private is local, trusted or public", f"See {place.settings}")
    if given.get("language", "en") not in LANGUAGES:
        raise NodeError(f"language is one of {', '.join(LANGUAGES)}", f"See {place.settings}")
    try:
        return replace(settings, **{name: _cast(known[name], value) for name, value in given.items()})  # type: ignore[arg-type]  # cast to the field's own type just here
    except ValueError as fault:
        raise NodeError(f"a setting has the wrong type: {fault}", f"See {place.settings}") from fault


def checked_name(text: str) -> str:
    """Return the name that a person gave themselves, with single spaces; NodeError for what cannot be one."""
    name = " ".join(text.split())
    if not name or len(name.encode(errors="replace")) > MAX_NAME_BYTES:
        raise NodeError(f"a name has 1 to {MAX_NAME_BYTES} bytes", "Choose another one; on the command line: --name")
    if seen(name) != name:
        raise NodeError(
            "a name has no letters that nobody sees, or that turn others round",
            "Choose another one; on the command line: --name",
        )
    return name


def set_name(place: Home, settings: Settings, text: str) -> Settings:
    """Write the person's name into the settings file and return the settings that hold from now on. NodeError as `set_text`, or for
    what cannot be a name."""
    return set_text(place, settings, "name", checked_name(text))


def set_quiet_hours(place: Home, settings: Settings, text: str) -> Settings:
    """Write quiet hours, "22:00-07:00" or "" for none, into the settings file and return the settings that hold from now on."""
    return set_text(place, settings, "quiet_hours", text)


def set_text(place: Home, settings: Settings, name: str, text: str) -> Settings:
    """Write one setting that is a text into the settings file and return the settings that hold from now on.

    Every other line of the file stays as it is. NodeError where the file, or the environment, would say otherwise after a restart.
    """
    called, variable = name.replace("_", " "), f"WEAL_{name.upper()}"
    if variable in os.environ:
        raise NodeError(f"{called} is set by {variable} in the environment", "Change it there, or unset it")
    file = place.settings.resolve()
    before = file.read_text() if file.exists() else ""
    line = f"{name} = {json.dumps(text, ensure_ascii=False)}\n"
    found = _line_of(name, before)
    whole = before[: found[0]] + line + before[found[1] :] if found else before.rstrip("\n") + "\n" + line
    try:
        kept = tomllib.loads(before)
        if tomllib.loads(whole) != kept | {name: text}:
            raise ValueError("a value over several lines")
    except (tomllib.TOMLDecodeError, ValueError) as fault:
        raise NodeError(f"{file} cannot be changed from here: {fault}", f"Write {line.strip()} into it") from fault
    part = file.with_name(file.name + ".part")
    part.write_text(whole)
    if file.exists():
        part.chmod(file.stat().st_mode & 0o777)
    part.replace(file)
    return replace(settings, **{name: text})  # type: ignore[arg-type]  # a setting that is a text, as its callers name it


def _line_of(name: str, text: str) -> tuple[int, int] | None:
    """Return where the line begins and ends that sets this name; None where none does."""
    begin = 0
    for line in text.splitlines(keepends=True):
        key, equals, _ = line.partition("=")
        if equals and key.strip() == name:
            return begin, begin + len(line)
        begin += len(line)
    return None


def _cast(kind: type, value: object) -> object:
    if kind is bool:
        if str(value).lower() in {"1", "true", "yes"}:
            return True
        if str(value).lower() in {"0", "false", "no"}:
            return False
        raise ValueError(f"{value!r} is neither true nor false")
    return kind(value)
