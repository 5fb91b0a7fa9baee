"""What a node keeps of the community it joined."""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from weal_node.errors import CommunityError
from weal_protocol import cards, charters, jury
from weal_protocol.charters import Chain
from weal_protocol.errors import MalformedError, WealError
from weal_protocol.invite import Invite
from weal_protocol.jury import Jury
from weal_protocol.terms import Terms
from weal_protocol.v1 import directory_pb2


@dataclass(frozen=True, slots=True)
class Membership:
    """What is kept of a joined community. id: hex SHA-256 of its first charter.  coordinator: hex agent key.  charter: text in force.
    first: of the first charter, "" where that is still in force.  amendments: every later charter as signed, in hex, oldest first."""

    id: str
    name: str
    grpc: str
    fleet: str
    certificate_sha256: str
    coordinator: str
    charter: str
    first: str = ""
    amendments: tuple[str, ...] = ()

    @property
    def chain(self) -> Chain:
        """Its charters, verified anew; PeerError where they are not those of this community."""
        raws = map(bytes.fromhex, self.amendments)
        return charters.verify(
            self.first or self.charter, raws, bytes.fromhex(self.coordinator), bytes.fromhex(self.id)
        )

    def under(self, chain: Chain) -> "Membership":
        """Return it with these charters."""
        first = chain.texts[0] if chain.amendments else ""
        return replace(
            self, charter=chain.current, first=first, amendments=tuple(raw.hex() for raw in chain.amendments)
        )

    @property
    def jury(self) -> Jury:
        """The charter's jury, by which verdicts are checked, with those of the charters before; MalformedError for a charter that was
        never to be joined."""
        texts = self.chain.texts if self.amendments else (self.charter,)
        return jury.of_charters(texts, bytes.fromhex(self.id))

    @property
    def rounds(self) -> Terms | None:
        """What rounds cost by the charter, None for one that says nothing of them that can be accounted for."""
        try:
            return Terms.of_charter(self.charter)
        except MalformedError:
            return None


def invited(invite: Invite) -> Membership:
    """Return what an invite says, to connect by; id and charter are not known yet."""
    addresses = (invite.community, invite.grpc, invite.fleet, invite.certificate_sha256, invite.coordinator)
    return Membership("", *addresses, "")


def of_response(invite: Invite, response: directory_pb2.JoinResponse) -> Membership:
    """Return the membership of whoever joined; CommunityError where the answer is not what the invite promised."""
    coordinator = cards.read(response.coordinator.SerializeToString())
    if coordinator.agent_key.hex() != invite.coordinator:
        raise CommunityError("this coordinator is not the one that the invite names", "Ask for a new invite")
    first = response.first_charter or response.charter  # a coordinator of before knows of one charter alone
    amendments = [signed.SerializeToString() for signed in response.amendments]
    try:
        chain = charters.verify(first, amendments, coordinator.agent_key, response.community)
    except WealError as fault:
        raise CommunityError(fault.what, "Ask whoever runs it") from fault
    if chain.current != response.charter:
        raise CommunityError("the charter is not the last of this community's charters", "Ask whoever runs it")
    if invite.rounds and Terms.of_charter(response.charter) != Terms.read(invite.rounds):
        raise CommunityError(
            "the charter has other rules for rounds than the invite that you read", "Ask for a new invite"
        )
    membership = replace(invited(invite), id=chain.community.hex()).under(chain)
    _ = membership.jury  # a charter with one that cannot be read is not joined
    return membership


def kept(folder: Path) -> tuple[Membership, bytes]:
    """Return the membership of this folder and its pinned certificate (PEM); CommunityError when there is none."""
    try:
        kept_json = json.loads((folder / "membership.json").read_text())
        membership = Membership(**kept_json | {"amendments": tuple(kept_json.get("amendments", ()))})
        pem = (folder / "certificate.pem").read_bytes()
        _ = membership.chain if membership.amendments else None
    except (OSError, ValueError, TypeError, AttributeError) as fault:
        raise CommunityError("this node has joined no community", "Run `weal join INVITE`") from fault
    except WealError as fault:
        raise CommunityError(
            f"what this node keeps of its community's charters is damaged: {fault.what}", "Restore a backup"
        ) from fault
    return membership, pem


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
    rewrite(folder, membership)


def rewrite(folder: Path, membership: Membership) -> None:
    """Write membership.json anew, on disk when this returns. Of a charter that never changed it holds what earlier versions read."""
    said = asdict(membership)
    if not membership.amendments:
        del said["first"], said["amendments"]
    _write(folder / "membership.json", json.dumps(said).encode())


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
