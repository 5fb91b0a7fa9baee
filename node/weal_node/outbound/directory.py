"""Who is in the community, was, or was expelled, as far as this node has heard and could check; what it cannot use is set aside."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from weal_node.errors import CommunityError
from weal_node.outbound.membership import Membership
from weal_protocol import cards, charters, expulsions, jury, likeness
from weal_protocol.cards import Member
from weal_protocol.charters import Chain
from weal_protocol.errors import WealError
from weal_protocol.expulsions import Expulsion
from weal_protocol.jury import Jury

log = logging.getLogger(__name__)


class Directory:
    """One community's, in memory."""

    def __init__(self, membership: Membership) -> None:
        self.membership = membership
        self._chain: Chain | None = None  # the membership's, once it was verified
        self._jury: Jury | None = None
        self._amended = False
        self.charter_fork = (
            ""  # why what the coordinator shows does not go on from the charters known, as of the last refresh
        )
        self._members: dict[str, Member] = {}
        self._shown: tuple[dict[str, str], dict[str, str]] = ({}, {})  # names as they were given, and as they are shown
        self._left: frozenset[bytes] = frozenset()
        self._fresh: dict[str, bytes] = {}
        self._former: dict[str, Member] = {}  # who has left or was expelled: known again, and by name
        self._aside: dict[str, str] = {}  # by hex agent key: why a card is not used
        self._expulsions: list[Expulsion] = []
        self._fresh_expulsions: list[tuple[bytes, Expulsion]] = []

    @property
    def id(self) -> str:
        """Hex SHA-256 of the first charter."""
        return self.membership.id

    @property
    def name(self) -> str:
        """The community's name."""
        return self.membership.name

    @property
    def coordinator(self) -> bytes:
        """The coordinator's agent key, as the invite named it."""
        return bytes.fromhex(self.membership.coordinator)

    def members(self) -> list[Member]:
        """Return the members as of the last refresh, by name; names that look alike with some of the key (likeness.py)."""
        names = self._names()
        renamed = (replace(member, name=names[key]) for key, member in self._members.items())
        return sorted(renamed, key=lambda member: (member.name, member.agent_key))

    def name_of(self, agent_key: bytes) -> str:
        """Return the name of who is or was a member as `members` has it, or the first letters of an unknown key."""
        return self._names().get(agent_key.hex()) or agent_key.hex()[:8]

    def _names(self) -> dict[str, str]:
        names = {key: member.name for key, member in (self._former | self._members).items()}
        if names != self._shown[0]:
            self._shown = names, likeness.told_apart(names)
        return self._shown[1]

    def recall(self, cards_kept: Iterable[tuple[str, bytes, bool]], expelled: Iterable[bytes] = ()) -> None:
        """Start with cards that were kept (hex key, card, whether they left), and expulsions as signed; the directory is asked from its
        beginning. A card that cannot be used is set aside."""
        for key, card, has_left in cards_kept:
            if has_left:
                self._left |= {bytes.fromhex(key)}
            if has_left and card:
                self._former[key] = cards.known(card)
            elif card:
                self._take_in(card)
        for raw in expelled:
            self.hear(raw)
        self._fresh, self._fresh_expulsions = {}, []

    def aside(self) -> dict[str, str]:
        """Return, by hex agent key or the number of an expulsion, what of the directory is not used, and why; tried again as it changes."""
        return dict(self._aside)

    def expelled(self) -> tuple[Expulsion, ...]:
        """Return who was expelled, as of the last refresh, the first first."""
        return tuple(self._expulsions)

    def fresh_expulsions(self) -> tuple[tuple[bytes, Expulsion], ...]:
        """Return expulsions as signed that came since the last call, for whoever keeps them."""
        fresh, self._fresh_expulsions = self._fresh_expulsions, []
        return tuple(fresh)

    def news(self) -> tuple[dict[str, bytes], tuple[str, ...]]:
        """Return cards by hex key as they came since the last call, and who has left, for whoever keeps them."""
        fresh, self._fresh = self._fresh, {}
        return fresh, tuple(map(bytes.hex, self._left))

    def is_member(self, agent_key: bytes) -> bool:
        """Say whether this key is a member's, as of the last refresh."""
        return agent_key.hex() in self._members

    def was_member(self, agent_key: bytes) -> bool:
        """Say whether this key is a member's or was one's, as of the last refresh: what they signed stays theirs."""
        return agent_key.hex() in self._members or agent_key in self._left

    def _take_in(self, card: bytes) -> None:
        key = ""
        try:
            key = cards.key_of(card)
            member = cards.read(card)
            self.enter(member)
        except WealError as fault:
            name = key or hashlib.sha256(card).hexdigest()
            self._aside[name] = fault.what
            log.warning("the card of %s is set aside: %s", name[:16], fault.what)
            return
        self._aside.pop(key, None)
        self._fresh[key] = card

    def hear(self, notice: bytes) -> None:
        """Take in an expulsion that follows those that are known; one that does not is set aside, and asked for again."""
        former = self._expulsions[-1] if self._expulsions else None
        name = f"expulsion {former.number + 1 if former else 1}"
        try:
            expulsion = expulsions.read(notice, self.coordinator, bytes.fromhex(self.id))
            expulsions.check_follows(former, expulsion)
        except WealError as fault:
            self._aside[name] = fault.what
            log.warning("%s is set aside: %s", name, fault.what)
            return
        self._aside.pop(name, None)
        self._expulsions.append(expulsion)
        self._fresh_expulsions.append((notice, expulsion))

    @property
    def chain(self) -> Chain:
        """The community's charters as far as they are known."""
        self._chain = self._chain or self.membership.chain
        return self._chain

    def jury(self) -> Jury:
        """Return the jury of the charter in force, by which verdicts are checked."""
        self._jury = self._jury or self.membership.jury
        return self._jury

    def fresh_charter(self) -> bool:
        """Say whether the charter was amended since the last call, for whoever keeps the membership."""
        fresh, self._amended = self._amended, False
        return fresh

    def hear_charters(self, raws: Sequence[bytes], head: bytes) -> None:
        """Take in the charters that go on from those known. What does not is kept out, and `charter_fork` says why.

        head: SHA-256 of the newest one that the coordinator has; empty from a coordinator that knows of no chain."""
        self.charter_fork = ""
        chain, last = self.chain, self.chain.last
        try:
            for raw in raws:
                chain = charters.follow(chain, raw, self.coordinator)
                jury.of_charter(chain.current, chain.community)  # one that cannot be read is not taken
                self._chain, self._jury, self._amended = chain, None, True
                self.membership = self.membership.under(chain)
        except WealError as fault:
            self.charter_fork = f"what was shown after charter {self.chain.last.number} is refused: {fault.what}"
        else:
            if not raws and head != last.sha256 and (head or last.number):
                self.charter_fork = (
                    f"the coordinator does not show charter {last.number} as its newest, which this node holds"
                )
        if self.charter_fork:
            log.warning("charters: %s", self.charter_fork)

    def enter(self, member: Member) -> None:
        """Know this member from now on, or their newer card. CommunityError where their keys are others than before."""
        known = self._members.get(member.agent_key.hex()) or self._former.get(member.agent_key.hex())
        if known is not None and (known.seal_key, known.ratification_key) != (member.seal_key, member.ratification_key):
            raise CommunityError(f"the keys of {known.name} have changed", "Ask them, by another way, before you go on")
        if known is None or known.issued_ms <= member.issued_ms:
            self._members[member.agent_key.hex()] = member
