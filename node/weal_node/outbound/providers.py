"""Which language models a person lets their node ask: a file of their own, `models.toml`, readable by them alone.

[[model]]
name = "my own machine"
url = "http://127.0.0.1:11434/v1"     # any server with the OpenAI-compatible /chat/completions
model = "llama3.2"
tier = "local"                        # local: on this machine; trusted, public: elsewhere
key = ""                              # sent as a bearer token
price_in = 0.0                        # per million tokens, in the currency of model_cost_cap
price_out = 0.0
"""

import ipaddress
import json
import os
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from weal_node.errors import NodeError
from weal_node.records import Visibility

TIERS = ("local", "trusted", "public")
MOST = 16
LONGEST = 200  # characters of any value
MAY_READ = {
    "local": frozenset(Visibility),
    "trusted": frozenset({Visibility.PUBLIC, Visibility.COMMUNITY}),
    "public": frozenset({Visibility.PUBLIC}),
}


@dataclass(frozen=True, slots=True)
class Provider:
    """A model that may be asked. Prices are per million tokens."""

    name: str
    url: str
    model: str
    tier: str
    key: str = ""
    price_in: float = 0.0
    price_out: float = 0.0

    def __repr__(self) -> str:
        """Show everything but the key."""
        return f"Provider({self.name!r}, {self.url!r}, {self.model!r}, {self.tier!r})"

    @property
    def is_here(self) -> bool:
        """Whether it answers on this machine, whatever its tier."""
        return self.tier == "local" or _loopback(urlsplit(self.url).hostname or "")

    def may_read(self, private_to: str) -> frozenset[Visibility]:
        """Return which notes may be sent there; private ones go no further than the tier `private_to`."""
        private = TIERS.index(self.tier) <= TIERS.index(private_to)
        return MAY_READ[self.tier] | ({Visibility.PRIVATE, Visibility.COMMUNITY} if private else set())


def read(path: Path) -> tuple[Provider, ...]:
    """Return the providers in their order; none without a file. NodeError says what is wrong with it."""
    if not path.exists():
        return ()
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
        listed = settings["model"] if settings else []
        providers = tuple(checked(Provider(**entry)) for entry in listed)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError, KeyError) as fault:
        raise NodeError(
            f"{path} cannot be read: {fault}", "Mend it, or take the model away on the Models page"
        ) from fault
    if len(providers) > MOST or len({provider.name for provider in providers}) != len(providers):
        raise NodeError(f"{path} has too many models, or two of one name", f"At most {MOST}, each with its own name")
    return providers


def checked(provider: Provider) -> Provider:
    """Return it if a call could be made; NodeError says what is missing. "local" means this machine, anything else is https."""
    texts = (provider.name, provider.url, provider.model, provider.tier, provider.key)
    values: tuple[object, ...] = (*texts, provider.price_in, provider.price_out)  # a file may hold anything
    if not all(isinstance(text, str) for text in values[:5]) or not all(
        isinstance(price, int | float) for price in values[5:]
    ):
        raise NodeError("a model has a value of the wrong kind", "See models.toml")
    if not all(len(text) <= LONGEST and text.isprintable() for text in texts):
        raise NodeError("a model has a value that is no short line of text", "See models.toml")
    if not (provider.name.strip() and provider.model.strip()) or provider.tier not in TIERS:
        raise NodeError("a model needs a name, a model and a tier: local, trusted or public", "Add what is missing")
    if not all(0 <= price < 1e6 for price in (provider.price_in, provider.price_out)):
        raise NodeError(f"{provider.name}: a price is a number, per million tokens", "Write 0 where it costs nothing")
    try:
        address = urlsplit(provider.url)
        host, is_here = address.hostname or "", _loopback(address.hostname or "")
        _ = address.port
    except ValueError as fault:
        raise NodeError(
            f"{provider.name}: {provider.url} is no address", "Write it like http://127.0.0.1:11434/v1"
        ) from fault
    if address.scheme not in ("http", "https") or not host or address.username or address.query or address.fragment:
        raise NodeError(
            f"{provider.name}: {provider.url} is no address of a server", "Write it like http://127.0.0.1:11434/v1"
        )
    if provider.tier == "local" and not is_here:
        raise NodeError(f"{provider.name} is not on this machine", "Its tier is trusted or public, not local")
    if address.scheme == "http" and not is_here:
        raise NodeError(
            f"{provider.name} would be asked without encryption", "Use an address that begins with https://"
        )
    return provider


def write(path: Path, providers: tuple[Provider, ...]) -> None:
    """Replace the file; it is readable by its owner alone, for it holds keys."""
    lines = [f"[[model]]\n{_lines(provider)}" for provider in providers]
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(
            "# Language models that this node may ask; see weal_node/outbound/providers.py.\n" + "\n".join(lines)
        )
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _lines(provider: Provider) -> str:
    values = asdict(provider)
    return "".join(f"{field.name} = {json.dumps(values[field.name])}\n" for field in fields(provider))


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
