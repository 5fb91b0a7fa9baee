"""What a node keeps of the community it joined."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from weal_node.errors import CommunityError
from weal_protocol import jury
from weal_protocol.errors import MalformedError
from weal_protocol.jury import Jury
from weal_protocol.terms import Terms


@dataclass(frozen=True, slots=True)
class Membership:
    """What is kept of a joined community. id: hex SHA-256 of its charter.  coordinator: hex agent key."""

    id: str
    name: str
    grpc: str
    fleet: str
    certificate_sha256: str
    coordinator: str
    charter: str

    @property
    def jury(self) -> Jury:
        """The charter's jury, by which verdicts are checked; MalformedError for a charter that was never to be joined."""
        return jury.of_charter(self.charter, bytes.fromhex(self.id))

    @property
    def rounds(self) -> Terms | None:
        """What rounds cost by the charter, None for one that says nothing of them that can be accounted for."""
        try:
            return Terms.of_charter(self.charter)
        except MalformedError:
            return None


def kept(folder: Path) -> tuple[Membership, bytes]:
    """Return the membership of this folder and its pinned certificate (PEM); CommunityError when there is none."""
    try:
        membership = Membership(**json.loads((folder / "membership.json").read_text()))
        return membership, (folder / "certificate.pem").read_bytes()
    except (OSError, ValueError, TypeError) as fault:
        raise CommunityError("this node has joined no community", "Run `weal join INVITE`") from fault


def joined(folder: Path) -> Membership | None:
    """Return the membership of this folder, None where there is none."""
    try:
        return kept(folder)[0]
    except CommunityError:
        return None


def keep(folder: Path, membership: Membership, pem: bytes) -> None:
    """Write both, on disk when this returns; membership.json last: its presence says that the node has joined."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(folder / "certificate.pem", pem)
    _write(folder / "membership.json", json.dumps(asdict(membership)).encode())


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
