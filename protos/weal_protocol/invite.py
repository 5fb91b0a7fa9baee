"""An invite: everything a newcomer needs to find a community, to know it again, and to be let in once."""

import base64
import binascii
import json
import re
from dataclasses import asdict, dataclass, fields

from weal_protocol.errors import MalformedError
from weal_protocol.public_keys import check_ed25519
from weal_protocol.terms import Terms

PREFIX = "weal1."
MAX_CHARACTERS = 2_000
LATER = frozenset({"rounds"})  # parts that an invite may lack
_HEX64 = re.compile(r"[0-9a-f]{64}")
_ADDRESS = re.compile(r"[A-Za-z0-9.\-:\[\]]{1,255}:([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Invite:
    """community: its name.  grpc, fleet: host:port.  certificate_sha256: hex, of the DER certificate that
    both addresses must show.  coordinator: hex agent key.  code: good for one person, once.
    rounds: what the charter says of the cost of rounds (weal_protocol.terms), "" in an invite from before they said it."""

    community: str
    grpc: str
    fleet: str
    certificate_sha256: str
    coordinator: str
    code: str
    rounds: str = ""

    @property
    def text(self) -> str:
        """The invite as it is handed over: one word."""
        parts = {name: part for name, part in asdict(self).items() if part or name not in LATER}
        packed = json.dumps(parts, separators=(",", ":"), sort_keys=True).encode()
        return PREFIX + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def parse(text: str) -> Invite:
    """Read an invite; MalformedError when a part is missing, damaged or of the wrong form."""
    hint = "Copy the whole word, from weal1. to its end"
    word = "".join(text.split())
    if not word.startswith(PREFIX) or len(word) > MAX_CHARACTERS:
        raise MalformedError("this is not an invite", hint)
    body = word.removeprefix(PREFIX)
    try:
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError, RecursionError) as fault:
        raise MalformedError("this invite is damaged", hint) from fault
    names = {field.name for field in fields(Invite)}
    if (
        not isinstance(found, dict)
        or set(found) | LATER != names
        or not all(isinstance(v, str) for v in found.values())
    ):
        raise MalformedError("this invite lacks a part", hint)
    invite = Invite(**found)
    good = (
        _HEX64.fullmatch(invite.certificate_sha256)
        and _HEX64.fullmatch(invite.coordinator)
        and _is_address(invite.grpc)
        and _is_address(invite.fleet)
        and 0 < len(invite.community) <= 80
    )
    if not good:
        raise MalformedError("a part of this invite is not of its form", hint)
    check_ed25519(bytes.fromhex(invite.coordinator), "the coordinator's key in this invite")
    if not any(bytes.fromhex(invite.certificate_sha256)):
        raise MalformedError("this invite names no certificate", "Ask for a new one")
    if invite.rounds:
        Terms.read(invite.rounds)
    return invite


def _is_address(text: str) -> bool:
    found = _ADDRESS.fullmatch(text)
    return found is not None and 0 < int(found[1]) < 65_536
